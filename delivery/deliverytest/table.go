package deliverytest

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Channel is a channel over HTTP, as the table sees it.
type Channel struct {
	New     func(url config.Secret) (delivery.Sender, error)
	Notice  headwatch.Notice      // one that the channel sends
	Accepts func(status int) bool // the statuses that mean success, with Answer as the body
	Answer  string                // the body that means success; empty when the channel does not read it
	Secrets []string              // planted in the configuration, besides those in the URL
	Current bool                  // nothing of its route is frozen

	// What this receiver means otherwise than HTTP does; each may be nil.
	Statuses  map[int]Want             // by status
	Answers   map[string]Want          // by body, under a status that it accepts
	Throttles map[string]time.Duration // by body, under a 429: when to come back
}

// planted are the secrets in every URL of the table.
var planted = []string{
	"planted-password-1", base64.StdEncoding.EncodeToString([]byte("user:planted-password-1")),
	"planted-path-token-2", "planted/query+3", "planted%2Fquery%2B3",
}

func plantedURL(scheme, addr string) config.Secret {
	return config.NewSecret(scheme + "://user:planted-password-1@" + addr + "/hooks/planted-path-token-2?key=planted%2Fquery%2B3")
}

// Ends of an attempt. Whatever is not delivered and not permanent is tried again.
const (
	Again     = "again"
	Permanent = "permanent"
	Delivered = "delivered"
)

// Want is what a channel must make of an attempt.
type Want struct {
	End        string
	Reason     delivery.Reason
	RetryAfter time.Duration
}

// Test holds a channel against every status, every fault of the network and every way to leak a secret.
func Test(t *testing.T, c Channel) {
	t.Run("every status", func(t *testing.T) { testStatuses(t, c) })
	t.Run("every fault", func(t *testing.T) { testFaults(t, c) })
	t.Run("tls", func(t *testing.T) { testTLS(t, c) })
	t.Run("every answer", func(t *testing.T) { testAnswers(t, c) })
	t.Run("retry-after", func(t *testing.T) { testRetryAfter(t, c) })
	t.Run("the frozen route decides", func(t *testing.T) { testFrozen(t, c) })
	t.Run("no secret in the journal or the log", func(t *testing.T) { testLeaks(t, c) })
}

func (c Channel) wantStatus(status int) Want {
	if w, ok := c.Statuses[status]; ok {
		return w
	}
	switch {
	case status == http.StatusSwitchingProtocols:
		return Want{End: Again, Reason: delivery.ReasonBadAnswer}
	case status < 200: // informational: the answer itself never came
		return Want{End: Again, Reason: delivery.ReasonReset}
	case c.Accepts(status):
		return Want{End: Delivered}
	case status < 300:
		return Want{End: Again, Reason: delivery.ReasonBadAnswer}
	case status < 400:
		return Want{End: Again, Reason: delivery.ReasonRedirect}
	case status == 429:
		return Want{End: Again, Reason: delivery.ReasonRateLimited}
	case slices.Contains([]int{400, 410, 413, 422}, status):
		return Want{End: Permanent, Reason: delivery.ReasonHTTP4xx}
	case status < 500:
		return Want{End: Again, Reason: delivery.ReasonHTTP4xx}
	}
	return Want{End: Again, Reason: delivery.ReasonHTTP5xx}
}

func testStatuses(t *testing.T, c Channel) {
	r, trap := newReceiver(t), newReceiver(t)
	trap.set(say(200, c.Answer))
	sender := c.sender(t, "http", r.addr)
	for status := 100; status < 600; status++ {
		body := ""
		if status/100 == 2 {
			body = c.Answer
		}
		r.set(say(status, body, "Location: http://"+trap.addr+"/"))
		if status < 200 {
			r.set(raw(fmt.Sprintf("HTTP/1.1 %d Wait\r\n\r\n", status)))
		}
		c.check(t, fmt.Sprint(status), sender, c.wantStatus(status), 10*time.Second)
	}
	if got := r.requests.Load(); got != 500 {
		t.Errorf("%d requests for 500 attempts", got)
	}
	if trap.requests.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func testFaults(t *testing.T, c Channel) {
	head := fmt.Sprintf("HTTP/1.1 %d OK\r\n", c.Good())
	// A channel that goes by the status alone has its answer once the header is there.
	cut := Want{End: Delivered}
	if c.Answer != "" {
		cut = Want{End: Again, Reason: delivery.ReasonBadAnswer}
	}
	const patience, short = 10 * time.Second, 50 * time.Millisecond
	for name, tc := range map[string]struct {
		answer   answer
		want     Want
		patience time.Duration
	}{
		"reset":               {reset, Want{End: Again, Reason: delivery.ReasonReset}, patience},
		"closed":              {raw(""), Want{End: Again, Reason: delivery.ReasonReset}, patience},
		"silence":             {hang, Want{End: Again, Reason: delivery.ReasonTimeout}, short},
		"slow header":         {drip, Want{End: Again, Reason: delivery.ReasonTimeout}, short},
		"header cut short":    {raw(head + "Content-Type: text/plain\r\n"), Want{End: Again, Reason: delivery.ReasonReset}, patience},
		"long header":         {raw(head + "X-Long: " + strings.Repeat("x", 1<<20) + "\r\nContent-Length: 2\r\n\r\nok"), Want{End: Again, Reason: delivery.ReasonBadAnswer}, patience},
		"not http":            {raw("220 mail.example.org ESMTP\r\n"), Want{End: Again, Reason: delivery.ReasonBadAnswer}, patience},
		"status out of range": {raw("HTTP/1.1 999 What\r\n\r\n"), Want{End: Again, Reason: delivery.ReasonBadAnswer}, patience},
		"answer cut short":    {raw(head + "Content-Length: 99\r\n\r\n" + c.Answer[:len(c.Answer)/2]), cut, patience},
		"endless answer":      {flood(head + "\r\n"), cut, patience},
		"error cut short":     {raw("HTTP/1.1 503 No\r\nContent-Length: 99\r\n\r\nsorr"), Want{End: Again, Reason: delivery.ReasonHTTP5xx}, patience},
	} {
		r := newReceiver(t)
		r.set(tc.answer)
		c.check(t, name, c.sender(t, "http", r.addr), tc.want, tc.patience)
		if got := r.requests.Load(); got != 1 {
			t.Errorf("%s: %d requests for one attempt", name, got)
		}
	}
	c.check(t, "nobody listens", c.sender(t, "http", closedPort(t)), Want{End: Again, Reason: delivery.ReasonRefused}, patience)
}

func testTLS(t *testing.T, c Channel) {
	for name, addr := range map[string]string{
		"unknown authority": tlsServer(t, nil),
		"only tls 1.1":      tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}),
		"no tls at all":     plainServer(t),
	} {
		c.check(t, name, c.sender(t, "https", addr), Want{End: Again, Reason: delivery.ReasonTLS}, 10*time.Second)
	}
}

func testRetryAfter(t *testing.T, c Channel) {
	r := newReceiver(t)
	sender := c.sender(t, "http", r.addr)
	const most = 5 * time.Minute
	for value, after := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"0":                             0,
		"-5":                            0,
		"soon":                          0,
		"86400":                         most,
		"99999999999999999999999999":    most,
		"Mon, 02 Jan 2006 15:04:05 GMT": 0,
		"Fri, 31 Dec 9999 23:59:59 GMT": most,
	} {
		for status, reason := range map[int]delivery.Reason{429: delivery.ReasonRateLimited, 503: delivery.ReasonHTTP5xx} {
			var header []string
			if value != "" {
				header = []string{"Retry-After: " + value}
			}
			r.set(say(status, "", header...))
			c.check(t, fmt.Sprintf("%d %q", status, value), sender, Want{Again, reason, after}, 10*time.Second)
		}
	}
	for body, after := range c.Throttles {
		r.set(say(429, body))
		c.check(t, "429 "+body, sender, Want{Again, delivery.ReasonRateLimited, after}, 10*time.Second)
	}
}

func testAnswers(t *testing.T, c Channel) {
	r := newReceiver(t)
	sender := c.sender(t, "http", r.addr)
	for body, want := range c.Answers {
		r.set(say(c.Good(), body))
		c.check(t, "answer "+body, sender, want, 10*time.Second)
	}
}

// Good is the first status that means success.
func (c Channel) Good() int {
	good := 200
	for !c.Accepts(good) {
		good++
	}
	return good
}

func (c Channel) sender(t *testing.T, scheme, addr string) delivery.Sender {
	t.Helper()
	s, err := c.New(plantedURL(scheme, addr))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check makes one attempt and compares its end.
func (c Channel) check(t *testing.T, name string, s delivery.Sender, w Want, patience time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	detail, err := s.Send(ctx, s.Route(), c.Notice)
	if ctx.Err() != nil && w.Reason != delivery.ReasonTimeout {
		t.Errorf("%s: took all of %v", name, patience)
	}

	got := Want{End: Delivered}
	if err != nil {
		var e *delivery.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want a *delivery.Error", name, err)
			return
		}
		got = Want{Again, e.Reason, e.RetryAfter}
		if e.Permanent {
			got.End = Permanent
		}
		if e.Status == 0 && strings.Contains(err.Error(), "://") {
			t.Errorf("%s: the URL is in %q", name, err)
		}
		c.NoSecret(t, name, fmt.Sprintf("%v %+v %#v", err, err, err))
	}
	if got != w {
		t.Errorf("%s: got %+v (%v), want %+v", name, got, err, w)
	}
	c.NoSecret(t, name, detail)
}

// NoSecret fails the test when a text holds a planted secret, as it is or as JSON has it.
func (c Channel) NoSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range slices.Concat(planted, c.Secrets) {
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, secret) || strings.Contains(text, strings.Trim(string(quoted), `"`)) {
			t.Errorf("%s: the secret %q is in %q", where, secret, text)
		}
	}
}
