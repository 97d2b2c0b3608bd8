package config

import (
	"strings"
	"testing"
)

func TestAnAlertOfTwoPeopleIsWarnedOf(t *testing.T) {
	const people = "[[person]]\nname = \"alice\"\ntell = [\"ops\"]\n[[person]]\nname = \"bob\"\ntell = [\"ops\"]"
	c, err := Parse("t", altered(map[string]string{"#end": people}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Warnings(), "\n"); !strings.Contains(got, `person "bob": alert "ops" also reaches alice, who is woken whenever bob is on call`) {
		t.Errorf("%s", got)
	}
}

func TestWhatNobodyIsToldByIsWarnedOf(t *testing.T) {
	const duty = `[[person]]
name = "alice"
tell = ["ops"]
[[person]]
name = "bob"
tell = ["ops"]
[[rota]]
name = "first-line"
people = ["alice"]
starts = "2026-11-23T09:00"
[[escalation]]
name = "nights"
[[escalation.step]]
tell = ["ops"]
`
	idle := []string{`escalation "nights": no circuit uses it, so it tells nobody; give the circuit escalation = "nights"`, `rota "first-line": no step of an escalation tells it`, `person "bob": no escalation and no rota names them`}
	for name, c := range map[string]struct {
		more string
		want []string
	}{
		"all of it":    {"", idle},
		"the watchdog": {"[watchdog]\nescalation = \"nights\"", idle[1:]},
		"a step":       {"[watchdog]\nescalation = \"all\"\n[[escalation]]\nname = \"all\"\n[[escalation.step]]\ntell = [\"first-line\", \"bob\"]", idle[:1]},
		"a cover":      {"[[rota]]\nname = \"x\"\npeople = [\"alice\"]\nstarts = \"2026-11-23T09:00\"\n[[rota.cover]]\nperson = \"bob\"\nfrom = \"2026-12-24T09:00\"\nuntil = \"2026-12-27T09:00\"", append(idle[:2:2], `rota "x": no step`)},
	} {
		parsed, err := Parse("t", altered(map[string]string{"#end": duty + c.more}), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(parsed.Warnings(), "\n")
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s is missing in\n%s", name, want, got)
			}
		}
		if n := strings.Count(got, "no circuit uses it") + strings.Count(got, "no step of an") + strings.Count(got, "no escalation and no rota"); n != len(c.want) {
			t.Errorf("%s: %d, want %d:\n%s", name, n, len(c.want), got)
		}
	}
}
