package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"
	zapobserver "go.uber.org/zap/zaptest/observer"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/incident"
)

// taken is a journal of decisions.
type taken struct {
	all []headwatch.Transition
	err error
}

func (t *taken) Decide(_ context.Context, x headwatch.Transition) error {
	if t.err == nil {
		t.all = append(t.all, x)
	}
	return t.err
}

// A circuit that is taken out of the configuration leaves nobody paged, and lets no hook believe that the chain is well.
func TestACircuitThatIsGoneLeavesNobodyPaged(t *testing.T) {
	cfg := &config.Config{
		Circuits: []config.Circuit{{Name: "lending"}},
		Hooks:    []config.Hook{{Name: "pause"}}, Alerts: []config.Alert{{Name: "on-call"}},
	}
	trip := headwatch.Transition{
		Circuit: "gone", Seq: 4, From: headwatch.Closed, To: headwatch.Open, At: time.Unix(1000, 0), Level: headwatch.LevelTrip, Incident: "gone-1",
		Actor: headwatch.Watchdog, Latched: true, Aside: &headwatch.Aside{Incident: "gone-2", Level: headwatch.LevelPage},
	}
	other := headwatch.Transition{
		Circuit: "gone", Seq: 3, From: headwatch.Closed, To: headwatch.Closed, At: time.Unix(999, 0), Level: headwatch.LevelPage, Incident: "gone-2",
		Actor: headwatch.Watchdog, Told: true,
	}
	stays := headwatch.Transition{Circuit: "lending", Seq: 1, To: headwatch.Open, Level: headwatch.LevelTrip, Incident: "lending-1"}
	over := headwatch.Transition{Circuit: "long-gone", Seq: 9, To: headwatch.Closed}
	last := map[string]headwatch.Transition{"gone": trip, "lending": stays, "long-gone": over}

	book := incident.NewBook(plan(cfg))
	for i, x := range []headwatch.Transition{other, trip} {
		book.Restore(headwatch.Event{Seq: uint64(i + 1), Transition: &x})
		for _, channel := range []string{"on-call", "pause"} {
			if x.Told && channel == "pause" {
				continue
			}
			book.Restore(headwatch.Event{Notice: &headwatch.Notice{Incident: x.Incident, Kind: headwatch.StepTrip, Channel: channel}})
		}
	}
	book.Restored()

	j := &taken{}
	closeOrphans(t.Context(), cfg, j, last, zap.NewNop())
	var told []string
	for i, x := range j.all {
		if x.Seq != trip.Seq+1+uint64(i) || x.To != headwatch.Closed || x.Latched || x.Reason == "" {
			t.Errorf("decided %+v", x)
		}
		for _, n := range book.Apply(headwatch.Event{Seq: uint64(10 + i), Transition: &x}) {
			told = append(told, n.Incident+" "+string(n.Kind)+" "+n.Channel)
		}
	}
	if want := []string{"gone-1 resolve on-call", "gone-2 resolve on-call"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if on, tell := new(last["gone"]).Standing(); on.Level != headwatch.LevelNone || tell.Level != headwatch.LevelNone || last["lending"].Level != headwatch.LevelTrip {
		t.Errorf("stands at %+v, %+v", on, tell)
	}
	closeOrphans(t.Context(), cfg, j, last, zap.NewNop())
	if len(j.all) != 2 {
		t.Errorf("ended twice: %+v", j.all[2:])
	}
	last["gone"] = trip
	closeOrphans(t.Context(), cfg, &taken{err: errors.New("disk full")}, last, zap.NewNop())
	if last["gone"].Seq != trip.Seq {
		t.Error("over, though the journal did not take it")
	}
}

func TestAChannelThatIsGoneIsWarnedOf(t *testing.T) {
	seen, logs := zapobserver.New(zap.WarnLevel)
	all := &channels{loops: map[string]*delivery.Loop{"on-call": {}}}
	all.missed([]headwatch.Incident{
		{ID: "lending-2", Circuit: "lending", Told: []string{"old-pager", "on-call"}},
		{ID: "lending-1", Circuit: "lending", Told: []string{"old-pager"}, Resolved: time.Unix(1000, 0)},
	}, zap.New(seen))
	if logs.Len() != 1 || logs.All()[0].ContextMap()["channel"] != "old-pager" || logs.All()[0].ContextMap()["incident"] != "lending-2" {
		t.Errorf("warned %+v", logs.All())
	}
}
