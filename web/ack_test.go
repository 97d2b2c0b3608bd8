package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
)

// onCall is a world in which one incident is open, and keeps what is acknowledged by link.
func onCall() (*world, *[]headwatch.Action) {
	w := newWorld()
	w.incidents = []headwatch.Incident{
		{
			ID: "lending-2", Circuit: "lending", Chain: "base", Level: headwatch.LevelPage, Peak: headwatch.LevelPage,
			Since: time.Now().Add(-10 * time.Minute), Steps: []headwatch.Step{
				{Kind: headwatch.StepPage, Level: headwatch.LevelPage, Actor: headwatch.Watchdog},
				{Kind: headwatch.StepNote, Level: headwatch.LevelPage, Actor: "grace", Reason: `<script>alert(1)</script>&"'`},
			},
		},
		{ID: "lending-1", Circuit: "lending", Resolved: time.Now().Add(-time.Hour), Since: time.Now().Add(-2 * time.Hour)},
	}
	w.signals = func() []headwatch.Signal { return []headwatch.Signal{lease("lending", headwatch.Closed)} }
	var taken []headwatch.Action
	w.ackOnce = func(_ context.Context, _ string, a headwatch.Action) (headwatch.Action, error) {
		taken = append(taken, a)
		return taken[0], nil
	}
	return w, &taken
}

func linkTo(t *testing.T, incident, channel string) string {
	return "/ack/" + tokenOf(t, NewLinks(public, linkKey), headwatch.Notice{Incident: incident, Channel: channel, Step: 1}, time.Now())
}

func form(path string, fields ...string) *http.Request {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

var filledIn = []string{"name", "Ada L.", "reason", "on it", "for", "30m"}

// A chat opens every link that it shows.
func TestToLookAtALinkChangesNothing(t *testing.T) {
	w, taken := onCall()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for range 3 {
			rec := w.ask(t, httptest.NewRequest(method, linkTo(t, "lending-2", "adas-phone"), nil))
			if rec.Code != http.StatusOK {
				t.Fatalf("%s: %d %s", method, rec.Code, rec.Body)
			}
			w.metrics = newWorld().metrics
		}
	}
	if len(*taken) != 0 {
		t.Errorf("acknowledged: %+v", *taken)
	}
}

func TestTheFormKnowsWhoseChannelItIs(t *testing.T) {
	for channel, want := range map[string]string{"adas-phone": `value="Ada L."`, "ops-chat": `name="name" value=""`} {
		w, _ := onCall()
		rec := w.ask(t, get(linkTo(t, "lending-2", channel)))
		if body := rec.Body.String(); !strings.Contains(body, want) || !strings.Contains(body, "nobody has it in hand") || !strings.Contains(body, "PAGE lending: open for 10m") {
			t.Errorf("%s: %s", channel, body)
		}
	}
}

func TestALinkAcknowledgesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, taken := onCall()
		h, link := w.server(t).Handler(), linkTo(t, "lending-2", "adas-phone")
		post := func(fields ...string) (int, string) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, form(link, fields...))
			return rec.Code, rec.Body.String()
		}
		status, body := post(filledIn...)
		want := headwatch.Action{
			Kind: headwatch.ActionAck, Circuit: "lending", Incident: "lending-2", Actor: "Ada L.", Reason: "on it", For: 30 * time.Minute, Via: "link", At: time.Now(),
		}
		if status != http.StatusOK || len(*taken) != 1 || (*taken)[0] != want || !strings.Contains(body, "Ada L. has incident lending-2 in hand for 30m") {
			t.Fatalf("%d, %+v; want %+v\n%s", status, *taken, want, body)
		}

		// The book has it now.
		inc := &w.incidents[0]
		inc.AckedBy, inc.AckedAt, inc.AckedUntil = "Ada L.", time.Now(), time.Now().Add(30*time.Minute)
		time.Sleep(time.Minute)
		if status, body := post("name", "Eve", "reason", "mine"); status != http.StatusConflict || len(*taken) != 1 || !strings.Contains(body, "Nothing was changed: Ada L. has it in hand since ") {
			t.Errorf("a second time: %d, %+v\n%s", status, *taken, body)
		}

		// It has ended, and the link stays used.
		time.Sleep(time.Hour)
		if status, body := post("name", "Eve", "reason", "mine"); status != http.StatusConflict || !strings.Contains(body, "this link was used by Ada L. at ") {
			t.Errorf("when it has ended: %d\n%s", status, body)
		}
	})
}

// Who opened the form before it got worse saw something smaller.
func TestAFormFromBeforeItGotWorseIsShownAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, taken := onCall()
		h, link := w.server(t).Handler(), linkTo(t, "lending-2", "adas-phone")
		ask := func(r *http.Request) *httptest.ResponseRecorder {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			return rec
		}
		shown := func(rec *httptest.ResponseRecorder) string {
			match := regexp.MustCompile(`name="shown" value="([^"]+)"`).FindStringSubmatch(rec.Body.String())
			if match == nil {
				t.Fatalf("no form: %d %s", rec.Code, rec.Body)
			}
			return html.UnescapeString(match[1])
		}
		before := shown(ask(get(link)))
		time.Sleep(time.Minute)
		inc := &w.incidents[0]
		inc.Level, inc.Peak = headwatch.LevelTrip, headwatch.LevelTrip
		inc.Steps = append(inc.Steps, headwatch.Step{At: time.Now(), Kind: headwatch.StepTrip, Level: headwatch.LevelTrip, Actor: headwatch.Watchdog})
		for _, stale := range []string{before, "", "soon"} {
			again := ask(form(link, append(slices.Clone(filledIn), "shown", stale)...))
			body := again.Body.String()
			if again.Code != http.StatusConflict || len(*taken) != 0 || !strings.Contains(body, "it got worse") || !strings.Contains(body, "TRIP lending") || !strings.Contains(body, `value="Ada L."`) {
				t.Fatalf("shown %q: %d, %+v: %s", stale, again.Code, *taken, body)
			}
			before = shown(again)
		}
		if rec := ask(form(link, append(slices.Clone(filledIn), "shown", before)...)); rec.Code != http.StatusOK || len(*taken) != 1 || !(*taken)[0].At.Equal(time.Now()) {
			t.Errorf("said again: %d, %+v: %s", rec.Code, *taken, rec.Body)
		}
	})
}

func TestLinksThatAreOfNoUse(t *testing.T) {
	good := linkTo(t, "lending-2", "ops-chat")
	aged := func(age time.Duration) string {
		return "/ack/" + tokenOf(t, NewLinks(public, linkKey), headwatch.Notice{Incident: "lending-2", Step: 1}, time.Now().Add(-age))
	}
	for name, c := range map[string]struct {
		link string
		want int
		says string
	}{
		"forged":           {good + "A", http.StatusNotFound, "not one of ours"},
		"cut short":        {good[:len(good)-4], http.StatusNotFound, "not one of ours"},
		"of what is over":  {linkTo(t, "lending-1", "ops-chat"), http.StatusGone, "nothing left to acknowledge"},
		"unknown":          {linkTo(t, "vaults-9", "ops-chat"), http.StatusGone, "nothing left to acknowledge"},
		"nearly expired":   {aged(linkLasts - time.Minute), http.StatusOK, "lending"},
		"expired":          {aged(linkLasts), http.StatusGone, "This link has expired"},
		"of another world": {"/ack/x", http.StatusNotFound, "not one of ours"},
	} {
		for _, r := range []*http.Request{get(c.link), form(c.link, filledIn...)} {
			w, taken := onCall()
			rec := w.ask(t, r)
			if got := len(*taken) == 1; rec.Code != c.want || got != (c.want == http.StatusOK && r.Method == http.MethodPost) {
				t.Errorf("%s %s: %d, took %+v", r.Method, name, rec.Code, *taken)
			}
			if !strings.Contains(rec.Body.String(), c.says) || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
				t.Errorf("%s %s: %s", r.Method, name, rec.Body)
			}
		}
	}
}

func TestGuessesAtLinksAreLimitedAndGoodOnesAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := onCall()
		h := w.server(t).Handler()
		status := func(link string) int {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, get(link))
			return rec.Code
		}
		for range maxForms {
			if got := status("/ack/guess"); got != http.StatusNotFound {
				t.Fatal(got)
			}
		}
		if got := status("/ack/guess"); got != http.StatusTooManyRequests {
			t.Errorf("one too many: %d", got)
		}
		if got := status(linkTo(t, "lending-2", "ops-chat")); got != http.StatusOK {
			t.Errorf("a good one meanwhile: %d", got)
		}
	})
}

func TestWhatTheFormRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		fields []string
		says   string
	}{
		"nobody":           {[]string{"name", " ", "reason", "on it"}, "your name must have"},
		"a long name":      {[]string{"name", strings.Repeat("x", 41), "reason", "on it"}, "your name must have"},
		"two lines":        {[]string{"name", "Ada\nL.", "reason", "on it"}, "one line"},
		"the program":      {[]string{"name", "Headwatch", "reason", "on it"}, "give your own"},
		"no reason":        {[]string{"name", "Ada"}, "reason must say why"},
		"a moment":         {[]string{"name", "Ada", "reason", "on it", "for", "1s"}, "for must be a duration"},
		"for ever":         {[]string{"name", "Ada", "reason", "on it", "for", "25h"}, "for must be a duration"},
		"no duration":      {[]string{"name", "Ada", "reason", "on it", "for", "soon"}, "for must be a duration"},
		"more than a form": {[]string{"name", "Ada", "reason", strings.Repeat("x", maxBody)}, "the form cannot be read"},
		"nothing whatever": {nil, "your name must have"},
	} {
		w, taken := onCall()
		rec := w.ask(t, form(linkTo(t, "lending-2", "ops-chat"), c.fields...))
		if rec.Code != http.StatusBadRequest || len(*taken) != 0 || !strings.Contains(rec.Body.String(), c.says) || !strings.Contains(rec.Body.String(), "<form") {
			t.Errorf("%s: %d, %+v: %s", name, rec.Code, *taken, rec.Body)
		}
	}
}

func TestWhatBecomesOfAnAcknowledgementByLink(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want int
		says string
	}{
		"over meanwhile": {fmt.Errorf("%w: the incident is resolved", ErrConflict), http.StatusConflict, "the incident is resolved"},
		"broken":         {errors.New("append to nats://user:pass@host: no space left"), http.StatusServiceUnavailable, "could not be put on record"},
	} {
		w, _ := onCall()
		w.ackOnce = func(context.Context, string, headwatch.Action) (headwatch.Action, error) {
			return headwatch.Action{}, c.err
		}
		rec := w.ask(t, form(linkTo(t, "lending-2", "ops-chat"), filledIn...))
		if rec.Code != c.want || !strings.Contains(rec.Body.String(), c.says) || strings.Contains(rec.Body.String(), "nats") {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}

// A browser that sends no Sec-Fetch-Site, over plain HTTP, is known by its Origin: the public one, whatever a proxy calls this host.
func TestTheFormIsTakenFromItsOwnPageOnly(t *testing.T) {
	for name, c := range map[string]struct {
		header, value string
		want          int
	}{
		"the page itself":                  {"Sec-Fetch-Site", "same-origin", http.StatusOK},
		"the page itself, old browser":     {"Origin", public, http.StatusOK},
		"another site's page":              {"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		"another site's page, old browser": {"Origin", "https://elsewhere.example", http.StatusForbidden},
		"a page that hides itself":         {"Origin", "null", http.StatusForbidden},
	} {
		w, taken := onCall()
		r := form(linkTo(t, "lending-2", "ops-chat"), filledIn...)
		r.Header.Set(c.header, c.value)
		if rec := w.ask(t, r); rec.Code != c.want || (len(*taken) == 1) != (c.want == http.StatusOK) {
			t.Errorf("%s: %d, %+v", name, rec.Code, *taken)
		}
	}
}

func TestPagesRunNothingAndLoadNothing(t *testing.T) {
	w, _ := onCall()
	h := w.server(t).Handler()
	link := linkTo(t, "lending-2", "ops-chat")
	for _, path := range []string{"/i/lending-2", "/i/lending-1", "/i/%3Cscript%3E", link, "/ack/x"} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, get(path))
		body := rec.Body.String()
		style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(body)
		if style == nil {
			t.Fatalf("%s: %d %s", path, rec.Code, body)
		}
		sum := sha256.Sum256([]byte(style[1]))
		policy := rec.Header().Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q is without %q", path, policy, part)
			}
		}
		if rec.Header().Get("Referrer-Policy") != "same-origin" || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, rec.Header())
		}
		if strings.Contains(body, "<script") || strings.Contains(body, "http") || path != link && strings.Contains(body, "<form") {
			t.Errorf("%s: %s", path, body)
		}
	}
}

func TestAnIncidentsPageTellsWhatHappened(t *testing.T) {
	w, _ := onCall()
	rec := w.ask(t, get("/i/lending-2"))
	body := rec.Body.String()
	for _, want := range []string{
		"PAGE lending: open for 10m", "the pager rings", "noted, by grace: &lt;script&gt;alert(1)&lt;/script&gt;&amp;&#34;&#39;",
		"circuit closed, chain unknown", "nobody has it in hand",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q: %s", want, body)
		}
	}
	for path, want := range map[string]string{"/i/lending-1": "OVER lending: lasted 1h", "/i/nobody-1": "No such incident"} {
		w, _ := onCall()
		if rec := w.ask(t, get(path)); !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}
