package web

import (
	"headwatch"
	"headwatch/config"
)

// The closed sets behind labels, so that a series exists before the first event of its kind.

const (
	sourcePoll = "poll"
	sourcePush = "push"
)

var conditions = headwatch.Conditions()

var outcomes = []headwatch.Outcome{headwatch.Delivered, headwatch.DryRun, headwatch.Coalesced, headwatch.Refused, headwatch.Withheld}

var (
	phases = []headwatch.Phase{
		headwatch.Unknown, headwatch.Live, headwatch.Slow, headwatch.Empty, headwatch.Stalled, headwatch.CatchingUp,
	}
	states = []headwatch.State{headwatch.StateUnknown, headwatch.Closed, headwatch.HalfOpen, headwatch.Open}
	levels = []headwatch.Level{headwatch.LevelNone, headwatch.LevelWarn, headwatch.LevelPage, headwatch.LevelTrip}
)

// What becomes of transactions, and the chains that they are on, in the words of package evm.
var (
	txLegs    = []string{"l2", "l1"}
	txResults = []string{"signed", "accepted", "refused", "landed", "reverted", "lost"}
)

var hookModes = []string{config.ModeOff, config.ModeDryRun, config.ModeConfirm, config.ModeArmed}

// ladder is an outage from the warning to the resolve, with a relapse: the decisions that people alert on. The rarer ones
// of operators appear with their first.
var ladder = []headwatch.Transition{
	{From: headwatch.Closed, To: headwatch.Closed, Level: headwatch.LevelWarn},
	{From: headwatch.Closed, To: headwatch.Closed, Level: headwatch.LevelPage},
	{From: headwatch.Closed, To: headwatch.Open, Level: headwatch.LevelTrip},
	{From: headwatch.Open, To: headwatch.HalfOpen, Level: headwatch.LevelTrip},
	{From: headwatch.HalfOpen, To: headwatch.Open, Level: headwatch.LevelTrip},
	{From: headwatch.HalfOpen, To: headwatch.Closed, Level: headwatch.LevelNone},
	{From: headwatch.Closed, To: headwatch.Closed, Level: headwatch.LevelNone}, // over before it tripped
}

// declare makes the series that follow from the configuration. Those of an endpoint's faults appear with the first of their
// kind: sixteen for each endpoint would cost more memory than all else that is known of it.
func (m *Metrics) declare(c *config.Config) {
	for _, chain := range c.Chains {
		m.polls.WithLabelValues(chain.Name)
		for _, e := range chain.Endpoints {
			m.observations.WithLabelValues(chain.Name, e.Name, sourcePoll)
			m.observations.WithLabelValues(chain.Name, e.Name, sourcePush)
		}
	}
	for _, circuit := range c.Circuits {
		for _, t := range ladder {
			m.transitions.WithLabelValues(circuit.Name, t.From.String(), t.To.String(), t.Level.String())
		}
	}
	for _, t := range ladder {
		if t.From == t.To { // our own troubles open nothing
			m.transitions.WithLabelValues(headwatch.Watchdog, t.From.String(), t.To.String(), t.Level.String())
		}
	}
	var channels []string
	for _, hook := range c.Hooks {
		for _, mode := range hookModes {
			m.modes.WithLabelValues(hook.Name, mode).Set(bit(hook.Mode == mode))
		}
		for _, kind := range headwatch.ReportKinds() {
			m.reports.WithLabelValues(hook.Name, string(kind))
		}
		if hook.OnChain() {
			for _, leg := range txLegs {
				for _, result := range txResults {
					m.txs.WithLabelValues(hook.Name, leg, result)
				}
			}
		}
		channels = append(channels, hook.Name)
	}
	for _, alert := range c.Alerts {
		channels = append(channels, alert.Name)
	}
	for _, channel := range channels {
		m.attempts.WithLabelValues(channel)
		m.dwell.WithLabelValues(channel)
		for _, o := range outcomes {
			m.deliveries.WithLabelValues(channel, string(o))
		}
	}
}
