package evm

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
)

// mute is a journal that does not answer.
type mute struct{ *book }

func (mute) Keep(ctx context.Context, _, _, _ string, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (mute) Report(ctx context.Context, _ headwatch.Report) error {
	<-ctx.Done()
	return ctx.Err()
}

// What is on its way is followed while the journal hangs: an attempt must not spend its minute on waiting for it.
func TestAJournalThatHangsKeepsNoPauseWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &Hook{deps: Deps{Journal: mute{}}, begun: map[string]*memory{}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		e := h.errand(trip("i"))
		h.begin(ctx, e)
		if err := h.report(ctx, e, line{Kind: headwatch.ReportSent}); err == nil {
			t.Error("it is on record")
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("it waited %v", took)
		}
	})
}
