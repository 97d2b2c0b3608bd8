package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestHint(t *testing.T) {
	early, late := time.Unix(1000, 0), time.Unix(2000, 0)
	of := func(c headwatch.Condition, since time.Time) headwatch.Finding {
		return headwatch.Finding{Condition: c, Since: since}
	}
	at := func(c headwatch.Condition, endpoints ...string) (all []headwatch.Finding) {
		for _, e := range endpoints {
			all = append(all, headwatch.Finding{Condition: c, Since: early, Endpoint: e})
		}
		return all
	}
	endpoints := []config.Endpoint{{Name: "x1", Operator: "x"}, {Name: "x2", Operator: "x"}, {Name: "y"}, {Name: "z"}}
	unsafe, safe := headwatch.UnsafeHeadStalled, headwatch.SafeHeadStalled
	tests := []struct {
		name  string
		clues clues
		want  headwatch.Hint
	}{
		{"all is well", clues{phase: headwatch.Live}, ""},
		{"nothing answers", clues{deaf: true, findings: at(headwatch.EndpointUnreachable, "x1", "x2", "y", "z")}, headwatch.HintUs},
		{"both clocks stand", clues{l1Still: true, standing: true}, headwatch.HintUs},
		{"the second clock stands alone", clues{phase: headwatch.Live, l1Still: true}, headwatch.HintL1},
		{"a layer 1 stands", clues{findings: []headwatch.Finding{of(headwatch.L1HeadStalled, early)}}, headwatch.HintL1},
		{"unsafe", clues{findings: []headwatch.Finding{of(unsafe, early)}}, headwatch.HintUnsafe},
		{"safe", clues{phase: headwatch.Live, findings: []headwatch.Finding{of(safe, early)}}, headwatch.HintSafe},
		{"unsafe, then safe", clues{findings: []headwatch.Finding{of(unsafe, early), of(safe, late)}}, headwatch.HintBoth},
		{"safe, then unsafe", clues{findings: []headwatch.Finding{of(unsafe, late), of(safe, early)}}, headwatch.HintThrottled},
		{"the window closes", clues{phase: headwatch.Live, findings: []headwatch.Finding{of(headwatch.SequencingWindowClosing, early)}}, headwatch.HintSafe},
		{"the batcher is silent", clues{phase: headwatch.Live, findings: []headwatch.Finding{of(headwatch.BatcherSilent, early)}}, headwatch.HintSafe},
		{"empty blocks", clues{phase: headwatch.Empty, findings: []headwatch.Finding{of(headwatch.UserTxsMissing, early)}}, headwatch.HintEmpty},
		{"empty blocks, then none", clues{phase: headwatch.Stalled, findings: []headwatch.Finding{of(unsafe, late), of(headwatch.UserTxsMissing, early)}}, headwatch.HintUnsafe},
		{"the API stands, the chain lives", clues{phase: headwatch.Live, findings: []headwatch.Finding{of(headwatch.APIStale, early)}}, headwatch.HintAPI},
		{"the API stands, the chain is unknown", clues{findings: []headwatch.Finding{of(headwatch.APIStale, early)}}, ""},
		{"one endpoint", clues{phase: headwatch.Live, findings: at(headwatch.EndpointLagging, "x1")}, headwatch.HintProvider},
		{"one endpoint, twice", clues{phase: headwatch.Live, findings: append(at(headwatch.EndpointLagging, "y"), at(headwatch.CertificateExpiring, "z")...)}, headwatch.HintProvider},
		{"all of one operator", clues{phase: headwatch.Live, findings: at(headwatch.EndpointUnreachable, "x1", "x2")}, headwatch.HintOperator},
		{"two of two operators", clues{phase: headwatch.Live, findings: at(headwatch.EndpointUnreachable, "y", "z")}, ""},
		{"all but say something", clues{findings: at(headwatch.WrongChain, "x1", "x2", "y", "z")}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.clues.endpoints = endpoints
			if got := test.clues.hint(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestASequencerThatIsHeldBackIsNamed(t *testing.T) {
	all := []string{"a", "b", "c"}
	s := newSceneOf(t, lagLimits, all...)
	s.batches(500, headwatch.Safe, always(90), all...)
	for range 60 {
		s.wait(time.Second)
		s.tells(500, headwatch.Safe, 90, all...)
	}
	a := s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled, headwatch.SafeHeadStalled)
	if f := a.Find(headwatch.UnsafeHeadStalled); a.Hint != headwatch.HintThrottled || f.Detail != throttled {
		t.Errorf("hint %q, detail %q", a.Hint, f.Detail)
	}
}
