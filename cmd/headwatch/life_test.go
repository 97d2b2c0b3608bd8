package main

import (
	"strings"
	"testing"
	"time"

	"headwatch/journal"
)

// slate keeps the newest mark, as the journal does for the next process.
type slate struct{ line []byte }

func (s *slate) Mark(line []byte) error {
	s.line = line
	return nil
}

func begin(s *slate, at, written time.Time) *life {
	l := &life{journal: s, started: at, warn: 30 * time.Second, recover: time.Minute}
	l.recall(journal.Mark{Data: s.line, At: written})
	return l
}

func TestWhatAStartSaysOfTheStopBeforeIt(t *testing.T) {
	start := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	after := func(d time.Duration) time.Time { return start.Add(d) }
	quiet := &channels{health: newHealth()}
	heads := map[string]uint64{"base": 150, "one": 7}

	s := &slate{}
	if l := begin(s, start, time.Time{}); l.restart(start, heads, 2, quiet) != nil {
		t.Error("the first start of all is told of")
	}
	first := begin(s, start, time.Time{})
	first.sign(after(time.Hour), map[string]uint64{"base": 100, "one": 7, "gone": 5})
	died := after(time.Hour)

	// It died. The next one is up ten minutes later, and waits a moment for the heads.
	up := died.Add(10 * time.Minute)
	second := begin(s, up, died)
	if second.restart(up.Add(time.Second), map[string]uint64{"base": 150}, 2, quiet) != nil {
		t.Error("it is told of before it is known what happened")
	}
	r := second.restart(up.Add(2*time.Second), heads, 2, quiet)
	if r == nil || !r.Since.Equal(died) {
		t.Fatalf("got %+v, want since %s", r, died)
	}
	want := "nobody watched for 10m until 2026-03-01 11:10:00Z; base went from block 100 to 150; gone was at block 5 and has not been heard yet; one has not moved from block 7"
	if r.Detail != want {
		t.Errorf("got  %s\nwant %s", r.Detail, want)
	}
	if second.restart(up.Add(4*time.Second), heads, 2, quiet) == nil || second.restart(up.Add(5*time.Second), heads, 2, quiet) != nil {
		t.Error("it is not told of for a moment, or for longer")
	}

	// It dies again within the recovery: for people that is one absence, which goes on.
	second.sign(up.Add(20*time.Second), heads)
	third := begin(s, up.Add(30*time.Second), up.Add(20*time.Second))
	if r = third.restart(up.Add(30*time.Second), nil, 2, quiet); r == nil || !r.Since.Equal(died) || !strings.Contains(r.Detail, "not the first such stop") {
		t.Errorf("the second death in a row: %+v", r)
	}
	// It lives: a later death begins anew.
	third.sign(up.Add(10*time.Minute), heads)
	fourth := begin(s, up.Add(11*time.Minute), up.Add(10*time.Minute))
	if r = fourth.restart(up.Add(12*time.Minute), heads, 2, quiet); r == nil || !r.Since.Equal(up.Add(10*time.Minute)) {
		t.Errorf("a death after a recovery: %+v", r)
	}

	fourth.rest(up.Add(20 * time.Minute))
	if l := begin(s, up.Add(time.Hour), up.Add(20*time.Minute)); l.restart(up.Add(time.Hour), heads, 2, quiet) != nil {
		t.Error("a stop that was ordered is told of")
	}
	s.line = []byte("{")
	if l := begin(s, up, died); l.before == nil || !l.before.Since.Equal(died) {
		t.Error("a mark that cannot be read is not taken for its time")
	}
	s.line = nil
	if l := begin(s, start, died); !l.before.Since.Equal(start) {
		t.Error("an absence that ends before it begins")
	}
}

// A short absence is told of when it warns, and does not grow into a page while it is told.
func TestAShortAbsenceIsHeldUntilItWarns(t *testing.T) {
	died := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	s := &slate{line: []byte(`{"at":"2026-03-01T10:00:00Z"}`)}
	l := begin(s, died.Add(3*time.Second), died)
	quiet := &channels{health: newHealth()}
	for second := 4; second < 60; second++ {
		if got := l.restart(died.Add(time.Duration(second)*time.Second), nil, 0, quiet) != nil; got != (second <= 32) {
			t.Errorf("after %d s: told of %t", second, got)
		}
	}
}
