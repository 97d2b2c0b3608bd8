package headwatch

import "time"

// Silence holds back what people would be told anew: the first word of an incident on a channel, and every escalation. It never
// holds back a resolve, nor anything to who was told before; detection, the journal and, unless HoldHooks says so, the hooks go on.
type Silence struct {
	ID        string    `json:"id"` // of one that a calendar makes: the same whenever it is read
	Matchers  []Matcher `json:"matchers"`
	Starts    time.Time `json:"starts"`
	Ends      time.Time `json:"ends"`
	Author    string    `json:"author"`
	Reason    string    `json:"reason"`
	HoldHooks bool      `json:"hold_hooks,omitempty"`
	Window    string    `json:"window,omitempty"` // the [[maintenance]] that it is of
}

// Matcher is one condition of a silence, in the shape of Alertmanager's. All matchers of a silence must hold. Names are circuit,
// chain, condition and severity.
type Matcher struct {
	Name    string `json:"name"`
	Value   string `json:"value"` // with IsRegex an expression that must match all of it
	IsRegex bool   `json:"isRegex"`
	IsEqual bool   `json:"isEqual"` // false turns it around
}

// Calendar is the author of silences that no person ordered, and the Actor of the orders that begin and end them.
const Calendar = "calendar"
