package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"headwatch/explain"
)

func TestWhoIsAskedOfAnInstantThatCanBeForeseen(t *testing.T) {
	now := time.Now()
	for at, want := range map[string]int{
		"": http.StatusOK,
		now.AddDate(9, 0, 0).Format(time.RFC3339):   http.StatusOK,
		now.AddDate(-9, 0, 0).Format(time.RFC3339):  http.StatusOK,
		now.AddDate(11, 0, 0).Format(time.RFC3339):  http.StatusBadRequest,
		now.AddDate(-11, 0, 0).Format(time.RFC3339): http.StatusBadRequest,
		"soon": http.StatusBadRequest,
	} {
		w := newWorld()
		w.who = func(context.Context, string, time.Time) (explain.Who, error) { return explain.Who{}, nil }
		if rec := w.ask(t, get("/v1/circuits/lending/who?at="+url.QueryEscape(at))); rec.Code != want {
			t.Errorf("at %q: %d %s, want %d", at, rec.Code, rec.Body, want)
		}
	}
}
