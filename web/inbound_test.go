package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatComesInGoesToItsChannel(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		size   int
		want   int
	}{
		"taken":       {http.StatusOK, 100, http.StatusOK},
		"the largest": {http.StatusOK, maxInbound, http.StatusOK},
		"too large":   {http.StatusOK, maxInbound + 1, http.StatusRequestEntityTooLarge},
		"not signed":  {http.StatusForbidden, 100, http.StatusForbidden},
		"later":       {http.StatusServiceUnavailable, 100, http.StatusServiceUnavailable},
	} {
		w := newWorld()
		asked := false
		w.inbound = func(_ context.Context, channel string, header http.Header, body []byte) (int, string) {
			asked = true
			if channel != "on-call" || header.Get("X-Signature") != "s" || len(body) != c.size {
				t.Errorf("%s: %s, %v, %d bytes", name, channel, header, len(body))
			}
			return c.status, "said so"
		}
		r := post("/v1/inbound/on-call", "", strings.Repeat("x", c.size))
		r.Header.Set("X-Signature", "s")
		rec := w.ask(t, r)
		if rec.Code != c.want || asked != (c.size <= maxInbound) || (rec.Body.Len() > 0) != (c.want != http.StatusOK) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}

func TestStrangersAreLimitedAndReceiversAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.inbound = func(_ context.Context, _ string, header http.Header, _ []byte) (int, string) {
			if header.Get("X-Signature") == "" {
				return http.StatusForbidden, "who are you?"
			}
			return http.StatusOK, ""
		}
		h := w.server(t).Handler()
		status := func(signature string) int {
			rec := httptest.NewRecorder()
			r := post("/v1/inbound/on-call", "", "{}")
			r.Header.Set("X-Signature", signature)
			h.ServeHTTP(rec, r)
			return rec.Code
		}
		for range 2 {
			for range maxStrangers {
				if got := status(""); got != http.StatusForbidden {
					t.Fatal(got)
				}
			}
			if got := status(""); got != http.StatusTooManyRequests {
				t.Errorf("one too many: %d", got)
			}
			if got := status("s"); got != http.StatusOK {
				t.Errorf("a receiver meanwhile: %d", got)
			}
			time.Sleep(time.Second)
		}
	})
}
