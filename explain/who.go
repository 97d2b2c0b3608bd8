package explain

import (
	"fmt"
	"slices"
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

	Rule  string `json:"rule,omitempty"`  // the step of the escalation; "" of a rung
	Round int    `json:"round,omitempty"` // how often the step was told before
}

// Text is the answer for people: of the repeats of a step the first, and how they go on while they reach the same people. It ends
// with a newline.
func (w *Who) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: who is told if from %s on %s holds and nobody acknowledges\n", w.Circuit, Stamp(w.Begins), Words(w.Condition))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "AFTER\tAT\tTOLD\tON CALL\tWHY")
	for _, c := range w.chains() {
		s, why := c[0], c[0].why()
		if n := len(c); n > 1 {
			why += fmt.Sprintf("; then every %s up to %s", Span(c[1].After-s.After), Span(c[n-1].After))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", Span(s.After), Stamp(s.At), listed(s.Channels, "nobody"), listed(s.OnCall, "-"), why)
	}
	_ = t.Flush() // into memory
	fmt.Fprintf(&b, "What comes after %s is left out.\n", Stamp(w.Until))
	return b.String()
}

// chains groups the repeats of a step that follow each other at the same interval and reach the same people.
func (w *Who) chains() (all [][]*WhoStep) {
	newest := make(map[string]int)
	for i := range w.Told {
		s := &w.Told[i]
		if at, again := newest[s.Rule]; again && all[at][0].Round > 0 && s.follows(all[at]) {
			all[at] = append(all[at], s)
			continue
		}
		if all = append(all, []*WhoStep{s}); s.Rule != "" {
			newest[s.Rule] = len(all) - 1
		}
	}
	return all
}

func (s *WhoStep) follows(chain []*WhoStep) bool {
	n := len(chain)
	first, last := chain[0], chain[n-1]
	return slices.Equal(s.Channels, first.Channels) && slices.Equal(s.OnCall, first.OnCall) && slices.Equal(s.Held, first.Held) && s.Silence == first.Silence &&
		(n == 1 || s.After-last.After == last.After-chain[n-2].After)
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
