package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/alert"
	"headwatch/config"
	"headwatch/web"
)

// awaitIncident gives the first incident of the book that is looked for.
func (a *afternoon) awaitIncident(what string, is func(headwatch.Incident) bool) headwatch.Incident {
	a.t.Helper()
	var found headwatch.Incident
	until(a.t, a.screen, func() bool {
		for _, i := range a.desk.book.Incidents() {
			if is(i) {
				found = i
				return true
			}
		}
		return false
	})
	return found
}

func (a *afternoon) openIncident(name string) headwatch.Incident {
	a.t.Helper()
	a.trip(name)
	return a.awaitIncident(name, func(i headwatch.Incident) bool { return i.ID == a.ids[name] && i.Level == headwatch.LevelTrip })
}

func actions(a *afternoon) (all []headwatch.Action) {
	a.t.Helper()
	for e, err := range a.journal.Read(a.t.Context(), 0, false) {
		if err != nil {
			a.t.Fatal(err)
		}
		if e.Action != nil {
			all = append(all, *e.Action)
		}
	}
	return all
}

func TestALinkIsUsedOnceOverEveryRestart(t *testing.T) {
	a := newAfternoon(t, waitingConfig)
	i := a.openIncident("lending-1")
	ack := func(who string) headwatch.Action {
		return headwatch.Action{Kind: headwatch.ActionAck, Circuit: i.Circuit, Incident: i.ID, Actor: who, Reason: "on it", Via: "link", For: time.Hour, At: time.Now()}
	}
	for n, who := range []string{"ada", "eve", "ada"} {
		first, err := a.desk.ackOnce(t.Context(), "slot-1", ack(who))
		if err != nil || first.Actor != "ada" {
			t.Errorf("use %d by %s: %+v, %v", n, who, first, err)
		}
		a.restart()
	}
	if first, err := a.desk.ackOnce(t.Context(), "slot-2", ack("eve")); err != nil || first.Actor != "eve" {
		t.Errorf("another link: %+v, %v", first, err)
	}
	if all := actions(a); len(all) != 2 || all[0].Actor != "ada" || all[1].Actor != "eve" {
		t.Errorf("on record: %+v", all)
	}
}

// A process that dies between the two writes has taken the link and nothing for it: whoever tries again carries out what was kept.
func TestALinkThatWasTakenAndNotCarriedOutIsCarriedOutNext(t *testing.T) {
	a := newAfternoon(t, waitingConfig)
	i := a.openIncident("lending-1")
	kept := []byte(`{"kind":"ack","circuit":"lending","incident":"` + i.ID + `","actor":"ada","reason":"on it","via":"link","at":"2026-11-21T03:10:00Z"}`)
	if _, err := a.journal.Keep(t.Context(), i.ID, linksKept, "slot-1", kept); err != nil {
		t.Fatal(err)
	}
	first, err := a.desk.ackOnce(t.Context(), "slot-1", headwatch.Action{Kind: headwatch.ActionAck, Circuit: i.Circuit, Incident: i.ID, Actor: "eve"})
	if all := actions(a); err != nil || first.Actor != "ada" || len(all) != 1 || all[0].Actor != "ada" {
		t.Errorf("%+v, %v; on record: %+v", first, err, all)
	}
}

func TestTheKeyOfLinksOutlivesTheProcess(t *testing.T) {
	a := newAfternoon(t, waitingConfig)
	a.cfg.API.PublicURL = "https://watch.example"
	n, now := headwatch.Notice{Incident: "lending-1", Channel: "terminal", Step: 3}, time.Unix(1754375000, 0)
	before := newLinks(t.Context(), a.cfg, a.journal, zap.NewNop()).Ack(n, now)
	a.restart()
	if after := newLinks(t.Context(), a.cfg, a.journal, zap.NewNop()).Ack(n, now); after != before || before == "" {
		t.Errorf("%s, then %s", before, after)
	}
	other := newAfternoon(t, waitingConfig)
	other.cfg.API.PublicURL = a.cfg.API.PublicURL
	if foreign := newLinks(t.Context(), other.cfg, other.journal, zap.NewNop()).Ack(n, now); foreign == before {
		t.Error("every journal has the same key")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if newLinks(gone, a.cfg, a.journal, zap.NewNop()).Ack(n, now) == "" {
		t.Error("without the journal there are no links")
	}
}

func TestWhatPeopleOrderOnChannels(t *testing.T) {
	a := newAfternoon(t, waitingConfig)
	i := a.openIncident("lending-1")
	order := func(kind headwatch.ActionKind, who string, at time.Time) headwatch.Action {
		return headwatch.Action{Kind: kind, Incident: i.ID, Actor: who, Reason: "on it", Via: "on-call", At: at}
	}
	heed := func(x headwatch.Action) error { return a.desk.heed(t.Context(), x) }
	early := order(headwatch.ActionAck, "early", i.Opened.Add(-time.Minute))
	for name, x := range map[string]headwatch.Action{
		"early": early, "unknown": {Kind: headwatch.ActionAck, Incident: "vaults-9", Actor: "ada", Reason: "on it"},
		"of an unknown circuit": {Kind: headwatch.ActionAck, Circuit: "vaults", Actor: "ada", Reason: "on it"},
		"of nothing":            {Kind: headwatch.ActionAck, Actor: "ada", Reason: "on it"},
	} {
		if err := heed(x); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all := actions(a); len(all) != 1 || all[0].Kind != headwatch.ActionNote || !strings.Contains(all[0].Reason, "it got worse meanwhile") {
		t.Errorf("of before it got worse: %+v", all)
	}
	for _, kind := range []headwatch.ActionKind{headwatch.ActionTrip, headwatch.ActionReset, headwatch.ActionSilence, headwatch.ActionApprove} {
		if err := heed(order(kind, "eve", time.Now())); err == nil {
			t.Errorf("a %s is taken", kind)
		}
	}
	if err := heed(order(headwatch.ActionAck, "ada", time.Now())); err != nil {
		t.Fatal(err)
	}
	a.awaitIncident("in hand", func(i headwatch.Incident) bool { return i.AckedBy == "ada" })
	for range 2 { // what comes back, and comes again
		if err := heed(order(headwatch.ActionAck, "ada", time.Now())); err != nil {
			t.Fatal(err)
		}
	}
	if err := heed(headwatch.Action{Kind: headwatch.ActionNote, Circuit: "lending", Actor: "ada", Reason: "they are back"}); err != nil {
		t.Fatal(err)
	}
	all := actions(a)
	if len(all) != 3 || all[1].Kind != headwatch.ActionAck || all[1].Circuit != "lending" || all[2].Incident != i.ID || all[2].At.IsZero() {
		t.Errorf("on record: %+v", all)
	}
}

type receiver func() ([]headwatch.Action, error)

func (r receiver) Receive(http.Header, []byte, time.Time) ([]headwatch.Action, error) { return r() }

func TestWhatComesInIsAnswered(t *testing.T) {
	a := newAfternoon(t, waitingConfig)
	i := a.openIncident("lending-1")
	note := headwatch.Action{Kind: headwatch.ActionNote, Incident: i.ID, Actor: "ada", Reason: "they are back", Via: "on-call"}
	var gives []headwatch.Action
	var fails error
	a.desk.log = zap.NewNop()
	a.desk.channels = &channels{inbound: map[string]alert.Inbound{"on-call": receiver(func() ([]headwatch.Action, error) { return gives, fails })}}
	for name, c := range map[string]struct {
		channel string
		gives   []headwatch.Action
		fails   error
		want    int
	}{
		"nothing to do":   {"on-call", nil, nil, http.StatusOK},
		"two notes":       {"on-call", []headwatch.Action{note, note}, nil, http.StatusOK},
		"not here":        {"on-call", []headwatch.Action{{Kind: headwatch.ActionAck, Incident: "other-1"}}, nil, http.StatusOK},
		"no such channel": {"terminal", nil, nil, http.StatusNotFound},
		"not signed":      {"on-call", nil, &alert.Rejection{Status: http.StatusForbidden, Why: "who are you?"}, http.StatusForbidden},
		"too much":        {"on-call", []headwatch.Action{{Kind: headwatch.ActionTrip, Incident: i.ID}}, nil, http.StatusServiceUnavailable},
		"broken":          {"on-call", nil, errors.New("no memory"), http.StatusServiceUnavailable},
	} {
		gives, fails = c.gives, c.fails
		if got, why := a.desk.inbound(t.Context(), c.channel, http.Header{}, nil); got != c.want || (why == "") != (c.want == http.StatusOK) {
			t.Errorf("%s: %d %s", name, got, why)
		}
	}
}

func TestASilenceOfWhatDoesNotExistIsRefused(t *testing.T) {
	d := &desk{cfg: &config.Config{
		Circuits: []config.Circuit{{Name: "base-lending"}, {Name: "op-vaults"}}, Chains: []config.Chain{{Name: "base"}, {Name: "op"}},
	}}
	for text, says := range map[string]string{
		"chain=bse":              `there is no chain "bse": did you mean base?`,
		"chain!=bse":             "did you mean base?",
		"circuit=base-lendin":    "did you mean base-lending?",
		"circuit=base":           "did you mean base-lending?",
		"circuit=~nothing-.*":    "",
		"chain=base":             "",
		"circuit=headwatch":      "",
		"severity!=trip":         "",
		"condition=blind":        "",
		"circuit!=op-vaults":     "",
		`circuit=~"base-lendin"`: "",
	} {
		m, err := headwatch.ParseMatcher(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.exists(m); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
	_, err := d.silence(t.Context(), headwatch.Action{Silence: &headwatch.Silence{Matchers: []headwatch.Matcher{{Name: "chain", Value: "bse", IsEqual: true}}}})
	if !errors.Is(err, web.ErrNotFound) {
		t.Error(err)
	}
}

func TestSilencesComeAndGo(t *testing.T) {
	a := newAfternoon(t, waitingConfig)
	give := func(kind headwatch.ActionKind, s headwatch.Silence) (headwatch.Silence, error) {
		e, err := a.desk.act(t.Context(), headwatch.Action{Kind: kind, Silence: &s, Actor: "ada", Reason: "done early", At: time.Now()})
		if err != nil {
			return s, err
		}
		return *e.Action.Silence, nil
	}
	now := time.Now()
	matchers := []headwatch.Matcher{{Name: "chain", Value: "one", IsEqual: true}}
	s, err := give(headwatch.ActionSilence, headwatch.Silence{Matchers: matchers, Starts: now, Ends: now.Add(time.Hour), Author: "grace", Reason: "the upgrade"})
	if err != nil || len(s.ID) != len("s-")+idLength {
		t.Fatalf("%+v, %v", s, err)
	}
	past, err := give(headwatch.ActionSilence, headwatch.Silence{Matchers: matchers, Starts: now.Add(-3 * time.Hour), Ends: now.Add(-2 * time.Hour), Author: "grace", Reason: "earlier"})
	if err != nil || past.ID == s.ID {
		t.Fatalf("%+v, %v", past, err)
	}
	until(t, a.screen, func() bool { return len(a.desk.book.Silences(time.Now())) == 1 })
	a.restart()
	until(t, a.screen, func() bool { return len(a.desk.book.Silences(time.Now())) == 1 })
	if _, err := give(headwatch.ActionUnsilence, headwatch.Silence{ID: s.ID + "x"}); !errors.Is(err, web.ErrNotFound) || !strings.Contains(err.Error(), "did you mean "+s.ID) {
		t.Errorf("an id with a slip: %v", err)
	}
	if _, err := give(headwatch.ActionUnsilence, headwatch.Silence{ID: s.ID}); err != nil {
		t.Fatal(err)
	}
	until(t, a.screen, func() bool { return len(a.desk.book.Silences(time.Now())) == 0 })
	if _, err := give(headwatch.ActionUnsilence, headwatch.Silence{ID: s.ID}); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	ended, err := a.desk.endedSilences(t.Context(), now.Add(-24*time.Hour))
	if err != nil || len(ended) != 2 || ended[0].ID != s.ID || ended[0].EndedBy != "ada" || ended[0].Because != "done early" || ended[1].ID != past.ID || ended[1].EndedBy != "" {
		t.Errorf("%+v, %v", ended, err)
	}
	if ended, err := a.desk.endedSilences(t.Context(), now.Add(-time.Hour)); err != nil || len(ended) != 1 {
		t.Errorf("lately: %+v, %v", ended, err)
	}
}

func TestWhoOwnsAChannel(t *testing.T) {
	of := owner(&config.Config{People: []config.Person{{Name: "ada", Tell: []string{"adas-phone", "ops"}}, {Name: "grace", Tell: []string{"ops"}}}})
	for channel, want := range map[string]string{"adas-phone": "ada", "ops": "", "nobodys": ""} {
		if got := of(channel); got != want {
			t.Errorf("%s: %q", channel, got)
		}
	}
}
