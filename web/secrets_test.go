package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"headwatch"
)

// Whatever a client does with its token, and whatever fails on the way, no token comes out of an answer or the log.
func TestNoTokenIsEverShown(t *testing.T) {
	var shown strings.Builder
	w := filled()
	w.log = zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewDevelopmentEncoderConfig()), zapcore.AddSync(&shown), zap.DebugLevel))
	outcomes := []error{nil, ErrConflict, ErrNotFound, context.DeadlineExceeded, errors.New("no space left")}
	var n int
	w.act = func(_ context.Context, a headwatch.Action) (headwatch.Event, error) {
		n++
		return headwatch.Event{Seq: 1, Action: &a}, outcomes[n%len(outcomes)]
	}
	fmt.Fprintf(&shown, "%+v %#v", w.config, w.config)
	w.metrics.Attempt("ops-chat", "post https://hooks.example/"+adasToken)
	w.metrics.Observed(headwatch.Observation{Chain: "base", Endpoint: "own", Err: errors.New("dial " + gracesToken)})

	h := w.server(t).Handler()
	ask := func(r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		fmt.Fprintln(&shown, rec.Code, rec.Header(), rec.Body)
	}
	wrong := adasToken[:len(adasToken)-1] + "Z"
	for _, token := range []string{adasToken, gracesToken, wrong} {
		for _, path := range append([]string{"/", "/v1/events"}, readable...) {
			r := get(path).WithContext(ended(t))
			r.Header.Set("Authorization", "Bearer "+token)
			ask(r)
		}
		for _, path := range []string{"/v1/circuits/lending/trip", "/v1/circuits/lending/hold", "/v1/incidents/lending-1/ack", "/v1/incidents/x/ack"} {
			for range outcomes {
				ask(post(path, token, because))
			}
			ask(post(path, token, "{"))
		}
	}
	for _, secret := range []string{adasToken, gracesToken, wrong} {
		if i := strings.Index(shown.String(), secret); i >= 0 {
			t.Errorf("shown: %q", shown.String()[max(0, i-200):i+len(secret)])
		}
	}
	if n == 0 || !strings.Contains(shown.String(), "wrong token") {
		t.Fatal("the orders did not get through: nothing was tried")
	}
}

// ended gives a context of a client that went away, so that a stream ends at once.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now())
	t.Cleanup(cancel)
	return ctx
}
