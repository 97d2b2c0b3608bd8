package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
)

func TestSilencesReachTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		stamp := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
		base := headwatch.Matcher{Name: "chain", Value: "base", IsEqual: true}
		for name, c := range map[string]struct {
			body string
			want headwatch.Silence
		}{
			"as people write it": {
				`{"matchers":["chain=base","severity!=trip"],"for":"2h","reason":"the upgrade"}`,
				headwatch.Silence{Matchers: []headwatch.Matcher{base, {Name: "severity", Value: "trip"}}, Starts: now, Ends: now.Add(2 * time.Hour)},
			},
			"as Alertmanager does": {
				`{"matchers":[{"name":"chain","value":"base","isRegex":false,"isEqual":true},{"name":"circuit","value":"lend.*","isRegex":true}],"for":"1m","reason":"the upgrade"}`,
				headwatch.Silence{Matchers: []headwatch.Matcher{base, {Name: "circuit", Value: "lend.*", IsRegex: true, IsEqual: true}}, Starts: now, Ends: now.Add(time.Minute)},
			},
			"later, with hooks": {
				`{"matchers":["chain=base"],"starts":"` + stamp(time.Hour) + `","ends":"` + stamp(3*time.Hour) + `","reason":"the upgrade","hold_hooks":true}`,
				headwatch.Silence{Matchers: []headwatch.Matcher{base}, Starts: now.Add(time.Hour), Ends: now.Add(3 * time.Hour), HoldHooks: true},
			},
			"a moment ago": {
				`{"matchers":["chain=base"],"starts":"` + stamp(-30*time.Second) + `","for":"168h","reason":"the upgrade"}`,
				headwatch.Silence{Matchers: []headwatch.Matcher{base}, Starts: now, Ends: now.Add(168 * time.Hour)},
			},
			"everything": {
				`{"all":true,"for":"1h","reason":"the upgrade"}`,
				headwatch.Silence{Matchers: []headwatch.Matcher{everything}, Starts: now, Ends: now.Add(time.Hour)},
			},
		} {
			w, told := obedient()
			rec := w.ask(t, post("/v1/silences", gracesToken, c.body))
			if rec.Code != http.StatusOK || len(*told) != 1 {
				t.Fatalf("%s: %d %s, told %+v", name, rec.Code, rec.Body, *told)
			}
			a := (*told)[0]
			got := *a.Silence
			if !got.Starts.Equal(c.want.Starts) || !got.Ends.Equal(c.want.Ends) || !slices.Equal(got.Matchers, c.want.Matchers) || got.HoldHooks != c.want.HoldHooks {
				t.Errorf("%s: %+v, want %+v", name, got, c.want)
			}
			if a.Kind != headwatch.ActionSilence || a.Actor != "grace" || a.Reason != "the upgrade" || got.Author != "grace" || got.Reason != a.Reason || !a.At.Equal(now) {
				t.Errorf("%s: %+v", name, a)
			}
		}
	})
}

func TestSilencesThatAreRefused(t *testing.T) {
	far := time.Now().Add(91 * 24 * time.Hour).Format(time.RFC3339)
	past := time.Now().Add(-2 * time.Minute).Format(time.RFC3339)
	soon := time.Now().Add(time.Hour).Format(time.RFC3339)
	many := strings.TrimSuffix(strings.Repeat(`"chain=a",`, maxMatchers+1), ",")
	for name, c := range map[string]struct{ body, says string }{
		"of nothing":          {`{"for":"1h","reason":"why"}`, `everything is "all":true`},
		"of all and more":     {`{"all":true,"matchers":["chain=base"],"for":"1h","reason":"why"}`, "leave the matchers out"},
		"of all, unsaid":      {`{"matchers":["chain=~.*"],"for":"1h","reason":"why"}`, "hold for everything"},
		"of all, said longer": {`{"matchers":["chain=~.+","severity=~\"[a-z].*|x\""],"for":"1h","reason":"why"}`, "hold for everything"},
		"no matcher":          {`{"matchers":["base"],"for":"1h","reason":"why"}`, "not a matcher"},
		"a number":            {`{"matchers":[7],"for":"1h","reason":"why"}`, "a matcher is a text"},
		"a wrong object":      {`{"matchers":[{"name":"cluster","value":"x"}],"for":"1h","reason":"why"}`, "nothing that a matcher looks at"},
		"too many":            {`{"matchers":[` + many + `],"for":"1h","reason":"why"}`, "at most 20"},
		"without an end":      {`{"matchers":["chain=base"],"reason":"why"}`, "a silence ends"},
		"with two ends":       {`{"matchers":["chain=base"],"for":"1h","ends":"` + soon + `","reason":"why"}`, "a silence ends"},
		"too long":            {`{"matchers":["chain=base"],"for":"169h","reason":"why"}`, "from 60s to 7d"},
		"too long by its end": {`{"matchers":["chain=base"],"ends":"` + far + `","reason":"why"}`, "api.max_silence"},
		"over at once":        {`{"matchers":["chain=base"],"ends":"` + past + `","reason":"why"}`, "ends is in the past"},
		"a second":            {`{"matchers":["chain=base"],"for":"1s","reason":"why"}`, "from 60s"},
		"in the past":         {`{"matchers":["chain=base"],"starts":"` + past + `","for":"1h","reason":"why"}`, "in the past"},
		"next year":           {`{"matchers":["chain=base"],"starts":"` + far + `","for":"1h","reason":"why"}`, "[[maintenance]]"},
		"without a reason":    {`{"matchers":["chain=base"],"for":"1h"}`, "reason must say why"},
		"in another's name":   {`{"matchers":["chain=base"],"for":"1h","reason":"why","author":"eve"}`, "author"},
	} {
		w, told := obedient()
		rec := w.ask(t, post("/v1/silences", adasToken, c.body))
		if got := sentence(t, rec); rec.Code != http.StatusBadRequest || len(*told) != 0 || !strings.Contains(got, c.says) {
			t.Errorf("%s: %d %q, told %+v", name, rec.Code, got, *told)
		}
	}
	w, told := obedient()
	if rec := w.ask(t, post("/v1/silences", "", `{"all":true,"for":"1h","reason":"why"}`)); rec.Code != http.StatusUnauthorized || len(*told) != 0 {
		t.Errorf("without a token: %d, %+v", rec.Code, *told)
	}
}

func TestASilenceIsEnded(t *testing.T) {
	for method, path := range map[string]string{http.MethodPost: "/v1/silences/s-1/end", http.MethodDelete: "/v1/silences/s-1"} {
		w, told := obedient()
		r := post(path, adasToken, because)
		r.Method = method
		if rec := w.ask(t, r); rec.Code != http.StatusOK || len(*told) != 1 || (*told)[0].Kind != headwatch.ActionUnsilence || (*told)[0].Silence.ID != "s-1" {
			t.Errorf("%s: %d %s, %+v", method, rec.Code, rec.Body, *told)
		}
	}
}

func TestSilencesAreShown(t *testing.T) {
	w := newWorld()
	w.silences = []headwatch.Silence{{ID: "later", Starts: time.Now().Add(time.Hour)}, {ID: "now", Starts: time.Now().Add(-time.Hour)}}
	w.ended = []Silence{{Silence: headwatch.Silence{ID: "over", Author: "ada", Reason: "the upgrade"}, State: SilenceEnded, EndedBy: "grace", Because: "done early"}}
	var doc struct {
		Silences []Silence `json:"silences"`
	}
	rec := w.ask(t, get("/v1/silences"))
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); err != nil || len(doc.Silences) != 3 {
		t.Fatalf("%s: %v", rec.Body, err)
	}
	for i, want := range []struct {
		id    string
		state SilenceState
	}{{"now", SilenceActive}, {"later", SilenceComing}, {"over", SilenceEnded}} {
		if got := doc.Silences[i]; got.ID != want.id || got.State != want.state {
			t.Errorf("%d: %+v, want %+v", i, got, want)
		}
	}
	if got := doc.Silences[2]; got.EndedBy != "grace" || got.Because != "done early" {
		t.Errorf("%+v", got)
	}
}

func TestNotesAndHowLongAnAcknowledgementHolds(t *testing.T) {
	for name, c := range map[string]struct {
		path, body string
		want       int
		held       time.Duration
	}{
		"a note":                    {"/v1/incidents/lending-2/note", because, http.StatusOK, 0},
		"a note on what is over":    {"/v1/incidents/lending-1/note", because, http.StatusOK, 0},
		"a note on nothing":         {"/v1/incidents/lending-9/note", because, http.StatusNotFound, 0},
		"a note for a while":        {"/v1/incidents/lending-2/note", `{"reason":"abc","for":"1h"}`, http.StatusBadRequest, 0},
		"in hand for a while":       {"/v1/incidents/lending-2/ack", `{"reason":"abc","for":"30m"}`, http.StatusOK, 30 * time.Minute},
		"a circuit for a while":     {"/v1/circuits/lending/ack", `{"reason":"abc","for":"24h"}`, http.StatusOK, 24 * time.Hour},
		"in hand for a moment":      {"/v1/circuits/lending/ack", `{"reason":"abc","for":"59s"}`, http.StatusBadRequest, 0},
		"in hand for the weekend":   {"/v1/circuits/lending/ack", `{"reason":"abc","for":"24h1s"}`, http.StatusBadRequest, 0},
		"in hand for nobody knows":  {"/v1/circuits/lending/ack", `{"reason":"abc","for":"a while"}`, http.StatusBadRequest, 0},
		"in hand as the rules have": {"/v1/circuits/lending/ack", because, http.StatusOK, 0},
	} {
		w, told := obedient()
		w.incidents = []headwatch.Incident{{ID: "lending-2", Circuit: "lending"}, {ID: "lending-1", Circuit: "lending", Resolved: time.Unix(1, 0)}}
		rec := w.ask(t, post(c.path, adasToken, c.body))
		if rec.Code != c.want || (len(*told) == 1) != (c.want == http.StatusOK) || len(*told) == 1 && (*told)[0].For != c.held {
			t.Errorf("%s: %d %s, %+v", name, rec.Code, rec.Body, *told)
		}
	}
}

func FuzzReadSilence(f *testing.F) {
	f.Add(`{"matchers":["chain=base",{"name":"circuit","value":"x.*","isRegex":true}],"for":"2h","reason":"why"}`)
	f.Add(`{"all":true,"starts":"2026-11-21T00:00:00Z","ends":"2026-11-22T00:00:00Z","reason":"why"}`)
	now, longest := time.Date(2026, 11, 20, 23, 59, 30, 0, time.UTC), 7*24*time.Hour
	f.Fuzz(func(t *testing.T, body string) {
		s, err := readSilence(strings.NewReader(body), now, longest)
		if err != nil {
			return
		}
		if d := s.Ends.Sub(s.Starts); d < minSilence || d > longest || s.Starts.Before(now) || s.Starts.Sub(now) > maxAhead || len(s.Matchers) == 0 {
			t.Errorf("%+v", s)
		}
		for _, m := range s.Matchers {
			if m.Check() != nil {
				t.Errorf("%+v: %v", m, m.Check())
			}
		}
	})
}
