package main

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// fill makes every write of the victim that makes a file longer fail, as on a full disk, until the returned function
// gives the space back.
func (v *victim) fill(t *testing.T) (free func()) {
	t.Helper()
	l := <-v.lives
	v.lives <- l
	var before unix.Rlimit
	full := unix.Rlimit{Cur: 100, Max: unix.RLIM_INFINITY} // so that the 21 bytes of the journal's TAIL can be overwritten
	if err := unix.Prlimit(l.process.Pid, unix.RLIMIT_FSIZE, &full, &before); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := unix.Prlimit(l.process.Pid, unix.RLIMIT_FSIZE, &before, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// A page fails open and a pause fails closed: with a full disk people are told without a record, programs are not, and
// what was decided meanwhile is on record as soon as there is space.
func TestAFullDiskSwallowsNoPage(t *testing.T) {
	tr, ctx := newTrial(t, 1)
	v := tr.victims[0]
	free := v.fill(t)
	tr.stop(t)
	tr.await(ctx, t, "the page of the trip", func(v *victim) bool {
		return slices.ContainsFunc(v.requests, func(q request) bool { return q.severity == "critical" && q.answered })
	})
	var readiness struct{ Reasons []string }
	code, err := v.dog.get(ctx, "/readyz", &readiness)
	why := strings.Join(readiness.Reasons, "; ")
	if code != http.StatusServiceUnavailable || !strings.Contains(why, "decisions were told but are not on record") {
		t.Errorf("readyz answers %d %q, %v", code, why, err)
	}
	v.change(func() {
		for _, q := range v.requests {
			if q.channel == "market-makers" || !bytes.Contains(q.body, []byte("NOT IN THE JOURNAL")) {
				t.Errorf("told without a record, and as if there were one: %s", q.body)
			}
		}
	})

	free()
	tr.await(ctx, t, "the circuit to open", func(v *victim) bool { return v.incidents("market-makers", "circuit.open") == 1 })
	tr.ready(ctx, t)
	tr.chains.ResumeL2(0)
	tr.await(ctx, t, "the circuit to close and the page to be resolved", func(v *victim) bool {
		return v.incidents("market-makers", "circuit.closed") == 1 && v.incidents("on-call", "resolve") == 1
	})
	tr.judge(ctx, t, func(*victim, history) {})
}
