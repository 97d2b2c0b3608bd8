package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/postmortem"
)

func TestAReportInEachFormat(t *testing.T) {
	w := newWorld()
	at := time.Date(2026, 6, 25, 15, 47, 0, 0, time.UTC)
	w.journal.add(headwatch.Event{At: at, Transition: &headwatch.Transition{
		Circuit: "lending", Seq: 1, At: at, Level: headwatch.LevelWarn, Actor: "ada", Reason: "<b>look</b>", Incident: "lending-1",
	}})
	s := w.server(t)
	for format, want := range map[string][2]string{
		"":             {"application/json", `"schema": "headwatch.report/v1"`},
		"?format=json": {"application/json", `"incident": "lending-1"`},
		"?format=md":   {"text/markdown; charset=utf-8", "# Incident lending-1\n"},
		"?format=html": {"text/html; charset=utf-8", "<h1>Incident lending-1</h1>"},
	} {
		rec := askServer(s, "/v1/incidents/lending-1/report"+format)
		if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != want[0] || !strings.Contains(rec.Body.String(), want[1]) {
			t.Errorf("%q: %d %s\n%s", format, rec.Code, rec.Header(), rec.Body)
		}
		if strings.Contains(rec.Body.String(), "<b>") || rec.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%q: what a person wrote is markup: %s", format, rec.Body)
		}
	}
	var d postmortem.Draft
	if err := json.Unmarshal(askServer(s, "/v1/incidents/lending-1/report").Body.Bytes(), &d); err != nil || d.Circuit != "lending" {
		t.Errorf("the document reads back as %+v: %v", d, err)
	}
}

func TestAReportThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		path string
		err  error
		code int
		want string
	}{
		{"/v1/incidents/none/report", nil, http.StatusNotFound, "holds nothing"},
		{"/v1/incidents/none/report?format=pdf", nil, http.StatusBadRequest, "json, md or html"},
		{"/v1/incidents/none/report", errors.New("a secret of the file system"), http.StatusInternalServerError, "the log says why"},
	} {
		w := newWorld()
		if test.err != nil {
			w.journal.fail(test.err)
		}
		rec := w.ask(t, get(test.path))
		if got := sentence(t, rec); rec.Code != test.code || !strings.Contains(got, test.want) {
			t.Errorf("%s, %v: %d %s", test.path, test.err, rec.Code, got)
		}
	}
}

func TestAReportTakesASeat(t *testing.T) {
	s := newWorld().server(t)
	for range maxStreams {
		s.seats <- struct{}{}
	}
	if rec := askServer(s, "/v1/incidents/x/report"); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("a report without a seat: %d", rec.Code)
	}
}

func askServer(s *Server, path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, get(path))
	return rec
}
