package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/explain"
)

var readable = []string{
	"/healthz", "/readyz", "/metrics", "/v1/version", "/v1/chains", "/v1/circuits", "/v1/circuits/lending", "/v1/circuits/lending/explain",
	"/v1/incidents", "/v1/incidents/lending-1", "/v1/silences", "/v1/circuits/lending/who", "/i/lending-1",
}

func filled() *world {
	w := newWorld()
	w.signals = func() []headwatch.Signal { return []headwatch.Signal{lease("lending", headwatch.Closed)} }
	w.incidents = []headwatch.Incident{{ID: "lending-1", Circuit: "lending"}}
	w.explain = func(context.Context, string, time.Time) (explain.Explanation, error) {
		return explain.Explanation{}, nil
	}
	w.who = func(context.Context, string, time.Time) (explain.Who, error) { return explain.Who{}, nil }
	return w
}

func TestEveryAnswerForbidsCachingAndGuessingItsType(t *testing.T) {
	h := filled().server(t).Handler()
	for _, path := range append([]string{"/nowhere", "/v1/circuits/nobody", "/v1/events?after=x"}, readable...) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, get(path))
		if rec.Header().Get("Cache-Control") != "no-store" || rec.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: header %v", path, rec.Header())
		}
		if cors := rec.Header().Get("Access-Control-Allow-Origin"); cors != "" {
			t.Errorf("%s: allows origin %q", path, cors)
		}
	}
}

func TestHeadGivesTheStatusOfGetWithoutABody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := serve(t, filled().server(t))
		for _, path := range append([]string{"/v1/circuits/nobody", "/v1/events"}, readable...) {
			head := do(t, client, http.MethodHead, path)
			if body := text(t, head.Body); body != "" {
				t.Errorf("HEAD %s has the body %q", path, body)
			}
			whole := do(t, client, http.MethodGet, path)
			if head.StatusCode != whole.StatusCode || head.Header.Get("Content-Type") != whole.Header.Get("Content-Type") {
				t.Errorf("HEAD %s: %d %v, GET: %d %v", path, head.StatusCode, head.Header, whole.StatusCode, whole.Header)
			}
		}
	})
}

func TestMissesAreJSON(t *testing.T) {
	tests := map[string]struct {
		method, path string
		want         int
		allow        string
	}{
		"root":                      {http.MethodGet, "/", http.StatusNotFound, ""},
		"unknown path":              {http.MethodGet, "/v2/chains", http.StatusNotFound, ""},
		"uncleaned unknown path":    {http.MethodGet, "//v2//chains", http.StatusNotFound, ""},
		"unknown circuit":           {http.MethodGet, "/v1/circuits/nobody", http.StatusNotFound, ""},
		"unknown incident":          {http.MethodGet, "/v1/incidents/nobody-1", http.StatusNotFound, ""},
		"unknown order":             {http.MethodPost, "/v1/circuits/lending/close", http.StatusNotFound, ""},
		"write to what is readable": {http.MethodDelete, "/v1/chains", http.StatusMethodNotAllowed, "GET, HEAD"},
		"post to a circuit":         {http.MethodPost, "/v1/circuits/lending", http.StatusMethodNotAllowed, "GET, HEAD"},
		"read an order":             {http.MethodGet, "/v1/circuits/lending/trip", http.StatusMethodNotAllowed, "POST"},
		"preflight":                 {http.MethodOptions, "/v1/circuits/lending/trip", http.StatusMethodNotAllowed, "POST"},
	}
	h := filled().server(t).Handler()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(tt.method, tt.path, nil))
			if rec.Code != tt.want || rec.Header().Get("Allow") != tt.allow {
				t.Fatalf("%d, Allow %q", rec.Code, rec.Header().Get("Allow"))
			}
			sentence(t, rec)
		})
	}
}
