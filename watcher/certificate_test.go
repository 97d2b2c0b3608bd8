package watcher

import (
	"net/http"
	"testing"
	"time"

	"headwatch"
)

func TestACertificateIsToldOfTwoWeeksBeforeItEnds(t *testing.T) {
	const day = 24 * time.Hour
	for left, want := range map[time.Duration]time.Duration{
		renewal + 1: -1, renewal: renewal, 3 * day: 3 * day, 1: 1, 0: 0, -day: 0,
	} {
		s := newScene(t, "a", "b")
		ends := s.now.Add(left)
		s.view.Observe(headwatch.Observation{Endpoint: "a", At: s.now, Expires: ends})
		s.view.Observe(headwatch.Observation{Endpoint: "b", At: s.now})
		a := s.assess()
		f := a.Find(headwatch.CertificateExpiring)
		switch {
		case want < 0 && f != nil:
			t.Errorf("%v left: %+v", left, f)
		case want < 0 && !a.Next.Equal(s.now.Add(1)):
			t.Errorf("next in %v, want 1ns", a.Next.Sub(s.now))
		case want >= 0 && (f == nil || f.Value != want || f.Limit != renewal || f.Endpoint != "a" || !f.Since.Equal(ends.Add(-renewal))):
			t.Errorf("%v left: %+v", left, f)
		}
	}
}

func TestTheFindingNamesTheEndAndGoesWithTheRenewal(t *testing.T) {
	s := newScene(t, "a")
	s.view.Observe(headwatch.Observation{Endpoint: "a", At: s.now, Expires: time.Date(2025, 8, 9, 10, 11, 12, 0, time.UTC)})
	a := s.assess()
	if f := a.Find(headwatch.CertificateExpiring); f == nil || f.Detail != "its certificate ends on 9 August 2025, 10:11 UTC" {
		t.Errorf("finding %+v", f)
	}
	s.fails(headwatch.FaultTimeout, "a")
	if a := s.assess(); a.Find(headwatch.CertificateExpiring) == nil {
		t.Error("a failure was taken for a renewal")
	}
	s.view.Observe(headwatch.Observation{Endpoint: "a", At: s.now, Expires: s.now.Add(90 * 24 * time.Hour)})
	if a := s.assess(); a.Find(headwatch.CertificateExpiring) != nil {
		t.Error("it was renewed")
	}
}

func TestWhatAnAnswerSaysOfItsServer(t *testing.T) {
	good := time.Date(2025, 8, 5, 6, 7, 8, 0, time.UTC)
	for name, c := range map[string]struct {
		date, age string
		want      time.Time
	}{
		"a date":                {"Tue, 05 Aug 2025 06:07:08 GMT", "", good},
		"by a cache, passed on": {"Tue, 05 Aug 2025 06:07:08 GMT", "0", good},
		"kept by a cache":       {"Tue, 05 Aug 2025 06:07:08 GMT", "3", time.Time{}},
		"an age that is none":   {"Tue, 05 Aug 2025 06:07:08 GMT", "x", time.Time{}},
		"no date":               {"", "", time.Time{}},
		"no date at all":        {"yesterday", "", time.Time{}},
		"a clock never set":     {"Thu, 01 Jan 1970 00:00:08 GMT", "", time.Time{}},
		"the end of time":       {"Fri, 31 Dec 9999 23:59:59 GMT", "", time.Time{}},
	} {
		var s server
		s.note(&http.Response{Header: http.Header{"Date": {c.date}, "Age": {c.age}}})
		if !s.date.Equal(c.want) || !s.expires.IsZero() {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestADateIsReadWithoutAllocation(t *testing.T) {
	resp := &http.Response{Header: http.Header{"Date": {"Tue, 05 Aug 2025 06:07:08 GMT"}}}
	var s server
	if n := testing.AllocsPerRun(100, func() { s.note(resp) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
