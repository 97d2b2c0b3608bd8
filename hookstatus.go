package headwatch

import "time"

// HookStatus is what is known of one hook, for status pages and metrics.
type HookStatus struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Mode     string    `json:"mode"`
	Circuits []string  `json:"circuits"`           // that fire it
	Chain    string    `json:"chain,omitempty"`    // on which it acts; empty when it acts on none
	Ready    *bool     `json:"ready,omitempty"`    // whether it would work if it had to fire now; nil when it cannot be, or was not yet, tried
	Why      string    `json:"why,omitempty"`      // it is not ready: all that is wrong, on one line
	Since    time.Time `json:"since,omitzero"`     // of the first trial since Ready is what it is
	Checked  time.Time `json:"checked,omitzero"`   // the newest trial
	Incident bool      `json:"incident,omitempty"` // its circuits are told when it is not ready
}
