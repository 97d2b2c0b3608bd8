// Package alert tells people what a circuit does and why: one file a channel kind, one text for all of them. Making
// programs act is package hook's. It does not decide who is told, order or retry: that is done before and around it.
package alert

import (
	"fmt"
	"io"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Deps is what messages need from the rest of the program. The functions may be called from several goroutines; either
// may be nil.
type Deps struct {
	// Advice gives one sentence that says what to do about a condition; "" when there is nothing to say.
	Advice func(headwatch.Condition) string
	// Hooks gives the hooks of a circuit in words, such as "pause-lending (dry run)".
	Hooks func(circuit string) []string
	// Console is where console channels write.
	Console io.Writer
}

// kinds is every kind of channel there is.
var kinds = map[string]func(config.Alert, Deps) (delivery.Sender, error){
	config.AlertPagerDuty: newPagerDuty,
	config.AlertSlack:     newSlack,
	config.AlertWebhook:   newWebhook,
	config.AlertConsole:   newConsole,
}

// New makes the sender of a configured channel. Its errors show no secret.
func New(c config.Alert, d Deps) (delivery.Sender, error) {
	kind, ok := kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("alert %s: unknown kind %q", c.Name, c.Kind)
	}
	s, err := kind(c, d)
	if err != nil {
		return nil, fmt.Errorf("alert %s: %w", c.Name, err)
	}
	return s, nil
}
