package heartbeat

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"headwatch/config"
)

// receiver is the other side, in memory: it may run in a bubble.
type receiver struct {
	mu     sync.Mutex
	heard  []string // what, at which second
	bodies []string
	status []int // of the next answers; 200 when there is none
	header http.Header
	answer string // OK when empty
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, _ := io.ReadAll(req.Body)
	r.bodies = append(r.bodies, string(body))
	r.heard = append(r.heard, req.Method+" "+req.URL.String())
	status := http.StatusOK
	if len(r.status) > 0 {
		status, r.status = r.status[0], r.status[1:]
	}
	return &http.Response{StatusCode: status, Header: r.header.Clone(), Body: io.NopCloser(strings.NewReader(cmp.Or(r.answer, "OK"))), Request: req}, nil
}

func (r *receiver) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	heard := r.heard
	r.heard = nil
	return heard
}

func start(t *testing.T, c config.Heartbeat, r *receiver, state func(time.Time) State) *Heart {
	t.Helper()
	c.Name, c.Every, c.Timeout = "outside", config.Duration(time.Minute), config.Duration(10*time.Second)
	h := New(c, state)
	h.client.Transport = r
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return h
}

var well = func(time.Time) State { return State{Body: "base: live"} }

func TestHealthchecksHearsStartSuccessAndFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		var mu sync.Mutex
		var unwell []string
		h := start(t, config.Heartbeat{Kind: config.HeartbeatHealthchecks, URL: config.NewSecret("https://hc.example/ping-key/slug?create=1")}, r,
			func(time.Time) State {
				mu.Lock()
				defer mu.Unlock()
				return State{unwell, "base: live"}
			})
		form := regexp.MustCompile(`^POST https://hc\.example/ping-key/slug(/start|/fail|)\?create=1&rid=([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$`)
		expect := func(want ...string) {
			t.Helper()
			synctest.Wait()
			var got []string
			for _, line := range r.take() {
				m := form.FindStringSubmatch(line)
				if m == nil || m[2] != h.run {
					t.Fatalf("sent %q", line)
				}
				got = append(got, m[1])
			}
			if !slices.Equal(got, want) {
				t.Errorf("heard %q, want %q", got, want)
			}
		}
		time.Sleep(time.Second)
		expect("/start")
		time.Sleep(5 * time.Second)
		expect("")
		time.Sleep(64 * time.Second)
		expect("")
		if s := h.Status(); s.Sent != 3 || s.Failed != 0 || s.Last.IsZero() || s.Host != "hc.example" {
			t.Errorf("status %+v", s)
		}
		mu.Lock()
		unwell = []string{"journal: down"}
		mu.Unlock()
		last := h.Status().Last
		time.Sleep(time.Minute)
		expect("/fail")
		if body := r.bodies[len(r.bodies)-1]; body != "journal: down\n\nbase: live" {
			t.Errorf("body %q", body)
		}
		if s := h.Status(); !s.Last.Equal(last) || !slices.Equal(s.Unwell, unwell) {
			t.Errorf("a failure counts as a success: %+v", s)
		}
	})
}

func TestAURLHearsNothingWhileHeadwatchIsUnwell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		sick := time.Now().Add(2*time.Minute + 30*time.Second)
		start(t, config.Heartbeat{Kind: config.HeartbeatURL, URL: config.NewSecret("https://dead.example/token")}, r, func(now time.Time) State {
			if now.After(sick) {
				return State{Unwell: []string{"chain base: not assessed for 1m"}}
			}
			return well(now)
		})
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		heard := r.take()
		if len(heard) != 3 {
			t.Fatalf("heard %q", heard)
		}
		for _, line := range heard {
			if line != "POST https://dead.example/token" {
				t.Errorf("heard %q", line)
			}
		}
	})
}

// healthchecks.io answers 200 to a sign of a check that somebody deleted: a dead-man switch that nobody holds.
func TestWhatHealthchecksDidNotTakeHasNotArrived(t *testing.T) {
	for answer, want := range map[string]string{
		"OK": "", "Created": "", "OK (not found)": "bad_answer: 200 from hc.example: OK (not found)", "OK (rate limited)": "rate_limited: 200 from hc.example: OK (rate limited)",
		"<html>log in</html>": "bad_answer: 200 from hc.example: <html>log in</html>",
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{answer: answer}
			h := start(t, config.Heartbeat{Kind: config.HeartbeatHealthchecks, URL: config.NewSecret("https://hc.example/ping-key/slug")}, r, well)
			time.Sleep(20 * time.Second)
			if s := h.Status(); s.Error != want || s.Failing.IsZero() != (want == "") || s.Last.IsZero() != (want != "") {
				t.Errorf("%s: %+v", answer, s)
			}
		})
	}
}

func TestASignIsTriedThreeTimesQuickly(t *testing.T) {
	for name, c := range map[string]struct {
		status []int
		header http.Header
		posts  int
		fails  bool
	}{
		"accepted":               {nil, nil, 1, false},
		"accepted later":         {[]int{500, 503}, nil, 3, false},
		"never":                  {[]int{500, 500, 500}, nil, 3, true},
		"refused for good":       {[]int{410}, nil, 1, true},
		"told to wait":           {[]int{429}, nil, 1, true},
		"told to wait for long":  {[]int{503}, http.Header{"Retry-After": {"60"}}, 1, true},
		"a redirect is no taker": {[]int{302, 302, 302}, nil, 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{status: c.status, header: c.header}
				h := start(t, config.Heartbeat{Kind: config.HeartbeatURL, URL: config.NewSecret("https://dead.example/tokenTOKEN")}, r, well)
				time.Sleep(20 * time.Second)
				synctest.Wait()
				if heard := r.take(); len(heard) != c.posts {
					t.Errorf("%d attempts, want %d", len(heard), c.posts)
				}
				s := h.Status()
				if s.Failing.IsZero() == c.fails || (s.Error != "") != c.fails || strings.Contains(s.Error, "TOKEN") {
					t.Errorf("status %+v", s)
				}
				time.Sleep(65 * time.Second)
				synctest.Wait()
				if s := h.Status(); !s.Failing.IsZero() || s.Error != "" || s.Last.IsZero() {
					t.Errorf("it does not recover: %+v", s)
				}
			})
		})
	}
}

// Five pings a minute are what a receiver takes, with the one at the start, at the shortest interval there is.
func TestNeverMoreThanFiveAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		h := New(config.Heartbeat{
			Kind: config.HeartbeatHealthchecks, URL: config.NewSecret("https://hc.example/uuid"), Every: config.Duration(15 * time.Second), Timeout: config.Duration(time.Second),
		}, well)
		h.client.Transport = r
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = h.Run(ctx) }()
		for minute := range 20 {
			time.Sleep(time.Minute)
			synctest.Wait()
			if heard := r.take(); len(heard) > 5 {
				t.Errorf("minute %d: %d pings", minute, len(heard))
			}
		}
		cancel()
	})
}

func TestOverARealSocketWithoutTheURLInErrors(t *testing.T) {
	const secret = "secretSECRETsecret"
	got := make(chan *http.Request, 1)
	bodies := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r
		bodies <- string(body)
	}))
	h := New(config.Heartbeat{
		Kind: config.HeartbeatHealthchecks, URL: config.NewSecret(server.URL + "/" + secret), Every: config.Duration(15 * time.Second), Timeout: config.Duration(5 * time.Second),
	}, well)
	if err := h.post(t.Context(), "/fail", strings.Repeat("ä", maxBody)); err != nil {
		t.Fatal(err)
	}
	if r, body := <-got, <-bodies; r.URL.Path != "/"+secret+"/fail" || len(body) != maxBody || strings.Trim(body, "ä") != "" {
		t.Errorf("got %s with %d bytes", r.URL, len(body))
	}
	server.Close()
	if err := h.post(t.Context(), "", ""); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("error %v", err)
	}
}
