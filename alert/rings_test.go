package alert

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// desk is a pager as people see it: what is open on it, and who hears it ring.
type desk struct {
	kind  string
	acked map[string]bool // by key, of the alerts that are open
	rang  []string
}

// hear takes a request as the receiver of a kind does: nobody is rung for an alert that is acknowledged.
func (d *desk) hear(t *testing.T, a asked) {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Fatal(err)
	}
	text := func(name string) string { s, _ := body[name].(string); return s }
	var key, what string
	switch d.kind {
	case config.AlertPagerDuty:
		key, what = text("dedup_key"), text("event_action")
	case config.AlertGrafanaIRM:
		key, what = text("alert_uid"), map[string]string{"alerting": "trigger", "ok": "resolve"}[text("state")]
	case config.AlertIncidentIO:
		key, what = text("deduplication_key"), map[string]string{"firing": "trigger", "resolved": "resolve"}[text("status")]
	case config.AlertJSM:
		u, err := url.Parse(a.path)
		if err != nil {
			t.Fatal(err)
		}
		key, what = text("alias"), "trigger"
		if key == "" {
			key, what = path.Base(path.Dir(u.Path)), map[string]string{"acknowledge": "acknowledge", "close": "resolve"}[path.Base(u.Path)]
		}
	}
	if key == "" {
		t.Fatalf("no key in %s %s", a.path, a.body)
	}
	acked, open := d.acked[key]
	switch what {
	case "trigger":
		if !acked {
			d.rang = append(d.rang, key)
		}
		d.acked[key] = acked
	case "acknowledge":
		if open {
			d.acked[key] = true
		}
	case "resolve":
		delete(d.acked, key)
	}
}

// onAllPagers tells the notices to each kind of pager that opens alerts, and gives what became of it there.
func onAllPagers(t *testing.T, check func(t *testing.T, tell func(headwatch.Notice) *desk)) {
	t.Helper()
	for _, kind := range []string{config.AlertPagerDuty, config.AlertJSM, config.AlertGrafanaIRM, config.AlertIncidentIO} {
		t.Run(kind, func(t *testing.T) {
			d := &desk{kind: kind, acked: map[string]bool{}}
			s, all := told(t, kind, deps, nil)
			check(t, func(n headwatch.Notice) *desk {
				t.Helper()
				*all, d.rang = nil, nil
				if _, err := s.Send(t.Context(), s.Route(), n); err != nil {
					t.Fatal(err)
				}
				for _, a := range *all {
					d.hear(t, a)
				}
				return d
			})
		})
	}
}

// rung is a notice of an incident that rang anew so often.
func rung(kind headwatch.StepKind, rings int) headwatch.Notice {
	n := lately(kind)
	n.Rings = rings
	return n
}

func TestAnAcknowledgementThatIsVoidRingsAnew(t *testing.T) {
	onAllPagers(t, func(t *testing.T, tell func(headwatch.Notice) *desk) {
		tell(rung(headwatch.StepPage, 0))
		for i, n := range []headwatch.Notice{
			rung(headwatch.StepTrip, 1), rung(headwatch.StepUnack, 2), rung(headwatch.StepJoin, 3), rung(headwatch.StepEscalate, 4),
		} {
			d := tell(rung(headwatch.StepAck, n.Rings-1))
			for key := range d.acked {
				d.acked[key] = true // where it cannot be passed on somebody does it there
			}
			want := []string{fmt.Sprintf("%s_%d", n.DedupKey, n.Rings)}
			for range 2 { // an answer is lost
				if d := tell(n); !slices.Equal(d.rang, want) || len(d.acked) != i+2 {
					t.Errorf("%s rang %q; open: %v", n.Kind, d.rang, d.acked)
				}
			}
		}
		if d := tell(rung(headwatch.StepResolve, 4)); len(d.acked) > 0 {
			t.Errorf("left open: %v", d.acked)
		}
	})
}

// An older alert may have begun to ring again by the pager's own clock.
func TestAnAcknowledgementReachesAllAlerts(t *testing.T) {
	for _, kind := range []string{config.AlertPagerDuty, config.AlertJSM} {
		s, all := told(t, kind, deps, nil)
		d := &desk{kind: kind, acked: map[string]bool{}}
		for _, n := range []headwatch.Notice{rung(headwatch.StepPage, 0), rung(headwatch.StepTrip, 1), rung(headwatch.StepAck, 1)} {
			if _, err := s.Send(t.Context(), s.Route(), n); err != nil {
				t.Fatal(err)
			}
		}
		for _, a := range *all {
			d.hear(t, a)
		}
		if len(d.acked) != 2 || !d.acked["base-lending-7"] || !d.acked["base-lending-7_1"] {
			t.Errorf("%s: %v", kind, d.acked)
		}
	}
}

// However long it lasts, and whatever a channel was not told of, few alerts are open at once and none in the end.
func TestAlertsAreFewAndAllAreClosed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		open := map[string]bool{}
		do := func(n headwatch.Notice) {
			all := errands(n, headwatch.LevelPage)
			if len(all) > 2*maxAlerts {
				t.Fatalf("%d errands", len(all))
			}
			for _, e := range all {
				switch e.action {
				case trigger:
					open[e.key] = true
				case resolve:
					delete(open, e.key)
				}
			}
		}
		rings := 0
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			rings += rapid.SampledFrom([]int{0, 1, 1, 1, 2, 3}).Draw(t, "anew")
			do(rung(headwatch.StepEscalate, rings))
			if len(open) > 2*maxAlerts {
				t.Fatalf("%d are open", len(open))
			}
		}
		do(rung(headwatch.StepResolve, rings))
		if len(open) > 0 {
			t.Fatalf("left open: %v", open)
		}
	})
}

func TestTheKeysOfAnIncidentWithALongNameAreItsOwn(t *testing.T) {
	s, all := told(t, config.AlertPagerDuty, deps, nil)
	n := rung(headwatch.StepResolve, 3)
	n.DedupKey = strings.Repeat("k", 255)
	if _, err := s.Send(t.Context(), s.Route(), n); err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, a := range *all {
		var e pagerDutyEvent
		if err := json.Unmarshal(a.body, &e); err != nil || len(e.DedupKey) > maxDedupKey {
			t.Errorf("%d bytes, %v", len(e.DedupKey), err)
		}
		keys[e.DedupKey] = true
	}
	if len(keys) != 4 {
		t.Errorf("%d keys", len(keys))
	}
}
