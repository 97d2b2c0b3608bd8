package headwatch

import (
	"slices"
	"testing"
)

func TestACircuitSeesTheHooksThatItLists(t *testing.T) {
	all := []Finding{
		{Condition: UnsafeHeadStalled},
		{Condition: HookNotReady, Hook: "ours"},
		{Condition: EndpointLagging, Endpoint: "a"},
		{Condition: HookNotReady, Hook: "theirs"},
	}
	a := Assessment{Findings: slices.Clone(all)}
	for _, c := range []struct {
		hooks []string
		want  []int
	}{
		{nil, []int{0, 2}},
		{[]string{"ours", "other"}, []int{0, 1, 2}},
		{[]string{"theirs", "ours"}, []int{0, 1, 2, 3}},
	} {
		seen := a.For(c.hooks).Findings
		ok := len(seen) == len(c.want)
		for i := range c.want {
			ok = ok && seen[i].Condition == all[c.want[i]].Condition && seen[i].Hook == all[c.want[i]].Hook
		}
		if !ok {
			t.Errorf("with hooks %v: %+v", c.hooks, seen)
		}
	}
	for i := range all {
		if a.Findings[i].Hook != all[i].Hook {
			t.Errorf("the assessment itself was changed: %+v", a.Findings)
		}
	}
	if all[1].OfChain() || all[2].OfChain() || !all[0].OfChain() {
		t.Error("what one endpoint or hook has is not the whole chain's")
	}
}
