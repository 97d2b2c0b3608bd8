package breaker

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/config"
)

// A script is a circuit's life, one Feed a line:
//
//	AT PHASE [FINDING@SINCE] [PERSON:ORDER] -> TRANSITION, TRANSITION
//
// as in "30s stalled stall@0s -> closed warn #1". AT and SINCE count from the beginning; nothing after the line means that
// nothing is decided; "!text" is a refused order; a line "restart" restores the circuit from its newest transition.
var conditions = map[string]headwatch.Condition{
	"stall": headwatch.UnsafeHeadStalled,
	"slow":  headwatch.UnsafeHeadSlow,
	"blind": headwatch.Blind,
	"l1":    headwatch.L1HeadStalled,
	"skew":  headwatch.ClockSkew, // neither in On nor in Tell
}

func instant(t tester, s string) time.Time {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatalf("script: %v", err)
	}
	return began.Add(d)
}

func parse(t tester, line string) (headwatch.Assessment, []headwatch.Action) {
	t.Helper()
	words := strings.Fields(line)
	a := headwatch.Assessment{Chain: "base", At: instant(t, words[0])}
	if err := a.Phase.UnmarshalText([]byte(words[1])); err != nil {
		t.Fatalf("script %q: %v", line, err)
	}
	var orders []headwatch.Action
	for _, word := range words[2:] {
		if name, at, ok := strings.Cut(word, "@"); ok {
			if conditions[name] == "" {
				t.Fatalf("script %q: no condition %q", line, name)
			}
			a.Findings = append(a.Findings, headwatch.Finding{Condition: conditions[name], Since: instant(t, at)})
			continue
		}
		actor, order, _ := strings.Cut(word, ":")
		kind, length, _ := strings.Cut(order, "=")
		o := headwatch.Action{Kind: headwatch.ActionKind(kind), Actor: actor, Reason: "drill"}
		if length != "" {
			o.For = instant(t, length).Sub(began)
		}
		orders = append(orders, o)
	}
	return a, orders
}

// play runs a script against a new circuit and compares every line's decisions.
func play(t *testing.T, cfg config.Circuit, script string) *lab {
	t.Helper()
	l := newLab(t, cfg)
	for line := range strings.Lines(script) {
		input, want, _ := strings.Cut(strings.TrimSpace(line), "->")
		input, want = strings.TrimSpace(input), strings.TrimSpace(want)
		switch input {
		case "":
			continue
		case "restart":
			l.restart()
			continue
		}
		a, orders := parse(t, input)
		decided, errs := l.feed(a, orders...)
		var got []string
		for _, err := range errs {
			if err != nil {
				_, why, _ := strings.Cut(err.Error(), "refused: ")
				got = append(got, "!"+why)
			}
		}
		for _, d := range decided {
			got = append(got, l.render(d))
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s\n got %s\nwant %s", input, text, want)
		}
	}
	return l
}

// story is a script with the behaviour that it shows.
type story struct{ name, script string }

func tell(t *testing.T, cfg config.Circuit, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { play(t, cfg, s.script) })
		})
	}
}
