// Package hook makes the world outside act when a circuit changes its state: one file a kind. It tells programs; telling
// people is package alert's. It does not decide, order or retry: that is done before and around it.
package hook

import (
	"fmt"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// kinds is every kind of hook there is.
var kinds = map[string]func(config.Hook) (delivery.Sender, error){
	config.HookWebhook: newWebhook,
	config.HookCommand: newCommand,
}

// New makes the sender of a configured hook. Its errors show no secret.
func New(c config.Hook) (delivery.Sender, error) {
	kind, ok := kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("hook %s: unknown kind %q", c.Name, c.Kind)
	}
	s, err := kind(c)
	if err != nil {
		return nil, fmt.Errorf("hook %s: %w", c.Name, err)
	}
	return s, nil
}

// event names what a notice means to a program, after the state that the circuit is in now; "" when the notice is for
// people only.
func event(n headwatch.Notice) string {
	switch n.Kind {
	case headwatch.StepTrip, headwatch.StepRelapse, headwatch.StepRecover, headwatch.StepResolve:
		return "circuit." + n.Transition.To.String()
	}
	return ""
}
