package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/journal"
	"headwatch/web"
)

// disk is a journal that can be full.
type disk struct {
	mu    sync.Mutex
	err   error
	taken []uint64
}

func (d *disk) set(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *disk) Decide(_ context.Context, t headwatch.Transition) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.taken = append(d.taken, t.Seq)
	}
	return d.err
}

func recorderOf(d *disk) (*recorder, *[]uint64) {
	var told []uint64
	return newRecorder(d, func(t headwatch.Transition) { told = append(told, t.Seq) }, web.NewMetrics(&config.Config{}), zap.NewNop()), &told
}

func decision(seq uint64) headwatch.Transition {
	return headwatch.Transition{Circuit: "lending", Seq: seq, From: headwatch.Closed, To: headwatch.Closed}
}

func TestADecisionThatTheJournalRefusesIsToldAndRecordedLaterInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := &disk{err: errors.New("no space left on device")}
		r, told := recorderOf(full)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		for seq := uint64(1); seq <= 3; seq++ {
			if err := r.decide(ctx, decision(seq)); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(*told, []uint64{1, 2, 3}) || r.waiting() != 3 {
			t.Errorf("told %v, waiting %d, want all three told and waiting", *told, r.waiting())
		}
		time.Sleep(10 * backlogRetry)
		full.set(nil)
		time.Sleep(backlogRetry)
		synctest.Wait()
		if !slices.Equal(full.taken, []uint64{1, 2, 3}) || r.waiting() != 0 {
			t.Errorf("recorded %v, waiting %d", full.taken, r.waiting())
		}
		if err := r.await(ctx, "lending", 3); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestADecisionBehindOthersWaitsItsTurn(t *testing.T) {
	full := &disk{err: errors.New("no space left on device")}
	r, told := recorderOf(full)
	_ = r.decide(t.Context(), decision(1))
	full.set(nil)
	_ = r.decide(t.Context(), decision(2))
	if len(full.taken) != 0 || !slices.Equal(*told, []uint64{1, 2}) {
		t.Errorf("recorded %v before the first, told %v", full.taken, *told)
	}
}

func TestAFencedProcessStops(t *testing.T) {
	r, told := recorderOf(&disk{err: fmt.Errorf("append: %w", journal.ErrFenced)})
	if err := r.decide(t.Context(), decision(1)); !errors.Is(err, journal.ErrFenced) {
		t.Errorf("decide: %v", err)
	}
	if len(*told) != 0 {
		t.Error("a deposed process told somebody")
	}
}

func TestWhoAwaitsARecordGivesUpInTime(t *testing.T) {
	r, _ := recorderOf(&disk{err: errors.New("down")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.await(ctx, "lending", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("await: %v", err)
	}
}
