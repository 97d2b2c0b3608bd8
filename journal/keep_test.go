package journal

import (
	"slices"
	"testing"

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
