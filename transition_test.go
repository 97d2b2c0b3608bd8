package headwatch

import "testing"

func TestADecisionLeavesTwoIncidents(t *testing.T) {
	stall, hook := Aside{"stall", LevelTrip}, Aside{"hook", LevelPage}
	for name, c := range map[string]struct {
		t        Transition
		on, tell Aside
		shown    Signal
	}{
		"none":             {Transition{}, Aside{}, Aside{}, Signal{}},
		"a stall alone":    {Transition{Incident: "stall", Level: LevelTrip}, stall, Aside{}, Signal{Incident: "stall", Level: LevelTrip}},
		"a hook alone":     {Transition{Incident: "hook", Level: LevelPage, Told: true}, Aside{}, hook, Signal{Incident: "hook", Level: LevelPage, Told: true}},
		"a stall, beside":  {Transition{Incident: "stall", Level: LevelTrip, Aside: &hook}, stall, hook, Signal{Incident: "stall", Level: LevelTrip, Aside: &hook}},
		"a hook, beside":   {Transition{Incident: "hook", Level: LevelPage, Told: true, Aside: &stall}, stall, hook, Signal{Incident: "stall", Level: LevelTrip, Aside: &hook}},
		"the hook is over": {Transition{Incident: "hook", Told: true, Aside: &stall}, stall, Aside{}, Signal{Incident: "stall", Level: LevelTrip}},
		"the stall is over": {
			Transition{Incident: "stall", Aside: &hook}, Aside{}, hook, Signal{Incident: "hook", Level: LevelPage, Told: true},
		},
	} {
		on, tell := c.t.Standing()
		if on != c.on || tell != c.tell {
			t.Errorf("%s: %+v and %+v", name, on, tell)
		}
		var s Signal
		s.Show(on, tell)
		if s.Incident != c.shown.Incident || s.Level != c.shown.Level || s.Told != c.shown.Told ||
			(s.Aside == nil) != (c.shown.Aside == nil) || s.Aside != nil && *s.Aside != *c.shown.Aside {
			t.Errorf("%s: shown as %+v", name, s)
		}
		if trips, tells := s.Ladders(); trips != c.on.Level || tells != c.tell.Level {
			t.Errorf("%s: ladders at %s and %s", name, trips, tells)
		}
	}
}
