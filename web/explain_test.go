package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/explain"
)

func TestExplainIsADocumentOrAText(t *testing.T) {
	told := explain.Explanation{Schema: explain.Schema, Circuit: "lending", Chain: "base", Phase: headwatch.Live, Verdict: "base: live"}
	var asked string
	newAsked := func() *world {
		w := newWorld()
		w.explain = func(_ context.Context, circuit string, at time.Time) (explain.Explanation, error) {
			asked = circuit + " " + at.UTC().Format(time.RFC3339)
			return told, nil
		}
		return w
	}

	rec := newAsked().ask(t, get("/v1/circuits/lending/explain?at=2026-11-21T16:48:00%2B01:00"))
	var back explain.Explanation
	if err := json.Unmarshal(rec.Body.Bytes(), &back); err != nil || rec.Code != http.StatusOK || back.Verdict != told.Verdict || back.Schema != explain.Schema {
		t.Errorf("%d %s: %v", rec.Code, rec.Body, err)
	}
	if asked != "lending 2026-11-21T15:48:00Z" {
		t.Errorf("asked for %s", asked)
	}

	r := get("/v1/circuits/lending/explain")
	r.Header.Set("Accept", "text/plain, */*;q=0.1")
	rec = newAsked().ask(t, r)
	if got := rec.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" || rec.Body.String() != told.Text() {
		t.Errorf("%s: %s", got, rec.Body)
	}
	if asked != "lending 0001-01-01T00:00:00Z" {
		t.Errorf("asked for %s", asked)
	}
}

func TestWhatCannotBeExplainedSaysWhy(t *testing.T) {
	for _, test := range []struct {
		path string
		err  error
		code int
		want string
	}{
		{"?at=yesterday", nil, http.StatusBadRequest, "2026-11-21T15:48:00Z"},
		{"", fmt.Errorf("%w: there is no circuit x: did you mean y?", ErrNotFound), http.StatusNotFound, "did you mean y?"},
		{"", errors.New("a secret of the file system"), http.StatusInternalServerError, "the log says why"},
	} {
		w := newWorld()
		w.explain = func(context.Context, string, time.Time) (explain.Explanation, error) {
			return explain.Explanation{}, test.err
		}
		rec := w.ask(t, get("/v1/circuits/x/explain"+test.path))
		if got := sentence(t, rec); rec.Code != test.code || !strings.Contains(got, test.want) {
			t.Errorf("%s, %v: %d %s", test.path, test.err, rec.Code, got)
		}
	}
}

func TestExplainingThePastTakesASeat(t *testing.T) {
	w := newWorld()
	s := w.server(t)
	for range maxStreams {
		s.seats <- struct{}{}
	}
	for path, want := range map[string]int{
		"/v1/circuits/x/explain?at=2026-11-21T15:48:00Z": http.StatusServiceUnavailable,
		"/v1/circuits/x/explain":                         http.StatusNotFound,
	} {
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, get(path))
		if rec.Code != want {
			t.Errorf("%s: %d, want %d", path, rec.Code, want)
		}
	}
}
