package journal

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestRetentionDropsOnlyWhatNobodyNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		inventory
		before uint64
		held   string
	}{
		"all young":            {inventory{first: 1, last: 100, young: 1}, 1, ""},
		"half is old":          {inventory{first: 1, last: 100, young: 50}, 50, ""},
		"all is old":           {inventory{first: 1, last: 100, young: 101}, 101, ""},
		"too much":             {inventory{first: 1, last: 100, young: 1, fits: 30}, 30, ""},
		"too much and old":     {inventory{first: 1, last: 100, young: 50, fits: 30}, 50, ""},
		"no limits":            {inventory{first: 7, last: 100}, 7, ""},
		"empty":                {inventory{first: 1, last: 0, young: 1}, 1, ""},
		"an open incident":     {inventory{first: 1, last: 100, young: 50, needed: map[string]uint64{"incident a": 20}}, 20, "incident a"},
		"a young incident":     {inventory{first: 1, last: 100, young: 50, needed: map[string]uint64{"incident a": 50}}, 50, ""},
		"the oldest need":      {inventory{first: 1, last: 100, young: 50, needed: map[string]uint64{"a": 20, "b": 10, "c": 30}}, 10, "b"},
		"two of the same need": {inventory{first: 1, last: 100, young: 50, needed: map[string]uint64{"b": 10, "a": 10}}, 10, "a"},
	} {
		if before, held := c.cut(); before != c.before || held != c.held {
			t.Errorf("%s: before %d held by %q, want %d by %q", name, before, held, c.before, c.held)
		}
	}
}

func TestRetentionKeepsTheNewestOfEachKind(t *testing.T) {
	i := inventory{newest: map[string]uint64{"hw.transition.quiet.*": 3, "hw.transition.busy.*": 90}}
	want := map[string]uint64{
		"hw.action.>": 50, "hw.notice.>": 50, "hw.delivery.>": 50, "hw.route.>": 50, "hw.report.>": 50, "hw.escalation.>": 50, "hw.kept.>": 50,
		"hw.transition.quiet.*": 3, "hw.transition.busy.*": 50,
	}
	if got := i.purges(50); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// fill writes three incidents: one that is over, one over but with a notice that was not delivered, and one that is open.
// The quiet circuit decided before all of them.
func fill(t *testing.T, j *Journal) {
	t.Helper()
	do(t, j.Decide(t.Context(), step("quiet", 1)))
	do(t, j.Decide(t.Context(), step("quiet", 2)))
	resolved := step("quiet", 3)
	resolved.Level = headwatch.LevelNone
	do(t, j.Decide(t.Context(), resolved))
	for n := uint64(1); n <= 12; n++ {
		s := step("lending", n)
		do(t, j.Decide(t.Context(), s))
		told := note(s.Incident, n, "on-call")
		do(t, j.Tell(t.Context(), told, note(s.Incident, n, "gone")))
		_, err := j.Freeze(t.Context(), s.Incident, fmt.Sprintf("c%d", n), []byte("key"))
		do(t, err)
		if n != 7 {
			do(t, j.Record(t.Context(), ended(told)))
		}
		do(t, j.once(t.Context(), subject(positionKind, "incidents", number(n)), nil))
	}
}

// left says what is in the log.
func left(t *testing.T, j *Journal) (transitions []string, notices []uint64) {
	t.Helper()
	for e, err := range j.Read(t.Context(), 0, false) {
		do(t, err)
		switch {
		case e.Transition != nil:
			transitions = append(transitions, fmt.Sprintf("%s %d", e.Transition.Circuit, e.Transition.Seq))
		case e.Notice != nil && e.Notice.Channel == "on-call":
			notices = append(notices, e.Notice.Step)
		}
	}
	return transitions, notices
}

func TestOldEventsAreDroppedUntilSomebodyNeedsThem(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		c.Keep = config.Duration(time.Hour)
		j := open(t, c)
		fill(t, j)
		do(t, j.once(t.Context(), subject(positionKind, "incidents", "1000"), nil))

		do(t, j.drop(t.Context(), time.Now()))
		if transitions, _ := left(t, j); len(transitions) != 15 {
			t.Fatalf("young events were dropped: %q left", transitions)
		}

		_, stop := hand(t, j, "on-call")
		defer stop()
		later := time.Now().Add(2 * time.Hour)
		waitFor(t, func() bool { return j.serves("on-call") })
		do(t, j.drop(t.Context(), later))
		transitions, notices := left(t, j)
		// The notice of step 7 was not delivered: what came after it stays, and the newest of the quiet circuit.
		if want := []string{"quiet 3", "lending 8", "lending 9", "lending 10", "lending 11", "lending 12"}; !slices.Equal(transitions, want) {
			t.Errorf("left %q, want %q", transitions, want)
		}
		if want := []uint64{7, 8, 9, 10, 11, 12}; !slices.Equal(notices, want) {
			t.Errorf("left %v, want %v", notices, want)
		}

		do(t, j.Record(t.Context(), ended(note("lending-1", 7, "on-call"))))
		do(t, j.drop(t.Context(), later))
		transitions, notices = left(t, j) // now the open incident holds
		if want := []string{"quiet 3", "lending 11", "lending 12"}; !slices.Equal(transitions, want) {
			t.Errorf("left %q, want %q", transitions, want)
		}
		if want := []uint64{11, 12}; !slices.Equal(notices, want) {
			t.Errorf("left %v, want %v", notices, want)
		}

		for n := uint64(13); n <= 15; n++ {
			do(t, j.Decide(t.Context(), step("lending", n)))
		}
		do(t, j.drop(t.Context(), later))
		transitions, notices = left(t, j)
		if want := []string{"quiet 3", "lending 15"}; !slices.Equal(transitions, want) || len(notices) > 0 {
			t.Errorf("left %q, %v", transitions, notices)
		}
		if p, err := j.position(t.Context(), "incidents"); err != nil || p != 1000 {
			t.Errorf("position %d, %v", p, err)
		}
		do(t, j.Decide(t.Context(), step("quiet", 4)))
		do(t, j.Decide(t.Context(), step("lending", 16)))
	})
}

func TestWhatAReaderHasYetToSeeIsKept(t *testing.T) {
	j := open(t, config.Journal{Dir: t.TempDir(), Keep: config.Duration(time.Hour)})
	fill(t, j)
	for n := uint64(13); n <= 15; n++ {
		do(t, j.Decide(t.Context(), step("lending", n)))
	}
	var eighth uint64
	for e, err := range j.Read(t.Context(), 0, false) {
		do(t, err)
		if e.Transition != nil && e.Transition.Circuit == "lending" && e.Transition.Seq == 8 {
			eighth = e.Seq
		}
	}
	do(t, j.once(t.Context(), subject(positionKind, "incidents", number(eighth)), nil))
	do(t, j.drop(t.Context(), time.Now().Add(2*time.Hour)))
	transitions, _ := left(t, j)
	if len(transitions) < 2 || transitions[1] != "lending 9" {
		t.Errorf("left %q", transitions)
	}
}

func TestALogThatIsTooLargeIsCutAndWhatHoldsItIsNamed(t *testing.T) {
	j, logs := openLogged(t, config.Journal{Dir: t.TempDir(), MaxSize: 20 << 10})
	fill(t, j)
	do(t, j.once(t.Context(), subject(positionKind, "incidents", "1000"), nil))
	do(t, j.measure(t.Context(), j.engine))
	full := j.Stats()
	do(t, j.drop(t.Context(), time.Now()))
	do(t, j.measure(t.Context(), j.engine))
	cut := j.Stats()
	if full.Bytes <= 20<<10 || cut.Bytes >= full.Bytes || cut.Bytes < 10<<10 {
		t.Errorf("cut from %+v to %+v", full, cut)
	}
	if logs.FilterMessageSnippet("cannot be cut").Len() != 0 {
		t.Errorf("log: %v", logs.All())
	}
	j.cfg.MaxSize = 1
	do(t, j.drop(t.Context(), time.Now()))
	if said := logs.FilterMessageSnippet("cannot be cut").All(); len(said) != 1 || said[0].ContextMap()["held_by"] != "incident lending-2" {
		t.Errorf("log: %v", logs.All())
	}
}

// A silence that is forgotten lets a restart fire the hooks that it was to hold back.
func TestASilenceIsKeptUntilItIsOver(t *testing.T) {
	j := open(t, config.Journal{Dir: t.TempDir(), Keep: config.Duration(time.Hour)})
	now := time.Now()
	for _, id := range []string{"over", "window"} {
		s := &headwatch.Silence{ID: id, Starts: now, Ends: now.Add(time.Hour), HoldHooks: true}
		if id == "window" {
			s.Starts, s.Ends = now.Add(2*time.Hour), now.Add(4*time.Hour)
		}
		do(t, j.Act(t.Context(), headwatch.Action{Kind: headwatch.ActionSilence, Actor: "bob", Silence: s, At: now}))
	}
	kept := func() (ids []string) {
		do(t, j.Reported(t.Context(), func(e headwatch.Event) { ids = append(ids, e.Action.Silence.ID) }))
		return ids
	}
	do(t, j.drop(t.Context(), now.Add(3*time.Hour)))
	if got := kept(); !slices.Equal(got, []string{"window"}) {
		t.Errorf("kept %q while one lasts", got)
	}
	do(t, j.drop(t.Context(), now.Add(5*time.Hour)))
	if got := kept(); len(got) != 0 {
		t.Errorf("kept %q though all are over", got)
	}
}
