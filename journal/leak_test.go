package journal

import (
	"testing"

	"go.uber.org/goleak"

	"headwatch/config"
)

func TestCloseLeavesNothingRunningAndAnswersWithAnError(t *testing.T) {
	before := goleak.IgnoreCurrent()
	j := open(t, config.Journal{Dir: t.TempDir()})
	do(t, j.Decide(t.Context(), step("lending", 1)))
	for range j.Read(t.Context(), 0, false) {
	}
	got, stop := hand(t, j, "on-call")
	stop()
	shut(t, j)
	goleak.VerifyNone(t, before)
	if len(got) > 0 {
		t.Error("a notice that was never told")
	}
	if err := j.Decide(t.Context(), step("lending", 2)); err == nil {
		t.Error("decided after Close")
	}
	if err := j.Notices(t.Context(), "on-call", func(Pending) {}); err == nil {
		t.Error("read after Close")
	}
	if j.Err() == nil {
		t.Error("a closed journal is well")
	}
}
