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
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"headwatch"
)

const because = `{"reason":"sequencer says so"}`

// obedient makes a world that carries out every order and keeps what it was told.
func obedient() (*world, *[]headwatch.Action) {
	w := newWorld()
	var told []headwatch.Action
	w.act = func(_ context.Context, a headwatch.Action) (headwatch.Event, error) {
		told = append(told, a)
		return headwatch.Event{Seq: 12, At: a.At, Action: &a}, nil
	}
	return w, &told
}

func TestOrdersReachTheProgram(t *testing.T) {
	open := headwatch.Incident{ID: "lending-4", Circuit: "lending"}
	tests := map[string]struct {
		path, authorization, body string
		want                      headwatch.Action
	}{
		"trip":  {"/v1/circuits/lending/trip", "Bearer " + adasToken, because, headwatch.Action{Kind: headwatch.ActionTrip, Actor: "ada"}},
		"reset": {"/v1/circuits/lending/reset", "Bearer " + gracesToken, because, headwatch.Action{Kind: headwatch.ActionReset, Actor: "grace"}},
		"hold": {
			"/v1/circuits/lending/hold", "Bearer " + adasToken, `{"reason":" sequencer says so ","for":"30m"}`,
			headwatch.Action{Kind: headwatch.ActionHold, Actor: "ada", For: 30 * time.Minute},
		},
		"ack of a circuit":   {"/v1/circuits/lending/ack", "Bearer " + adasToken, because, headwatch.Action{Kind: headwatch.ActionAck, Actor: "ada"}},
		"ack of an incident": {"/v1/incidents/lending-4/ack", "Bearer " + adasToken, because, headwatch.Action{Kind: headwatch.ActionAck, Actor: "ada", Incident: "lending-4"}},
		"veto":               {"/v1/hooks/pause/veto", "Bearer " + adasToken, because, headwatch.Action{Kind: headwatch.ActionVeto, Actor: "ada", Hook: "pause"}},
		"approval in one of two incidents": {
			"/v1/hooks/pause/approve", "Bearer " + gracesToken, `{"reason":"sequencer says so","incident":"lending-4"}`,
			headwatch.Action{Kind: headwatch.ActionApprove, Actor: "grace", Hook: "pause", Incident: "lending-4"},
		},
		"scheme in lower case": {"/v1/circuits/lending/trip", "bearer " + adasToken, because, headwatch.Action{Kind: headwatch.ActionTrip, Actor: "ada"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, told := obedient()
				w.incidents = []headwatch.Incident{open}
				r := post(tt.path, "", tt.body)
				r.Header.Set("Authorization", tt.authorization)
				rec := w.ask(t, r)
				if rec.Code != http.StatusOK {
					t.Fatalf("%d %s", rec.Code, rec.Body)
				}
				tt.want.Reason, tt.want.At = "sequencer says so", time.Now()
				if tt.want.Hook == "" {
					tt.want.Circuit = "lending"
				}
				if len(*told) != 1 || (*told)[0] != tt.want {
					t.Fatalf("told %+v, want %+v", *told, tt.want)
				}
				var ev headwatch.Event
				if err := json.Unmarshal(rec.Body.Bytes(), &ev); err != nil || ev.Seq != 12 {
					t.Fatalf("body %s: %v", rec.Body, err)
				}
			})
		})
	}
}

func TestOrdersNeedAToken(t *testing.T) {
	tests := map[string]struct {
		authorization string
		want          int
		challenge     string
	}{
		"none":                {"", http.StatusUnauthorized, `Bearer realm="headwatch"`},
		"another scheme":      {"Basic " + adasToken, http.StatusUnauthorized, `Bearer realm="headwatch"`},
		"the bare token":      {adasToken, http.StatusUnauthorized, `Bearer realm="headwatch"`},
		"an empty token":      {"Bearer ", http.StatusUnauthorized, `Bearer realm="headwatch"`},
		"wrong":               {"Bearer let-me-in", http.StatusUnauthorized, `Bearer realm="headwatch", error="invalid_token"`},
		"a part of one":       {"Bearer " + adasToken[:len(adasToken)-1], http.StatusUnauthorized, `Bearer realm="headwatch", error="invalid_token"`},
		"one and more":        {"Bearer " + adasToken + "x", http.StatusUnauthorized, `Bearer realm="headwatch", error="invalid_token"`},
		"both at once":        {"Bearer " + adasToken + " " + gracesToken, http.StatusUnauthorized, `Bearer realm="headwatch", error="invalid_token"`},
		"the name":            {"Bearer ada", http.StatusUnauthorized, `Bearer realm="headwatch", error="invalid_token"`},
		"the redaction":       {"Bearer [redacted]", http.StatusUnauthorized, `Bearer realm="headwatch", error="invalid_token"`},
		"the first operator":  {"Bearer " + adasToken, http.StatusOK, ""},
		"the second operator": {"Bearer " + gracesToken, http.StatusOK, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, told := obedient()
			r := post("/v1/circuits/lending/trip", "", because)
			r.Header.Set("Authorization", tt.authorization)
			rec := w.ask(t, r)
			if rec.Code != tt.want || rec.Header().Get("WWW-Authenticate") != tt.challenge {
				t.Fatalf("%d, WWW-Authenticate %q", rec.Code, rec.Header().Get("WWW-Authenticate"))
			}
			if tt.want == http.StatusOK {
				return
			}
			sentence(t, rec)
			if len(*told) != 0 {
				t.Fatalf("the order went through: %+v", *told)
			}
		})
	}
}

func TestOrdersAreOffWithoutOperators(t *testing.T) {
	for _, path := range []string{"/v1/circuits/lending/trip", "/v1/incidents/lending-1/ack"} {
		w, told := obedient()
		w.config.Operators = nil
		for _, token := range []string{"", adasToken, " "} {
			rec := w.ask(t, post(path, token, because))
			if rec.Code != http.StatusNotFound || !strings.Contains(sentence(t, rec), "no operators are configured") {
				t.Errorf("%s with %q: %d %s", path, token, rec.Code, rec.Body)
			}
			w.metrics = newWorld().metrics
		}
		if len(*told) != 0 {
			t.Errorf("the order went through: %+v", *told)
		}
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	long := strings.Repeat("é", maxReason)
	tests := map[string]struct {
		kind, body string
		want       int
		says       string
	}{
		"shortest reason":     {"trip", `{"reason":"abc"}`, http.StatusOK, ""},
		"longest reason":      {"trip", `{"reason":"` + long + `"}`, http.StatusOK, ""},
		"longest hold":        {"hold", `{"reason":"abc","for":"24h"}`, http.StatusOK, ""},
		"space around it":     {"trip", " \n" + because + "\n ", http.StatusOK, ""},
		"nothing":             {"trip", ``, http.StatusBadRequest, `{"reason":"why"}`},
		"not JSON":            {"trip", `reason=why`, http.StatusBadRequest, `{"reason":"why"}`},
		"a list":              {"trip", `["why"]`, http.StatusBadRequest, `{"reason":"why"}`},
		"null":                {"trip", `null`, http.StatusBadRequest, "reason must say why"},
		"no reason":           {"trip", `{}`, http.StatusBadRequest, "reason must say why"},
		"blank reason":        {"trip", `{"reason":"        "}`, http.StatusBadRequest, "reason must say why"},
		"too short":           {"trip", `{"reason":"ab"}`, http.StatusBadRequest, "not 2"},
		"too long":            {"trip", `{"reason":"` + long + `x"}`, http.StatusBadRequest, "not 501"},
		"two lines":           {"trip", `{"reason":"one\ntwo"}`, http.StatusBadRequest, "one line"},
		"escape sequence":     {"trip", `{"reason":"\u001b[2Jgone"}`, http.StatusBadRequest, "printable"},
		"right-to-left trick": {"trip", `{"reason":"abc\u202edef"}`, http.StatusBadRequest, "printable"},
		"reason of number":    {"trip", `{"reason":12345}`, http.StatusBadRequest, "reason"},
		"an actor":            {"trip", `{"reason":"abc","actor":"grace"}`, http.StatusBadRequest, "actor"},
		"a second object":     {"trip", because + because, http.StatusBadRequest, "nothing after it"},
		"a stray bracket":     {"trip", because + `}`, http.StatusBadRequest, "nothing after it"},
		"over 4 KiB":          {"trip", `{"reason":"abc"` + strings.Repeat(" ", maxBody) + `}`, http.StatusRequestEntityTooLarge, "at most 4096 bytes"},
		"4 KiB, then more":    {"trip", because + strings.Repeat(" ", maxBody), http.StatusRequestEntityTooLarge, "at most 4096 bytes"},
		"trip for a while":    {"trip", `{"reason":"abc","for":"30m"}`, http.StatusBadRequest, "a hold or an acknowledgement only"},
		"hold for ever":       {"hold", because, http.StatusBadRequest, "a hold needs a duration (for)"},
		"hold for no time":    {"hold", `{"reason":"abc","for":"0s"}`, http.StatusBadRequest, "a hold needs a duration (for)"},
		"hold into the past":  {"hold", `{"reason":"abc","for":"-1h"}`, http.StatusBadRequest, "a hold needs a duration (for)"},
		"hold too long":       {"hold", `{"reason":"abc","for":"24h0m1s"}`, http.StatusBadRequest, "24h"},
		"trip of an incident": {"trip", `{"reason":"abc","incident":"lending-4"}`, http.StatusBadRequest, "hook only"},
		"hold for a number":   {"hold", `{"reason":"abc","for":30}`, http.StatusBadRequest, "for"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, told := obedient()
			rec := w.ask(t, post("/v1/circuits/lending/"+tt.kind, adasToken, tt.body))
			if rec.Code != tt.want {
				t.Fatalf("%d %s, want %d", rec.Code, rec.Body, tt.want)
			}
			if tt.want == http.StatusOK {
				return
			}
			if got := sentence(t, rec); !strings.Contains(got, tt.says) {
				t.Fatalf("%q does not say %q", got, tt.says)
			}
			if len(*told) != 0 {
				t.Fatalf("the order went through: %+v", *told)
			}
		})
	}
}

func TestWhatTheProgramAnswersToAnOrder(t *testing.T) {
	tests := map[string]struct {
		err  error
		want int
		says string
	}{
		"conflict": {fmt.Errorf("reset lending: %w: it is closed", ErrConflict), http.StatusConflict, "it is closed"},
		"unknown":  {fmt.Errorf("circuit lending: %w", ErrNotFound), http.StatusNotFound, "circuit lending"},
		"too late": {fmt.Errorf("append: %w", context.DeadlineExceeded), http.StatusServiceUnavailable, "may still have been taken"},
		"broken":   {errors.New("append to nats://user:pass@host: no space left"), http.StatusInternalServerError, "the log says why"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.act = func(context.Context, headwatch.Action) (headwatch.Event, error) { return headwatch.Event{}, tt.err }
			rec := w.ask(t, post("/v1/circuits/lending/reset", adasToken, because))
			got := sentence(t, rec)
			if rec.Code != tt.want || !strings.Contains(got, tt.says) || strings.Contains(got, "nats") {
				t.Fatalf("%d %q", rec.Code, got)
			}
		})
	}
}

func TestAnOrderHasABoundedTimeAndOutlivesItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.act = func(ctx context.Context, _ headwatch.Action) (headwatch.Event, error) {
			<-ctx.Done()
			return headwatch.Event{}, ctx.Err()
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		begun := time.Now()
		rec := w.ask(t, post("/v1/circuits/lending/trip", adasToken, because).WithContext(gone))
		if took := time.Since(begun); rec.Code != http.StatusServiceUnavailable || took != orderTimeout {
			t.Fatalf("%d after %s", rec.Code, took)
		}
	})
}

func TestOnlyAnOpenIncidentIsAcknowledged(t *testing.T) {
	for id, want := range map[string]int{"lending-1": http.StatusConflict, "lending-9": http.StatusNotFound} {
		w, told := obedient()
		w.incidents = []headwatch.Incident{{ID: "lending-1", Circuit: "lending", Resolved: time.Unix(1754375000, 0)}}
		rec := w.ask(t, post("/v1/incidents/"+id+"/ack", adasToken, because))
		if sentence(t, rec); rec.Code != want || len(*told) != 0 {
			t.Errorf("%s: %d %s, told %+v", id, rec.Code, rec.Body, *told)
		}
	}
}

func TestOrdersFromOtherSitesPagesAreRefused(t *testing.T) {
	for name, header := range map[string][2]string{
		"modern browser": {"Sec-Fetch-Site", "cross-site"},
		"sibling domain": {"Sec-Fetch-Site", "same-site"},
		"old browser":    {"Origin", "https://elsewhere.example"},
		"opaque origin":  {"Origin", "null"},
	} {
		w, told := obedient()
		r := post("/v1/circuits/lending/trip", adasToken, because)
		r.Header.Set(header[0], header[1])
		rec := w.ask(t, r)
		if sentence(t, rec); rec.Code != http.StatusForbidden || len(*told) != 0 {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}

func TestWrongTokensAreLimitedAndRightOnesAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, told := obedient()
		h := w.server(t).Handler()
		status := func(token string) int {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, post("/v1/circuits/lending/trip", token, because))
			if rec.Code == http.StatusTooManyRequests && rec.Header().Get("Retry-After") != "1" {
				t.Errorf("429 with Retry-After %q", rec.Header().Get("Retry-After"))
			}
			return rec.Code
		}
		for second := range 2 {
			for i := range maxGuesses {
				if got := status("guess-guess-guess"); got != http.StatusUnauthorized {
					t.Fatalf("second %d, guess %d: %d", second, i, got)
				}
			}
			if got := status("guess-guess-guess"); got != http.StatusTooManyRequests {
				t.Fatalf("second %d, one guess too many: %d", second, got)
			}
			if got := status(adasToken); got != http.StatusOK {
				t.Fatalf("second %d, the operator: %d", second, got)
			}
			time.Sleep(time.Second)
		}
		if len(*told) != 2 {
			t.Fatalf("%d orders", len(*told))
		}
	})
}

func FuzzReadOrder(f *testing.F) {
	f.Add(because, false)
	f.Add(`{"reason":"abc","for":"30m"}`, true)
	f.Add(`{"reason":"\ud800\u0000"}`, false)
	f.Add(`{"reason":"abc","for":"9223372036854775807ns"}`, true)
	f.Fuzz(func(t *testing.T, body string, isHold bool) {
		kind := headwatch.ActionTrip
		if isHold {
			kind = headwatch.ActionHold
		}
		a, err := readOrder(strings.NewReader(body), kind)
		if err != nil {
			return
		}
		reason, hold := a.Reason, a.For
		if n := utf8.RuneCountInString(reason); n < minReason || n > maxReason || !utf8.ValidString(reason) {
			t.Errorf("reason %q", reason)
		}
		for _, c := range reason {
			if !unicode.IsPrint(c) {
				t.Errorf("reason %q holds %U", reason, c)
			}
		}
		if a.Incident != "" {
			t.Errorf("a %s of incident %q", kind, a.Incident)
		}
		if isHold != (hold > 0) || hold > maxHold {
			t.Errorf("hold %s", hold)
		}
	})
}
