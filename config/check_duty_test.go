package config

import (
	"errors"
	"strings"
	"testing"
)

func TestWhoIsToldWhenIsChecked(t *testing.T) {
	const (
		bob   = "[[person]]\nname = \"bob\"\ntell = [\"ops\"]\n"
		rota  = bob + "[[rota]]\nname = \"r\"\n"
		turns = rota + "people = [\"bob\"]\nstarts = \"2026-11-23T09:00\"\n"
		steps = "[[escalation]]\nname = \"e\"\n[[escalation.step]]\n"
		hours = "[[hours]]\nname = \"h\"\nfrom = \"09:00\"\nuntil = \"18:00\"\n"
		match = "[[maintenance]]\nname = \"m\"\nreason = \"x\"\n"
		once  = "starts = \"2026-12-01T10:00\"\nlasts = \"1h\"\n"
		base  = "match = [\"chain=base\"]\n"
	)
	for _, c := range []struct{ more, key, want string }{
		{steps + `tell = ["ops"]`, "", ""},
		{"[[escalation]]\nname = \"e\"", "escalation[0].step", "step is missing; add an [[escalation.step]]"},
		{steps, "escalation[0].step[0].tell", "tell is missing"},
		{steps + `tell = []`, "escalation[0].step[0].tell", "tell is empty"},
		{steps + `tell = ["opps"]`, "escalation[0].step[0].tell[0]", "did you mean ops?"},
		{steps + "tell = [\"ops\"]\nevery = \"59s\"", "escalation[0].step[0].every", "every is 59s; make it 60s to 7d"},
		{steps + "tell = [\"ops\"]\nafter = \"8d\"", "escalation[0].step[0].after", "after is 8d; make it 0s to 7d"},
		{steps + "tell = [\"ops\"]\nfrom = \"none\"", "escalation[0].step[0].from", "use one of warn, page, trip"},
		{hours + steps + "tell = [\"ops\"]\nduring = \"h\"\noutside = \"h\"", "escalation[0].step[0].outside", "both given"},
		{"[[escalation]]\nname = \"e\"\nack_for = \"1s\"\n[[escalation.step]]\ntell = [\"ops\"]", "escalation[0].ack_for", "make it 60s to 7d"},

		{bob, "", ""},
		{"[[person]]\nname = \"bob\"", "person[0].tell", "whom nothing reaches"},

		{turns, "", ""},
		{rota, "rota[0].people", "people is missing"},
		{rota + `people = ["bob"]`, "rota[0].starts", "starts is missing"},
		{turns + `turn = "30m"`, "rota[0].turn", "make it 1h to 366d"},
		{turns + `every = "5m"`, "rota[0].every", "every does not go with people"},
		{turns + `calendar = "x.ics"`, "rota[0].people", "people does not go with calendar"},
		{rota + "calendar = \"x.ics\"\nevery = \"30s\"", "rota[0].every", "make it 60s to 1d"},
		{"[[rota]]\nname = \"r\"\ncalendar = \"x.ics\"", "rota[0].calendar", "nobody whom the calendar could name"},
		{rota + `calendar = "${ABSENT}"`, "rota[0].calendar", "environment variable ABSENT"},
		{turns + "[[rota.cover]]\nperson = \"bbo\"\nfrom = \"x\"\nuntil = \"y\"", "rota[0].cover[0].person", "use one of bob"},
		{turns + "[[rota.cover]]\nfrom = \"x\"\nuntil = \"y\"", "rota[0].cover[0].person", "person is missing"},
		{turns + "[[rota.cover]]\nperson = \"bob\"\nfrom = \"x\"", "rota[0].cover[0].until", "until is missing"},
		{turns + `fallback = ["alice"]`, "rota[0].fallback[0]", `person "alice" does not exist`},

		{hours, "", ""},
		{"[[hours]]\nname = \"h\"\nfrom = \"09:00\"", "hours[0].until", "until is missing"},
		{hours + "days = []", "hours[0].days", "days is empty"},

		{match + base + once, "", ""},
		{match + base + "calendar = \"x.ics\"", "", ""},
		{"[[maintenance]]\nname = \"m\"\n" + base + once, "maintenance[0].reason", "reason is missing"},
		{match + once, "maintenance[0].match", "match is missing"},
		{match + "match = [\"severity=bad\"]\n" + once, "maintenance[0].match[0]", `"bad" is not a severity`},
		{match + "match = [\"chain=bse\"]\n" + once, "maintenance[0].match[0]", "did you mean base?"},
		{match + "match = [\"circuit!=landing\"]\n" + once, "maintenance[0].match[0]", "did you mean lending?"},
		{match + base, "maintenance[0].starts", "starts is missing"},
		{match + base + "starts = \"2026-12-01T10:00\"", "maintenance[0].lasts", "lasts is missing"},
		{match + base + "starts = \"2026-12-01T10:00\"\nlasts = \"8d\"", "maintenance[0].lasts", "make it 60s to 7d"},
		{match + base + once + "every = \"5m\"", "maintenance[0].every", "does not go with starts"},
		{match + base + "calendar = \"x.ics\"\nrepeat = \"FREQ=DAILY\"", "maintenance[0].repeat", "does not go with calendar"},

		{"[api]\nmax_silence = \"31d\"", "api.max_silence", "make it 60s to 30d"},
		{"[journal]\nkeep = \"2d\"", "", ""},
		{"[journal]\nkeep = \"2d\"\n[api]\nmax_silence = \"3d\"", "api.max_silence", "the journal forgets after 2d"},
	} {
		_, err := Parse("config.toml", altered(map[string]string{"#end": c.more}), noEnv)
		bad, ok := errors.AsType[*Error](err)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s\n%v", c.more, err)
		case c.want != "" && (!ok || bad.Faults[0].Key != c.key || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s\n%v\nwant a fault at %s with %q", c.more, err, c.key, c.want)
		}
	}
}
