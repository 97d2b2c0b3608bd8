package watcher

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"headwatch"
)

var update = flag.Bool("update", false, "write the golden files and docs/conditions.md anew")

func conditionsDocument() string {
	var b strings.Builder
	b.WriteString("# Conditions\n\nGenerated from the table in `watcher/conditions.go` by `make golden`.\n\n" +
		"A condition in a circuit's `on` climbs the ladder warn, page, trip; one in its `tell` warns and pages and never trips. What\n" +
		"is told has an incident of its own, which swallows no page of what is in `on` and keeps no circuit from closing.\n")
	for _, r := range Rules {
		where := "`tell`"
		if r.Trips {
			where = "`on` or `tell`"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n**What to do:** %s\n\nMay stand in %s.\n", r.Condition, r.Means, r.Advice, where)
	}
	b.WriteString("\n# Conditions of headwatch itself\n\nThey hold on no chain. `[watchdog]` says who is told, [paging.md](paging.md#the-watchdog-watched) how.\n")
	for _, r := range OwnRules {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n**What to do:** %s\n", r.Condition, r.Means, r.Advice)
	}
	return b.String()
}

func TestTheDocumentOfConditionsIsUpToDate(t *testing.T) {
	const path = "../docs/conditions.md"
	want := conditionsDocument()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is out of date: run make golden", path)
	}
}

func TestEveryRuleIsCompleteAndUnique(t *testing.T) {
	seen := make(map[headwatch.Condition]bool)
	for _, r := range slices.Concat(Rules, OwnRules) {
		if seen[r.Condition] {
			t.Errorf("%s stands twice", r.Condition)
		}
		seen[r.Condition] = true
		if r.Means == "" || !strings.HasSuffix(r.Advice, ".") || Advice(r.Condition) != r.Advice {
			t.Errorf("%s: means %q, advice %q", r.Condition, r.Means, r.Advice)
		}
	}
	if got := Advice("no_such_condition"); got != "" {
		t.Errorf("advice for an unknown condition: %q", got)
	}
}

func TestEveryConditionHasARuleInTheOrderOfTheList(t *testing.T) {
	var got []headwatch.Condition
	for _, r := range slices.Concat(Rules, OwnRules) {
		got = append(got, r.Condition)
	}
	if want := slices.Concat(headwatch.Conditions(), headwatch.WatchdogConditions()); !slices.Equal(got, want) {
		t.Errorf("rules for %v, want %v", got, want)
	}
}
