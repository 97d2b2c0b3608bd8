package explain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"

	"headwatch"
)

// Every hint that there is has its words: a new one without them would be left out of pages without a trace.
func TestEveryHintIsSaidInWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../condition.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := v.Type.(*ast.Ident); !ok || kind.Name != "Hint" {
			return true
		}
		found++
		hint, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil || hints[headwatch.Hint(hint)] == "" {
			t.Errorf("%s has no words, %v", v.Names[0], err)
		}
		return true
	})
	if found == 0 || found != len(hints) {
		t.Errorf("%d hints in words, %d in condition.go", len(hints), found)
	}
}

func TestEveryPhaseAndVerdictIsSaidInWords(t *testing.T) {
	for p := headwatch.Unknown; p <= headwatch.CatchingUp; p++ {
		if phases[p] == "" {
			t.Errorf("phase %s has no words", p)
		}
	}
	for v := headwatch.NoVote; v <= headwatch.VoteStale; v++ {
		if verdicts[v] == "" {
			t.Errorf("verdict %s has no words", v)
		}
	}
}

func TestVerdict(t *testing.T) {
	at := time.Date(2026, 11, 21, 15, 46, 41, 0, time.UTC)
	head := &headwatch.Head{Number: 7, Time: at.Add(-2 * time.Second)}
	finding := func(c headwatch.Condition, held time.Duration) *headwatch.Finding {
		return &headwatch.Finding{Condition: c, Since: at.Add(-held), Detail: "a detail"}
	}
	for _, test := range []struct {
		want  string
		phase headwatch.Phase
		hint  headwatch.Hint
		head  *headwatch.Head
		lead  *headwatch.Finding
	}{
		{"base: live, head 7 of age 2s", headwatch.Live, "", head, nil},
		{"base: live, but safe head stalled for 1m; " + hints[headwatch.HintSafe], headwatch.Live, headwatch.HintSafe, head, finding(headwatch.SafeHeadStalled, time.Minute)},
		{"base: stalled for 1m", headwatch.Stalled, "", head, finding(headwatch.UnsafeHeadStalled, time.Minute)},
		{"ethereum: stalled for 1m", headwatch.Stalled, "", head, finding(headwatch.L1HeadStalled, time.Minute)},
		{"base: slow, and reorg for 1m", headwatch.Slow, "", head, finding(headwatch.Reorg, time.Minute)},
		{"base: catching up, which is not yet recovery, head 7 of age 2s", headwatch.CatchingUp, "", head, nil},
		{"base: no verdict yet: whether the head moves takes a moment to see", headwatch.Unknown, "", head, nil},
		{"base: no verdict yet: no endpoint has named a head", headwatch.Unknown, "", nil, nil},
		{"base: blind for 1m: a detail", headwatch.Unknown, "", head, finding(headwatch.Blind, time.Minute)},
	} {
		a := headwatch.Assessment{At: at, Phase: test.phase, Hint: test.hint, Head: test.head}
		if test.lead != nil {
			a.Findings = []headwatch.Finding{*test.lead}
		}
		chain, _, _ := strings.Cut(test.want, ":")
		if got := verdict(chain, &a, test.lead); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
