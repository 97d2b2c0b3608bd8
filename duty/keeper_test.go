package duty

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"headwatch"
)

// memory is a journal of orders.
type memory struct {
	mu     sync.Mutex
	orders []headwatch.Action
	fails  error
	reads  int
}

func (m *memory) Reported(_ context.Context, handle func(headwatch.Event)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	for _, a := range m.orders {
		handle(headwatch.Event{Action: &a})
	}
	return m.fails
}

func (m *memory) Act(_ context.Context, a headwatch.Action) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails == nil {
		m.orders = append(m.orders, a)
	}
	return m.fails
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails = err
}

func (m *memory) written() (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.orders {
		all = append(all, string(a.Kind)+" "+a.Silence.ID+" by "+a.Actor)
	}
	return all
}

// swap makes the calendar of "announced" another one.
func swap(t *testing.T, r *Roster, calendar string) {
	t.Helper()
	if err := r.sources[0].accept([]byte(calendar)); err != nil {
		t.Fatal(err)
	}
}

func upgrade(start, end string) string {
	return vevent("DTSTART:"+start, "DTEND:"+end, "SUMMARY:upgrade")
}

func TestTheKeeperPutsWindowsOnRecordOnceADayBefore(t *testing.T) {
	r, m := roster(t, upgrades), &memory{}
	keep := func(k *Keeper, when string) {
		t.Helper()
		if err := k.keep(t.Context(), at(t, when)); err != nil {
			t.Fatal(err)
		}
	}
	k := NewKeeper(r, m, zap.NewNop())
	keep(k, "2026-10-19T07:59:00Z")
	if len(m.orders) != 0 {
		t.Fatalf("more than a day before: %q", m.written())
	}
	keep(k, "2026-10-19T08:01:00Z")
	keep(k, "2026-10-20T08:15:00Z")
	keep(NewKeeper(r, m, zap.NewNop()), "2026-10-20T08:16:00Z") // another process
	keep(k, "2026-10-20T08:31:00Z")
	want := []string{"silence weekly-20261020T080000Z by calendar"}
	if !slices.Equal(m.written(), want) {
		t.Errorf("%q", m.written())
	}
	if a := m.orders[0]; a.Reason != "the weekly upgrade" || !a.Silence.HoldHooks || a.At.IsZero() {
		t.Errorf("%+v", a)
	}
	reads := m.reads
	keep(k, "2026-10-20T08:32:00Z")
	if m.reads != reads {
		t.Error("the journal is read although nothing is to be done")
	}
}

func TestWhatIsPlannedNoLongerIsEnded(t *testing.T) {
	r, m := roster(t, upgrades), &memory{}
	k := NewKeeper(r, m, zap.NewNop())
	for _, s := range []struct{ calendar, at, want string }{
		{upgrade("20261101T120000Z", "20261101T130000Z"), "2026-11-01T00:00:00Z", "silence announced-20261101T120000Z by calendar"},
		// it is longer
		{upgrade("20261101T120000Z", "20261101T140000Z"), "2026-11-01T00:01:00Z", "silence announced-20261101T120000Z by calendar"},
		// it is moved
		{upgrade("20261101T150000Z", "20261101T170000Z"), "2026-11-01T00:02:00Z", "silence announced-20261101T150000Z by calendar, unsilence announced-20261101T120000Z by calendar"},
		// it is back where it was
		{upgrade("20261101T120000Z", "20261101T140000Z"), "2026-11-01T00:03:00Z", "silence announced-20261101T120000Z by calendar, unsilence announced-20261101T150000Z by calendar"},
		// it is called off while it goes on
		{head + "END:VCALENDAR\r\n", "2026-11-01T12:30:00Z", "unsilence announced-20261101T120000Z by calendar"},
		{head + "END:VCALENDAR\r\n", "2026-11-01T12:31:00Z", ""},
	} {
		swap(t, r, s.calendar)
		before := len(m.orders)
		if err := k.keep(t.Context(), at(t, s.at)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(m.written()[before:], ", "); got != s.want {
			t.Errorf("%s: %s; want %s", s.at, got, s.want)
		}
	}
}

func TestWhatAPersonEndedOrChangedIsLeftAlone(t *testing.T) {
	for _, kind := range []headwatch.ActionKind{headwatch.ActionUnsilence, headwatch.ActionSilence} {
		r, m := roster(t, upgrades), &memory{}
		k := NewKeeper(r, m, zap.NewNop())
		swap(t, r, upgrade("20261101T120000Z", "20261101T130000Z"))
		if err := k.keep(t.Context(), at(t, "2026-11-01T00:00:00Z")); err != nil {
			t.Fatal(err)
		}
		s := headwatch.Silence{ID: m.orders[0].Silence.ID, Ends: at(t, "2026-11-01T12:30:00Z")}
		m.orders = append(m.orders, headwatch.Action{Kind: kind, Actor: "alice", Silence: &s})
		for _, calendar := range []string{upgrade("20261101T120000Z", "20261101T140000Z"), head + "END:VCALENDAR\r\n", upgrade("20261101T120000Z", "20261101T130000Z")} {
			swap(t, r, calendar)
			for _, k := range []*Keeper{k, NewKeeper(r, m, zap.NewNop())} {
				if err := k.keep(t.Context(), at(t, "2026-11-01T12:10:00Z")); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(m.orders) != 2 {
			t.Errorf("after a person's %s: %q", kind, m.written())
		}
	}
}

// At a start nothing is known of a calendar at a URL. That must not end what it had planned.
func TestACalendarThatWasNotReadEndsNothing(t *testing.T) {
	r, m := roster(t, strings.Replace(upgrades, "upgrades.ics", "https://calendar.example.com/upgrades.ics", 1)), &memory{}
	m.orders = []headwatch.Action{
		{Kind: headwatch.ActionSilence, Actor: headwatch.Calendar, Silence: &headwatch.Silence{ID: "announced-1", Window: "announced", Ends: at(t, "2026-11-01T13:00:00Z")}},
		{Kind: headwatch.ActionSilence, Actor: headwatch.Calendar, Silence: &headwatch.Silence{ID: "gone-1", Window: "gone", Ends: at(t, "2026-11-01T13:00:00Z")}},
		{Kind: headwatch.ActionSilence, Actor: "alice", Silence: &headwatch.Silence{ID: "hers", Ends: at(t, "2026-11-01T13:00:00Z")}},
	}
	k := NewKeeper(r, m, zap.NewNop())
	if err := k.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := k.keep(t.Context(), at(t, "2026-11-01T12:00:00Z")); err != nil {
		t.Fatal(err)
	}
	if got := m.written()[3:]; !slices.Equal(got, []string{"unsilence gone-1 by calendar"}) {
		t.Errorf("%q", got)
	}
}

func TestTheKeeperTriesAgainAfterTroubleWithTheJournal(t *testing.T) {
	r := roster(t, "")
	synctest.Test(t, func(t *testing.T) {
		m := &memory{
			fails:  errors.New("the disk is full"),
			orders: []headwatch.Action{{Kind: headwatch.ActionSilence, Actor: headwatch.Calendar, Silence: &headwatch.Silence{ID: "gone-1", Window: "gone", Ends: time.Now().Add(time.Hour)}}},
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- NewKeeper(r, m, zap.NewNop()).Run(ctx) }()
		time.Sleep(keepEvery + time.Second)
		synctest.Wait()
		m.fail(nil)
		time.Sleep(keepEvery)
		synctest.Wait()
		if got := m.written(); len(got) != 2 {
			t.Errorf("%q", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
