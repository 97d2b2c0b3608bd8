package alert

import (
	"bytes"
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/PagerDuty/go-pagerduty"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

const accepted = `{"status":"success","message":"Event processed","dedup_key":"headwatch/base-lending-7"}`

func TestPagerDutyEventsAreTheGoldenOnes(t *testing.T) {
	for _, kind := range []headwatch.StepKind{headwatch.StepPage, headwatch.StepTrip, headwatch.StepAck, headwatch.StepResolve} {
		path, body := posted(t, config.AlertPagerDuty, 202, accepted, func(s delivery.Sender) (string, error) {
			return s.Send(t.Context(), s.Route(), deliverytest.Notice(kind, "ops"))
		})
		if path != "/base/v2/enqueue" {
			t.Errorf("posted to %s", path)
		}
		golden(t, "pagerduty-"+string(kind)+".json", []byte(body))
	}
	_, body := posted(t, config.AlertPagerDuty, 202, accepted, func(s delivery.Sender) (string, error) {
		return s.Send(t.Context(), s.Route(), deliverytest.Report(headwatch.ReportWithheld, "ops"))
	})
	golden(t, "pagerduty-hook.json", []byte(body))
}

// The official client's own structs read every field of what is sent, and lose none of it.
func TestPagerDutysClientReadsWhatWeSend(t *testing.T) {
	p := &pagerDuty{write: testWriter}
	p.write.deps.Page = func(incident string) string { return "https://watch.example.org/incidents/" + incident }
	for _, n := range cases() {
		n.DedupKey = cmp.Or(n.DedupKey, "key")
		for _, action := range []action{trigger, acknowledge, resolve} {
			sent, err := json.Marshal(p.event(errand{action, n.DedupKey}, routingKey, n))
			if err != nil {
				t.Fatal(err)
			}
			var theirs pagerduty.V2Event
			d := json.NewDecoder(bytes.NewReader(sent))
			d.DisallowUnknownFields()
			if err := d.Decode(&theirs); err != nil {
				t.Fatalf("%s %s: %v", n.Kind, action, err)
			}
			if theirs.RoutingKey != routingKey || theirs.Action != string(action) || theirs.DedupKey != n.DedupKey || (theirs.Payload != nil) != (action == trigger) {
				t.Errorf("%s %s: they read %+v", n.Kind, action, theirs)
			}
			again, err := json.Marshal(theirs)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(anything(t, sent), anything(t, again)) {
				t.Errorf("%s %s: we send %s, they read %s", n.Kind, action, sent, again)
			}
		}
	}
}

func anything(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPagerDutyClosesWhatALostAnswerMayHaveOpened(t *testing.T) {
	_, body := posted(t, config.AlertPagerDuty, 202, accepted, func(s delivery.Sender) (string, error) {
		return s.(delivery.Coalescer).Coalesced(t.Context(), s.Route(),
			deliverytest.Notice(headwatch.StepTrip, "ops"), deliverytest.Notice(headwatch.StepResolve, "ops"))
	})
	golden(t, "pagerduty-resolve.json", []byte(body))
}

func TestPagerDutyUsesTheFrozenKey(t *testing.T) {
	_, body := posted(t, config.AlertPagerDuty, 202, accepted, func(s delivery.Sender) (string, error) {
		frozen := s.(*pagerDuty).to
		frozen.Key = config.NewSecret("key-of-the-trigger")
		return s.Send(t.Context(), frozen.Freeze(), deliverytest.Notice(headwatch.StepResolve, "ops"))
	})
	var e pagerDutyEvent
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.RoutingKey != "key-of-the-trigger" {
		t.Errorf("key %q, %v", e.RoutingKey, err)
	}
}

func TestPagerDutyWithoutAURLGoesToPagerDuty(t *testing.T) {
	s, err := New(conf(config.AlertPagerDuty, config.Secret{}), deps)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.(*pagerDuty).to.URL.Reveal(); got != "https://events.pagerduty.com/v2/enqueue" {
		t.Errorf("got %s", got)
	}
}

func TestWhatAPagerIsTold(t *testing.T) {
	low := deliverytest.Notice(headwatch.StepResolve, "ops")
	low.Peak = headwatch.LevelNone // as of an incident that the journal never saw
	over := deliverytest.Report(headwatch.ReportFailed, "ops")
	over.Transition.Level = headwatch.LevelNone
	for _, tc := range []struct {
		from headwatch.Level
		n    headwatch.Notice
		want string
	}{
		{headwatch.LevelPage, deliverytest.Notice(headwatch.StepWarn, "ops"), ""},
		{headwatch.LevelWarn, deliverytest.Notice(headwatch.StepWarn, "ops"), "trigger warning"},
		{headwatch.LevelPage, deliverytest.Notice(headwatch.StepPage, "ops"), "trigger error"},
		{headwatch.LevelTrip, deliverytest.Notice(headwatch.StepPage, "ops"), ""},
		{headwatch.LevelPage, deliverytest.Notice(headwatch.StepTrip, "ops"), "trigger critical"},
		{headwatch.LevelPage, deliverytest.Notice(headwatch.StepAck, "ops"), "acknowledge"},
		{headwatch.LevelPage, deliverytest.Notice(headwatch.StepRecover, "ops"), ""},
		{headwatch.LevelPage, deliverytest.Notice(headwatch.StepRelapse, "ops"), ""},
		{headwatch.LevelPage, deliverytest.Notice(headwatch.StepHold, "ops"), ""},
		{headwatch.LevelPage, deliverytest.Notice(headwatch.StepResolve, "ops"), "resolve"},
		{headwatch.LevelPage, low, "resolve"},
		{headwatch.LevelPage, deliverytest.Report(headwatch.ReportAnnounced, "ops"), "trigger critical"},
		{headwatch.LevelTrip, deliverytest.Report(headwatch.ReportWithheld, "ops"), "trigger critical"},
		{headwatch.LevelPage, over, "trigger critical"},
		{headwatch.LevelPage, deliverytest.Report(headwatch.ReportEffective, "ops"), ""},
		{headwatch.LevelPage, deliverytest.Report(headwatch.ReportVetoed, "ops"), ""},
	} {
		p := &pagerDuty{write: testWriter, from: tc.from}
		got := ""
		for _, e := range errands(tc.n, p.from) {
			switch e.action {
			case trigger:
				got = "trigger " + p.event(e, "", tc.n).Payload.Severity
			case remark: // PagerDuty is not told
			default:
				got = string(e.action)
			}
		}
		if got != tc.want {
			t.Errorf("%s from %s: got %q, want %q", tc.n.Kind, tc.from, got, tc.want)
		}
	}
}

func TestWhatAPagerIsNotToldIsDeliveredByTellingNothing(t *testing.T) {
	s, err := New(conf(config.AlertPagerDuty, config.NewSecret("http://127.0.0.1:1")), deps)
	if err != nil {
		t.Fatal(err)
	}
	if detail, err := s.Send(t.Context(), s.Route(), deliverytest.Notice(headwatch.StepRecover, "ops")); err != nil || detail != delivery.NotTold {
		t.Errorf("got %q, %v", detail, err)
	}
}

func TestALongKeyIsTheSameEveryTimeAndItsOwn(t *testing.T) {
	long := strings.Repeat("k", 300)
	first, again := dedupKey(long), dedupKey(strings.Clone(long))
	if first != again || first == dedupKey(long+"x") || dedupKey("short") != "short" {
		t.Error("keys mix up incidents")
	}
}
