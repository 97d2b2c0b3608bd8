package journal

import (
	"slices"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestTheFirstContentOfASlotStays(t *testing.T) {
	j := open(t, config.Journal{Dir: t.TempDir()})
	keep := func(incident, hook, slot, data string) string {
		t.Helper()
		kept, err := j.Keep(t.Context(), incident, hook, slot, []byte(data))
		do(t, err)
		return string(kept)
	}
	if got := keep("i-1", "pause", "l2.1", "first"); got != "first" {
		t.Errorf("kept %q", got)
	}
	if got := keep("i-1", "pause", "l2.1", "second"); got != "first" {
		t.Errorf("kept %q over the first", got)
	}
	recall := func(slot string) string {
		t.Helper()
		kept, err := j.Recall(t.Context(), "i-1", "pause", slot)
		do(t, err)
		return string(kept)
	}
	if got := recall("l2.1") + recall("l2.2"); got != "first" {
		t.Errorf("recalled %q", got)
	}
	keep("i-1", "pause", "l2.2", "replacement")
	keep("i-1", "other", "l2.1", "of another hook")
	keep("i-2", "pause", "l2.1", "of another incident")

	var got []string
	do(t, j.Kept(t.Context(), "pause", func(k headwatch.Kept) error {
		got = append(got, k.Incident+" "+k.Slot+" "+string(k.Data))
		return nil
	}))
	want := []string{"i-1 l2%2E1 first", "i-1 l2%2E2 replacement", "i-2 l2%2E1 of another incident"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for e, err := range j.Read(t.Context(), 0, false) {
		t.Errorf("what is kept is a secret, and Read gave %+v, %v", e, err)
	}
}

// A lease is renewed for years without an incident: what is kept for it goes when it is old.
func TestWhatIsKeptWithoutAnIncidentIsDropped(t *testing.T) {
	j := open(t, config.Journal{Dir: t.TempDir(), Keep: config.Duration(time.Hour)})
	for _, key := range []string{"lease-up-7-1795253666", "lease-up-7-1795282466"} {
		for _, slot := range []string{"l1-1", "over"} {
			_, err := j.Keep(t.Context(), key, "uptime", slot, []byte("secret"))
			do(t, err)
		}
	}
	kept := func() (n int) {
		do(t, j.Kept(t.Context(), "uptime", func(headwatch.Kept) error { n++; return nil }))
		return n
	}
	do(t, j.drop(t.Context(), time.Now()))
	if n := kept(); n != 4 {
		t.Errorf("%d kept while they are young", n)
	}
	do(t, j.drop(t.Context(), time.Now().Add(2*time.Hour)))
	if n := kept(); n != 0 {
		t.Errorf("%d kept", n)
	}
}

func TestReportsOnDifferentThingsAreDifferent(t *testing.T) {
	j := open(t, config.Journal{Dir: t.TempDir()})
	for _, what := range []string{"", "feed down", "feed down", "feed up"} {
		do(t, j.Report(t.Context(), headwatch.Report{Kind: headwatch.ReportEffective, What: what, Hook: "uptime", Incident: "i", At: time.Now()}))
	}
	n := 0
	do(t, j.Reported(t.Context(), func(headwatch.Event) { n++ }))
	if n != 3 {
		t.Errorf("%d reports", n)
	}
}

// It must be the same in every process on the log, whatever is dropped meanwhile.
func TestASecretOfTheProgramStaysForAsLongAsTheLog(t *testing.T) {
	j := open(t, config.Journal{Dir: t.TempDir(), Keep: config.Duration(time.Hour)})
	secret := func(name, data string) string {
		t.Helper()
		kept, err := j.Secret(t.Context(), name, []byte(data))
		do(t, err)
		return string(kept)
	}
	if got := secret("links", "first") + secret("links", "second") + secret("other", "third"); got != "firstfirstthird" {
		t.Errorf("got %q", got)
	}
	do(t, j.drop(t.Context(), time.Now().Add(2*time.Hour)))
	if got := secret("links", "fourth"); got != "first" {
		t.Errorf("after old events were dropped it is %q", got)
	}
	for e, err := range j.Read(t.Context(), 0, false) {
		t.Errorf("Read gave %+v, %v", e, err)
	}
}
