package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// connection is one request that the test answers.
type connection struct {
	*http.Request
	http.ResponseWriter
	end chan struct{}
}

func (c connection) say(format string, args ...any) {
	fmt.Fprintf(c.ResponseWriter, format, args...)
	_ = http.NewResponseController(c.ResponseWriter).Flush()
}

func (c connection) lease(state string, seq uint64, holds time.Duration) {
	c.say("event: lease\ndata: %s\n\n", leaseOf(state, seq, time.Now().Add(holds)).data)
}

// serve hands every request to the test, which ends it.
func serve(t *testing.T) (address string, requests <-chan connection) {
	t.Helper()
	all := make(chan connection)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := connection{r, w, make(chan struct{})}
		select {
		case all <- c:
			select {
			case <-c.end:
			case <-t.Context().Done():
			}
		case <-t.Context().Done():
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, all
}

// said is one call of act.
type said struct {
	quoting bool
	why     string
}

// keeping runs a keeper and gives what it says.
func keeping(t *testing.T, listen func(context.Context, chan<- message)) <-chan said {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	all, done := make(chan said), make(chan struct{})
	go func() {
		defer close(done)
		keep(ctx, newGate("lending", 0), listen, func(quoting bool, why string) {
			select {
			case all <- said{quoting, why}:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return all
}

func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func want(t *testing.T, all <-chan said, quoting bool, why string) {
	t.Helper()
	if got := next(t, all); got.quoting != quoting || !strings.Contains(got.why, why) {
		t.Fatalf("got %+v, want %t, %q", got, quoting, why)
	}
}

func newStream(address string) *stream {
	return &stream{
		client: client{http: newHTTP(), url: address, circuit: "lending", skew: 2 * time.Second},
		idle:   20 * time.Second, retry: time.Millisecond,
	}
}

func TestTheKeeperObeysALeaseOverEvents(t *testing.T) {
	address, requests := serve(t)
	all := keeping(t, newStream(address).run)
	want(t, all, false, "no lease")

	c := next(t, requests)
	if c.URL.Path != "/v1/events" || c.Request.Header.Get("Last-Event-ID") != "" {
		t.Errorf("asked for %s after %q", c.URL.Path, c.Request.Header.Get("Last-Event-ID"))
	}
	c.lease("closed", 5, time.Minute)
	want(t, all, true, "")
	c.say("id: 41\nevent: transition\ndata: {\"circuit\":\"lending\",\"to\":\"open\",\"seq\":6}\n\n")
	want(t, all, false, `"open"`)
	c.lease("closed", 5, 61*time.Second) // from before the transition
	c.lease("closed", 7, 50*time.Second) // ends before one that was heard
	c.lease("half_open", 7, 62*time.Second)
	want(t, all, false, `"half_open"`) // and not true, for the two before it
	c.lease("closed", 8, 63*time.Second)
	want(t, all, true, "")
	c.say("event: lease\ndata: {\"circuit\":\"lend\n\n")
	want(t, all, false, "cannot be read")
	c.lease("closed", 8, 64*time.Second)
	want(t, all, true, "")
	c.say("event: lease\ndata: half of a le")
	close(c.end)

	// The lease still holds: a connection that breaks stops nothing.
	c = next(t, requests)
	if c.Request.Header.Get("Last-Event-ID") != "41" {
		t.Errorf("resumed after %q", c.Request.Header.Get("Last-Event-ID"))
	}
	c.lease("open", 9, 65*time.Second)
	want(t, all, false, `"open"`)
	close(c.end)

	// A position of another journal is given up.
	c = next(t, requests)
	c.WriteHeader(http.StatusGone)
	close(c.end)
	c = next(t, requests)
	if c.Request.Header.Get("Last-Event-ID") != "" {
		t.Errorf("resumed after %q", c.Request.Header.Get("Last-Event-ID"))
	}
	c.lease("closed", 10, 66*time.Second)
	want(t, all, true, "")
}

func TestSilenceStopsTheKeeper(t *testing.T) {
	address, requests := serve(t)
	s := newStream(address)
	s.idle = 300 * time.Millisecond
	all := keeping(t, s.run)
	want(t, all, false, "no lease")
	c := next(t, requests)
	c.lease("closed", 5, 200*time.Millisecond)
	want(t, all, true, "")
	want(t, all, false, "ran out")
	// The connection is given up, too: nothing comes on it any more.
	c = next(t, requests)
	c.lease("closed", 5, -time.Second)
	c.lease("open", 6, time.Minute)
	want(t, all, false, `"open"`)
}

func TestAServerWithAnotherClockIsNotBelieved(t *testing.T) {
	address, requests := serve(t)
	all := keeping(t, newStream(address).run)
	want(t, all, false, "no lease")
	c := next(t, requests)
	c.ResponseWriter.Header().Set("Date", time.Now().UTC().Add(-time.Minute).Format(http.TimeFormat))
	c.lease("closed", 5, time.Minute)
	want(t, all, false, "clocks")
}

func TestTheKeeperObeysALeaseThatItAsksFor(t *testing.T) {
	// What the answer is: its status, and its body.
	type answer struct {
		status int
		body   string
	}
	var now atomic.Pointer[answer]
	set := func(status int, state string, holds time.Duration) {
		now.Store(&answer{status, leaseOf(state, 5, time.Now().Add(holds)).data})
	}
	set(http.StatusOK, "closed", time.Minute)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/circuits/lending" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		a := now.Load()
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.body)
	}))
	defer s.Close()
	p := &poller{client: client{http: newHTTP(), url: s.URL, circuit: "lending", skew: 2 * time.Second}, every: 50 * time.Millisecond}
	all := keeping(t, p.run)
	want(t, all, false, "no lease")
	want(t, all, true, "")
	set(http.StatusServiceUnavailable, "open", time.Minute)
	want(t, all, false, "503")
	set(http.StatusOK, "closed", 61*time.Second)
	want(t, all, true, "")
	now.Store(&answer{http.StatusOK, "ok"})
	want(t, all, false, "cannot be read")
	set(http.StatusOK, "closed", 62*time.Second)
	want(t, all, true, "")
}

func TestAnAnswerThatDoesNotComeEndsWithTheLease(t *testing.T) {
	address, requests := serve(t)
	p := &poller{client: client{http: newHTTP(), url: address, circuit: "lending", skew: 2 * time.Second}, every: 500 * time.Millisecond}
	all := keeping(t, p.run)
	want(t, all, false, "no lease")
	c := next(t, requests)
	c.say("%s", leaseOf("closed", 5, time.Now().Add(time.Second)).data)
	close(c.end)
	want(t, all, true, "")
	want(t, all, false, "ran out")
}
