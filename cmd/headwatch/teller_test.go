package main

import (
	"context"
	"errors"
	"testing"

	"headwatch"
)

// fullDisk takes a number of notices and then none.
type fullDisk struct{ takes int }

func (d *fullDisk) Tell(_ context.Context, notices ...headwatch.Notice) error {
	if d.takes -= len(notices); d.takes < 0 {
		return errors.New("disk full")
	}
	return nil
}

// A decision that was the last thing to get on the disk must not be the one that nobody hears of.
func TestWhatIsToBeToldIsToldOnceThoughItDoesNotGetOnRecord(t *testing.T) {
	var direct []headwatch.Notice
	j := &fullDisk{takes: 1}
	tell := teller(j, func(n []headwatch.Notice) { direct = append(direct, n...) })
	page := []headwatch.Notice{{Incident: "lending-1", Channel: "on-call"}}
	if err := tell(t.Context(), 1, page); err != nil || len(direct) != 0 {
		t.Errorf("%v, told directly %v", err, direct)
	}
	for range 3 {
		if tell(t.Context(), 2, page) == nil {
			t.Error("on record, it says")
		}
	}
	if len(direct) != 1 || direct[0].Channel != "on-call" {
		t.Errorf("told directly %v", direct)
	}
	j.takes = 1
	if err := tell(t.Context(), 2, page); err != nil || len(direct) != 1 {
		t.Errorf("%v, told directly %v", err, direct)
	}
	stopping, stop := context.WithCancel(t.Context())
	stop()
	if tell(stopping, 3, page) == nil || len(direct) != 1 {
		t.Errorf("told directly %v at a stop", direct)
	}
}
