package main

import (
	"testing"
	"time"

	"headwatch"
)

// A stall pages while something that is only told has its own incident: whoever acknowledges means the stall, whichever began last.
func TestWhichIncidentIsAcknowledged(t *testing.T) {
	at := func(id string, level headwatch.Level) headwatch.Incident {
		return headwatch.Incident{ID: id, Circuit: "lending", Level: level}
	}
	stall, told := at("stall", headwatch.LevelTrip), at("told", headwatch.LevelPage)
	inHand, over, other := stall, at("over", headwatch.LevelNone), at("other", headwatch.LevelTrip)
	inHand.AckedBy, over.Resolved, other.Circuit = "ada", time.Unix(1, 0), "vaults"
	for name, c := range map[string]struct {
		all      []headwatch.Incident
		id, want string
	}{
		"the more urgent":                {[]headwatch.Incident{told, stall}, "", "stall"},
		"the same, in the other order":   {[]headwatch.Incident{stall, told}, "", "stall"},
		"the one that is named":          {[]headwatch.Incident{stall, told}, "told", "told"},
		"the one that nobody has":        {[]headwatch.Incident{inHand, told}, "", "told"},
		"the one that is had, again":     {[]headwatch.Incident{inHand}, "", "stall"},
		"none that is over or another's": {[]headwatch.Incident{other, over}, "", ""},
		"none of that name":              {[]headwatch.Incident{stall}, "told", ""},
	} {
		got := calling(c.all, "lending", c.id)
		if (got == nil) != (c.want == "") || got != nil && got.ID != c.want {
			t.Errorf("%s: got %+v, want %q", name, got, c.want)
		}
	}
}
