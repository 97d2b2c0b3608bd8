package alert

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery/deliverytest"
)

func TestWhatNtfyIsTold(t *testing.T) {
	for _, kind := range []headwatch.StepKind{headwatch.StepWarn, headwatch.StepTrip, headwatch.StepAck, headwatch.StepResolve} {
		s, all := told(t, config.AlertNtfy, withIncidents(deps), nil)
		if _, err := s.Send(t.Context(), s.Route(), lately(kind)); err != nil {
			t.Fatal(err)
		}
		got := (*all)[0]
		if got.path != "/" || got.authorization != "Bearer planted-access-token" || got.kind != "application/json" {
			t.Errorf("%s: to %s with %s, %s", kind, got.path, got.authorization, got.kind)
		}
		golden(t, "ntfy-"+string(kind)+".json", indented(t, got.body))
	}
}

// What replaces a message that is still shown makes no sound. Only the retries of one notice may do that.
func TestNoMessageReplacesThatOfAnotherNotice(t *testing.T) {
	s, all := told(t, config.AlertNtfy, deps, nil)
	seen := make(map[string]int)
	for _, kind := range []headwatch.StepKind{headwatch.StepWarn, headwatch.StepPage, headwatch.StepTrip, headwatch.StepTrip, headwatch.StepResolve} {
		if _, err := s.Send(t.Context(), s.Route(), lately(kind)); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range *all {
		var m ntfyMessage
		if err := json.Unmarshal(a.body, &m); err != nil {
			t.Fatal(err)
		}
		seen[m.Sequence]++
	}
	if len(seen) != 4 || seen["base-lending-7-3"] != 2 {
		t.Errorf("got %v", seen)
	}
}

func TestHowLoudAMessageIs(t *testing.T) {
	for _, c := range []struct {
		n    headwatch.Notice
		want int
	}{
		{lately(headwatch.StepWarn), 3},
		{lately(headwatch.StepPage), 5},
		{lately(headwatch.StepTrip), 5},
		{lately(headwatch.StepEscalate), 5},
		{lately(headwatch.StepUnack), 5},
		{deliverytest.Report(headwatch.ReportAnnounced, "ops"), 5},
		{deliverytest.Report(headwatch.ReportEffective, "ops"), 2},
		{lately(headwatch.StepAck), 2},
		{lately(headwatch.StepResolve), 3},
	} {
		if got := urgency(c.n, headwatch.LevelWarn).priority; got != c.want {
			t.Errorf("%s: got %d, want %d", c.n.Kind, got, c.want)
		}
	}
}

func TestATopicIsTheEndOfItsAddress(t *testing.T) {
	for address, want := range map[string][2]string{
		"https://ntfy.sh/mytopic":            {"https://ntfy.sh/", "mytopic"},
		"https://ntfy.sh/mytopic/":           {"https://ntfy.sh/", "mytopic"},
		"https://u:p@a.example/push/mytopic": {"https://u:p@a.example/push", "mytopic"},
		"https://ntfy.sh":                    {"https://ntfy.sh", ""},
		"https://ntfy.sh/":                   {"https://ntfy.sh/", ""},
	} {
		if server, topic := ntfyTopic(address); server != want[0] || topic != want[1] {
			t.Errorf("%s: got %s, %q", address, server, topic)
		}
	}
}

func TestBytesAreCutBetweenRunes(t *testing.T) {
	for _, s := range []string{strings.Repeat("🚨", 40), strings.Repeat("ש", 70), strings.Repeat("x", 120), "x" + strings.Repeat("🚨", 40)} {
		for limit := 4; limit < len(s)+4; limit++ {
			got := cutBytes(s, limit)
			if len(got) > limit || !utf8.ValidString(got) || len(s) > limit && limit-len(got) > 3 {
				t.Fatalf("%d: %d bytes, %q", limit, len(got), got)
			}
		}
	}
}
