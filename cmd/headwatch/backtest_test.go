package main

import (
	"bytes"
	"slices"
	"testing"

	"headwatch/backtest"
)

// quietProfiles are those on which the tests spend a day; `headwatch backtest` spends thirty on each.
var quietProfiles = []string{"base", "ethereum"}

func TestTheCorpusIsJudgedAsExpected(t *testing.T) {
	scenarios, err := backtest.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := backtest.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	profiles = slices.DeleteFunc(profiles, func(p backtest.Profile) bool { return !slices.Contains(quietProfiles, p.Preset) })
	cards, err := backtest.Run(t.Context(), judgeHeard, backtest.Options{Scenarios: scenarios, Profiles: profiles, Days: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !cards[0].OK() {
		var text bytes.Buffer
		if err := cards[0].Print(&text); err != nil {
			t.Fatal(err)
		}
		t.Errorf("\n%s", text.String())
	}
}
