package explain

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"headwatch"
)

// WhoSchema is the version of Who. A field may be added under the same version; anything else is a new version.
const WhoSchema = "headwatch.who/v1"

// Foreseeable reports whether it can be said who is on call at an instant: within ten years of now. Beyond, a rota is counted, or a
// calendar unrolled, for nothing.
func Foreseeable(at, now time.Time) bool {
	return at.After(now.AddDate(-10, 0, 0)) && at.Before(now.AddDate(10, 0, 0))
}

// Who is whom a stall of a circuit would reach, if it began at an instant, lasted, and nobody acknowledged.
type Who struct {
	Schema    string              `json:"schema"`
	Circuit   string              `json:"circuit"`
	Condition headwatch.Condition `json:"condition"` // what would be found
	Begins    time.Time           `json:"begins"`
	Until     time.Time           `json:"until"` // what is told after that is left out
	Told      []WhoStep           `json:"told"`  // the earliest first
}

// WhoStep is one time at which people and hooks are told.
type WhoStep struct {
	At       time.Time          `json:"at"`
	After    time.Duration      `json:"after_ns"` // since it began
	Kind     headwatch.StepKind `json:"kind"`
	Level    headwatch.Level    `json:"level"` // of the incident then
	Channels []string           `json:"channels,omitempty"`
	OnCall   []string           `json:"on_call,omitempty"`
	Hooks    []string           `json:"hooks,omitempty"`   // that are told, with their modes in words
	Held     []string           `json:"held,omitempty"`    // who would be told but for the silence
	Silence  string             `json:"silence,omitempty"` // which
	Why      string             `json:"why"`               // the rung, or the step of the escalation and its round
}

// Text is the answer for people. It ends with a newline.
func (w *Who) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: who is told if from %s on %s holds and nobody acknowledges\n", w.Circuit, Stamp(w.Begins), Words(w.Condition))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "AFTER\tAT\tTOLD\tON CALL\tWHY")
	for i := range w.Told {
		s := &w.Told[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", Span(s.After), Stamp(s.At), listed(s.Channels, "nobody"), listed(s.OnCall, "-"), s.why())
	}
	_ = t.Flush() // into memory
	fmt.Fprintf(&b, "What comes after %s is left out.\n", Stamp(w.Until))
	return b.String()
}

func (s *WhoStep) why() string {
	text := s.Why
	if len(s.Hooks) > 0 {
		text += "; hooks: " + strings.Join(s.Hooks, ", ")
	}
	if len(s.Held) > 0 {
		text += fmt.Sprintf("; SILENCED by %s: %s", s.Silence, strings.Join(s.Held, ", "))
	}
	return text
}

func listed(all []string, none string) string {
	if len(all) == 0 {
		return none
	}
	return strings.Join(all, ", ")
}
