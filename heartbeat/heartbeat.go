// Package heartbeat sends signs of life to places outside, which tell people when they cease: healthchecks, and any dead-man URL.
//
// It must not judge: whether headwatch is well is said by whoever made it, and while it is not, nothing is sent that looks like
// life. It tells no person, and it never shows a URL: who has one can keep a dead watchdog looking alive.
package heartbeat

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	attempts = 3               // of one sign of life, quickly: a lost packet is not a death
	settle   = 5 * time.Second // from the start to the first success: until then the heads are not known
	maxBody  = 10 << 10        // bytes; more of it healthchecks does not keep
	jitter   = 0.05            // of the interval, so that many do not come at once
	pause    = time.Second     // before the second attempt; the third comes after three of them
)

// State is how headwatch is, as it may be told outside.
type State struct {
	Unwell []string // why nobody may rely on it; empty while all is well
	Body   string   // a few lines for whoever looks
}

// Heart sends the signs of life of one [[heartbeat]].
type Heart struct {
	cfg    config.Heartbeat
	client *http.Client
	run    string // identifies this process to healthchecks
	state  func(now time.Time) State

	mu     sync.Mutex
	status headwatch.HeartbeatStatus
}

// New prepares a heartbeat; Run starts it. state is asked before each sign of life, and must be quick.
func New(c config.Heartbeat, state func(now time.Time) State) *Heart {
	return &Heart{
		cfg: c, client: delivery.Client(c.Timeout.D()), run: newRun(), state: state,
		status: headwatch.HeartbeatStatus{Name: c.Name, Kind: c.Kind, Host: c.URL.Host(), Every: c.Every.D()},
	}
}

// newRun makes a random UUID (RFC 9562, version 4), which healthchecks wants for a run.
func newRun() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it does not fail
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Status is what became of it so far. Any goroutine may call it; nobody changes the result.
func (h *Heart) Status() headwatch.HeartbeatStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.status
}

// Run sends until ctx ends, then returns nil. It may be called once. A stop is not announced: whoever stops headwatch for longer
// than its receiver waits is to hear of it.
func (h *Heart) Run(ctx context.Context) error {
	if h.cfg.Kind == config.HeartbeatHealthchecks {
		h.send(ctx, "/start", "headwatch starts")
	}
	for wait := min(settle, h.cfg.Every.D()); delivery.Sleep(ctx, wait); wait = h.interval() {
		h.beat(ctx, time.Now())
	}
	return nil
}

func (h *Heart) interval() time.Duration {
	return time.Duration((1 + jitter*(2*mrand.Float64()-1)) * float64(h.cfg.Every))
}

// beat sends one sign of life. While headwatch is not well, healthchecks is told why, and a URL hears nothing.
func (h *Heart) beat(ctx context.Context, now time.Time) {
	s := h.state(now)
	h.mu.Lock()
	h.status.Unwell = s.Unwell
	h.mu.Unlock()
	switch {
	case len(s.Unwell) == 0:
		if h.send(ctx, "", s.Body) {
			h.mu.Lock()
			h.status.Last = time.Now()
			h.mu.Unlock()
		}
	case h.cfg.Kind == config.HeartbeatHealthchecks:
		h.send(ctx, "/fail", strings.Join(s.Unwell, "\n")+"\n\n"+s.Body)
	}
}

// send makes up to three attempts, all of them within one interval, and keeps what came of them.
func (h *Heart) send(ctx context.Context, what, body string) bool {
	ctx, cancel := context.WithTimeout(ctx, h.cfg.Every.D())
	defer cancel()
	var err error
	for n := range attempts {
		if n > 0 && !delivery.Sleep(ctx, time.Duration(2*n-1)*pause) {
			break
		}
		if err = h.post(ctx, what, body); err == nil || !again(err) {
			break
		}
	}
	if errors.Is(err, context.Canceled) {
		return false // cut short, not failed
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.status.Sent++
		h.status.Failing, h.status.Error = time.Time{}, ""
		return true
	}
	h.status.Failed++
	h.status.Error = err.Error()
	if h.status.Failing.IsZero() {
		h.status.Failing = time.Now()
	}
	return false
}

// again reports whether another attempt within seconds may do better. Who was told to wait waits for the next interval.
func again(err error) bool {
	e, ok := errors.AsType[*delivery.Error](err)
	return !ok || !e.Permanent && e.RetryAfter == 0 && e.Reason != delivery.ReasonRateLimited
}

// post makes one attempt. healthchecks takes a sort of sign after the path and the run as a parameter
// (https://healthchecks.io/docs/http_api/); both are added to whatever the URL has.
func (h *Heart) post(ctx context.Context, what, body string) error {
	to := delivery.Route{Kind: h.cfg.Kind, URL: h.cfg.URL}
	if h.cfg.Kind == config.HeartbeatHealthchecks {
		u, err := url.Parse(h.cfg.URL.Reveal())
		if err != nil {
			return errors.New("the url cannot be used") // the error would show it
		}
		u = u.JoinPath(what)
		query := u.Query()
		query.Set("rid", h.run)
		u.RawQuery = query.Encode()
		to.URL = config.NewSecret(u.String())
	}
	header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	resp, err := delivery.Post(ctx, h.client, to, header, []byte(strings.ToValidUTF8(body[:min(len(body), maxBody)], "")))
	if err == nil && h.cfg.Kind == config.HeartbeatHealthchecks {
		return ignored(resp)
	}
	return err
}

// ignored is the error of a sign of life that healthchecks.io answers with 200 and did not take: it says "OK (not found)" of a check that
// is no longer there and "OK (rate limited)" of one sign too many, for those who read the status alone; a page is somebody else's answer.
func ignored(resp *delivery.Response) error {
	refused, _ := errors.AsType[*delivery.Error](resp.BadAnswer())
	switch {
	case strings.HasPrefix(resp.Body, "OK (rate limited"):
		refused.Reason = delivery.ReasonRateLimited
	case !strings.HasPrefix(resp.Body, "OK (") && !strings.HasPrefix(resp.Body, "<"):
		return nil
	}
	return refused
}
