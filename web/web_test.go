package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	operator := func(name, token string) config.Operator {
		return config.Operator{Name: name, Token: config.NewSecret(token)}
	}
	tests := map[string]struct {
		change func(*config.API, *Deps)
		want   string
	}{
		"no lease":            {func(c *config.API, _ *Deps) { c.Lease = 0 }, "shorter than 1s"},
		"missing dependency":  {func(_ *config.API, d *Deps) { d.Ready = nil }, "not set"},
		"nameless operator":   {func(c *config.API, _ *Deps) { c.Operators[0] = operator("", adasToken) }, "no name"},
		"watchdog's own name": {func(c *config.API, _ *Deps) { c.Operators[0] = operator("headwatch", adasToken) }, "watchdog"},
		"no token":            {func(c *config.API, _ *Deps) { c.Operators[0] = operator("ada", "") }, "shorter than 16"},
		"short token":         {func(c *config.API, _ *Deps) { c.Operators[0] = operator("ada", adasToken[:15]) }, "shorter than 16"},
		"shared token":        {func(c *config.API, _ *Deps) { c.Operators[0] = operator("ada", gracesToken) }, "same token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			d := w.deps()
			tt.change(&w.config, &d)
			_, err := New(w.config, d, w.metrics, w.log)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v does not say %q", err, tt.want)
			}
			if strings.Contains(err.Error(), adasToken[:15]) || strings.Contains(err.Error(), gracesToken) {
				t.Fatalf("error %v shows a token", err)
			}
		})
	}
}

func TestMetricsServeOneServer(t *testing.T) {
	w := newWorld()
	w.server(t)
	if _, err := New(w.config, w.deps(), w.metrics, w.log); err == nil {
		t.Fatal("a second server took the same metrics")
	}
}

func TestRunEndsWithAnErrorWhenTheListenerDies(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the descriptor is gone")
	err = newWorld().server(t).Run(t.Context(), dying{l, broken})
	if !errors.Is(err, broken) {
		t.Fatalf("Run gave %v", err)
	}
}

type dying struct {
	net.Listener
	err error
}

func (d dying) Accept() (net.Conn, error) { return nil, d.err }

func TestRunClosesOpenStreamsWhenCancelled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s := newWorld().server(t)
	go func() { ended <- s.Run(ctx, l) }()

	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Get("http://" + l.Addr().String() + "/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	begun := time.Now()
	cancel()
	if err := <-ended; err != nil {
		t.Fatalf("Run gave %v", err)
	}
	if took := time.Since(begun); took > shutdownGrace/2 {
		t.Fatalf("the stream held up the shutdown for %s", took)
	}
	if rest := text(t, resp.Body); rest != "" {
		t.Fatalf("the stream ended with %q", rest)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Fatal("the listener is still open")
	}
}

func TestAnOrderUnderWayAtShutdownIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		begun := make(chan struct{})
		w.act = func(ctx context.Context, _ headwatch.Action) (headwatch.Event, error) {
			close(begun)
			time.Sleep(shutdownGrace / 2)
			return headwatch.Event{Seq: 3}, ctx.Err()
		}
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		s := w.server(t)
		go func() { ended <- s.Run(ctx, p) }()

		conn := p.dial()
		defer conn.Close()
		body := `{"reason":"why not"}`
		go fmt.Fprintf(conn, "POST /v1/circuits/lending/trip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", adasToken, len(body), body)
		<-begun
		cancel()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := text(t, resp.Body); resp.StatusCode != http.StatusOK || !strings.Contains(got, `"seq":3`) {
			t.Fatalf("answer %d %s", resp.StatusCode, got)
		}
		if err := <-ended; err != nil {
			t.Fatalf("Run gave %v", err)
		}
	})
}

func TestShutdownDoesNotWaitForAStuckReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		s := w.server(t)
		go func() { ended <- s.Run(ctx, p) }()

		conn := p.dial()
		defer conn.Close()
		go io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil); err != nil {
			t.Fatal(err)
		}
		w.journal.add(transition(1))
		synctest.Wait()
		begun := time.Now()
		cancel()
		if err := <-ended; err != nil || time.Since(begun) != shutdownGrace {
			t.Fatalf("Run gave %v after %s", err, time.Since(begun))
		}
		synctest.Wait()
		if len(s.seats) != 0 {
			t.Fatal("the stream outlived the server")
		}
	})
}

func TestSlowRequestsAreCutOff(t *testing.T) {
	tests := map[string]struct {
		request string
		limit   time.Duration
	}{
		"header": {"GET /healthz HTTP/1.1\r\nHost:", readHeaderTimeout},
		"body": {
			"POST /v1/circuits/lending/trip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + adasToken + "\r\nContent-Length: 99\r\n\r\n{",
			readTimeout,
		},
		"idle": {"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", idleTimeout},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := serve(t, newWorld().server(t))
				conn := p.dial()
				defer conn.Close()
				begun := time.Now()
				go io.WriteString(conn, tt.request)
				_, _ = io.Copy(io.Discard, conn)
				if got := time.Since(begun); got < tt.limit || got > tt.limit+time.Second {
					t.Fatalf("cut off after %s, want %s", got, tt.limit)
				}
			})
		})
	}
}

func TestSlowReadersAreCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := serve(t, newWorld().server(t))
		conn := p.dial()
		defer conn.Close()
		go io.WriteString(conn, "GET /v1/chains HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(writeTimeout)
		synctest.Wait()
		if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			t.Fatal("the answer still waits")
		}
	})
}

func TestLargeHeadersAreRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s := newWorld().server(t)
	go func() { ended <- s.Run(ctx, l) }()
	defer func() {
		cancel()
		<-ended
	}()

	for size, want := range map[int]int{maxHeaderBytes / 2: http.StatusOK, 2 * maxHeaderBytes: http.StatusRequestHeaderFieldsTooLarge} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Padding: %s\r\n\r\n", strings.Repeat("x", size))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != want {
			t.Errorf("a header of %d bytes gave %d, want %d", size, resp.StatusCode, want)
		}
	}
}
