package incident

import (
	"testing"

	"headwatch"
)

func TestWhatIsAConsequenceOfWhat(t *testing.T) {
	at := func(chain, l1 string, c headwatch.Condition) scene {
		return scene{chain, l1, headwatch.Trigger{Condition: c}}
	}
	of := func(operator string, s scene) scene { s.trigger.Operator = operator; return s }
	us := func(s scene) scene { s.trigger.Hint = headwatch.HintUs; return s }
	for name, c := range map[string]struct {
		cause, dependant scene
		want, back       bool // whether it is, and the other way round
	}{
		"stall of an L1 over one of its L2":  {at("eth", "", headwatch.L1HeadStalled), at("base", "eth", headwatch.UnsafeHeadStalled), true, false},
		"over what else happens on it":       {at("eth", "", headwatch.L1HeadStalled), at("eth", "", headwatch.Blind), true, false},
		"not over what settles elsewhere":    {at("eth", "", headwatch.L1HeadStalled), at("zk", "sepolia", headwatch.UnsafeHeadStalled), false, false},
		"as two L2 see it":                   {at("base", "eth", headwatch.L1HeadStalled), at("op", "eth", headwatch.L1HeadStalled), true, true},
		"a stall of an L2 is nobody's cause": {at("base", "eth", headwatch.UnsafeHeadStalled), at("op", "eth", headwatch.UnsafeHeadStalled), false, false},
		"we are blind, and see no hook":      {us(at("base", "eth", headwatch.Blind)), at("op", "eth", headwatch.HookNotReady), true, false},
		"we are blind on every chain":        {us(at("base", "eth", headwatch.Blind)), us(at("op", "eth", headwatch.Blind)), true, true},
		"a stall that is seen is none of it": {us(at("base", "eth", headwatch.Blind)), at("op", "eth", headwatch.UnsafeHeadStalled), false, false},
		"blind for another reason":           {at("base", "eth", headwatch.Blind), at("op", "eth", headwatch.Blind), false, false},
		"blind on the L1":                    {at("eth", "", headwatch.Blind), at("op", "eth", headwatch.Blind), true, false},
		"one operator": {
			of("acme", at("base", "eth", headwatch.EndpointUnreachable)), of("acme", at("zk", "sepolia", headwatch.CertificateExpiring)), true, true,
		},
		"two operators": {
			of("acme", at("base", "eth", headwatch.EndpointUnreachable)), of("other", at("base", "eth", headwatch.EndpointUnreachable)), false, false,
		},
		"an operator that nobody knows": {at("base", "eth", headwatch.EndpointLagging), at("base", "eth", headwatch.EndpointLagging), false, false},
	} {
		if got, back := beneath(c.cause, c.dependant), beneath(c.dependant, c.cause); got != c.want || back != c.back {
			t.Errorf("%s: %t and back %t, want %t and %t", name, got, back, c.want, c.back)
		}
	}
}
