package devnet

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wire is a proxy before a server that answers with JSON.
func wire(t *testing.T) (*proxy, *http.Client) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	t.Cleanup(server.Close)
	p, err := newProxy(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return p, &http.Client{Transport: transport}
}

// ask gives the error of one request, whatever step it came from.
func ask(ctx context.Context, client *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(new(map[string]bool))
}

func TestEachFaultIsSeenByTheClientAsWhatItIs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault Fault
		seen  func(err error, took time.Duration) bool
	}{
		"pass":    {Pass, func(err error, _ time.Duration) bool { return err == nil }},
		"refuse":  {Refuse, func(err error, _ time.Duration) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		"hang":    {Hang, func(err error, _ time.Duration) bool { return errors.Is(err, context.DeadlineExceeded) }},
		"reset":   {Reset, func(err error, _ time.Duration) bool { return errors.Is(err, syscall.ECONNRESET) }},
		"slow":    {Slow, func(err error, took time.Duration) bool { return err == nil && took > 3*trickleEvery }},
		"garbage": {Garbage, func(err error, _ time.Duration) bool { return errors.As(err, new(*json.SyntaxError)) }},
	} {
		for _, fresh := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p, client := wire(t)
				if !fresh { // leave a connection in the pool, for the fault to find
					if err := ask(t.Context(), client, p.address); err != nil {
						t.Fatal(err)
					}
				}
				if err := p.set(tc.fault); err != nil {
					t.Fatal(err)
				}
				patience := 20 * time.Second
				if tc.fault == Hang {
					patience = time.Second / 2
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				start := time.Now()
				if err := ask(ctx, client, p.address); !tc.seen(err, time.Since(start)) {
					t.Errorf("fresh connection %v: got %v after %v", fresh, err, time.Since(start))
				}
				if err := p.set(Pass); err != nil {
					t.Fatal(err)
				}
				if err := ask(t.Context(), client, p.address); err != nil {
					t.Errorf("after the fault: %v", err)
				}
			})
		}
	}
}

func TestAHangingAnswerArrivesWhenTheWireIsMended(t *testing.T) {
	t.Parallel()
	p, client := wire(t)
	if err := p.set(Hang); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() { answered <- ask(t.Context(), client, p.address) }()
	select {
	case err := <-answered:
		t.Fatalf("answered through a hanging wire: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := p.set(Pass); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestAnIdleConnectionIsEndedAtOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*proxy) error{
		"refuse": func(p *proxy) error { return p.set(Refuse) },
		"cut":    (*proxy).cut,
		"close":  func(p *proxy) error { p.close(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, client := wire(t)
			if err := ask(t.Context(), client, p.address); err != nil { // the proxy's own goroutines are up
				t.Fatal(err)
			}
			conn, err := net.Dial("tcp", p.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Read(make([]byte, 1<<10)); err != nil {
				t.Fatal(err)
			}
			if err := end(p); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read after the end: %v", err)
			}
		})
	}
}
