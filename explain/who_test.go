package explain

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
)

func TestWhoWouldBeToldInWords(t *testing.T) {
	w := Who{
		Schema: WhoSchema, Circuit: "base-lending", Condition: headwatch.UnsafeHeadStalled, Begins: began, Until: after(2 * time.Hour),
		Told: []WhoStep{
			{At: after(30 * time.Second), After: 30 * time.Second, Channels: []string{"chat"}, Why: "warn"},
			{At: after(150 * time.Second), After: 150 * time.Second, Channels: []string{"chat"}, Hooks: []string{"pause (armed)"}, Held: []string{"on-call"}, Silence: "s-1", Why: "trip"},
			{At: after(7 * time.Minute), After: 7 * time.Minute, Channels: []string{"adas-phone"}, OnCall: []string{"ada"}, Why: "nights, step 1: nobody has acknowledged it for 5m"},
			{At: after(time.Hour), After: time.Hour, Why: "silence s-1 of grace: the upgrade"},
		},
	}
	const want = `base-lending: who is told if from 2026-11-21 15:46:41 UTC on unsafe head stalled holds and nobody acknowledges
AFTER  AT                       TOLD        ON CALL  WHY
30s    2026-11-21 15:47:11 UTC  chat        -        warn
2m30s  2026-11-21 15:49:11 UTC  chat        -        trip; hooks: pause (armed); SILENCED by s-1: on-call
7m     2026-11-21 15:53:41 UTC  adas-phone  ada      nights, step 1: nobody has acknowledged it for 5m
1h     2026-11-21 16:46:41 UTC  nobody      -        silence s-1 of grace: the upgrade
What comes after 2026-11-21 17:46:41 UTC is left out.
`
	if got := w.Text(); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestRepeatsThatReachTheSamePeopleAreOneLine(t *testing.T) {
	w := Who{Circuit: "lending", Condition: headwatch.UnsafeHeadStalled, Begins: began, Until: began.Add(time.Hour)}
	for round := range 9 {
		after := time.Duration(5+10*round) * time.Minute
		s := WhoStep{At: began.Add(after), After: after, Channels: []string{"phone"}, OnCall: []string{"ada"}, Rule: "nights, step 1", Round: round, Why: fmt.Sprintf("round %d", round)}
		if round == 6 {
			s.OnCall = []string{"bob"} // a handover
		}
		w.Told = append(w.Told, s)
		if round == 3 {
			w.Told = append(w.Told, WhoStep{At: s.At, After: s.After, Channels: []string{"boss"}, Rule: "nights, step 2", Why: "boss"})
		}
	}
	var got []string
	for line := range strings.Lines(w.Text()) {
		got = append(got, strings.Join(strings.Fields(line)[3:], " "))
	}
	want := []string{
		"UTC phone ada round 0", "UTC phone ada round 1; then every 10m up to 55m", "UTC boss - boss",
		"UTC phone bob round 6", "UTC phone ada round 7; then every 10m up to 1h25m",
	}
	if got = got[2 : len(got)-1]; !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
