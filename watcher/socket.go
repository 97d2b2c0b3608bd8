package watcher

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/websocket"

	"headwatch"
	"headwatch/config"
)

// minFrameGap is the shortest time between two observations of one socket that say no more than that it is open, or repeat a
// reading.
const minFrameGap = 100 * time.Millisecond

// socket is a WebSocket of which every message is read: the sequencer feed, or an API. It pings its peer once a period, and
// gives up when nothing at all came for two periods and the time-out.
type socket struct {
	url     config.Secret
	header  http.Header
	request string // sent once when it is open; "" for nothing
	period  time.Duration
	timeout time.Duration
	secrets secrets
}

// read dials and passes on every message until the connection breaks, message returns an error, or ctx ends. It calls alive
// when the peer shows in another way that the connection is well. The error is a *headwatch.Fault without the URL.
func (s *socket) read(ctx context.Context, alive func(), message func([]byte) error) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	conn.SetReadLimit(maxBody)
	extend := func() error { return conn.SetReadDeadline(time.Now().Add(2*s.period + s.timeout)) }
	beat := func(string) error { alive(); return extend() }
	conn.SetPongHandler(beat)
	conn.SetPingHandler(func(data string) error {
		_ = conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(s.timeout)) // a broken connection shows in reading
		return beat(data)
	})
	if err := extend(); err != nil {
		return s.fault(err)
	}
	meter := meterOf(ctx)
	meter.message(time.Now(), []byte(s.request)) // a subscription, or the handshake alone
	if s.request != "" {
		_ = conn.SetWriteDeadline(time.Now().Add(s.timeout))
		if err := conn.WriteMessage(websocket.TextMessage, []byte(s.request)); err != nil {
			return s.fault(err)
		}
	}
	done := make(chan struct{})
	defer func() { <-done }()
	pinging, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(done)
		s.ping(pinging, conn)
	}()
	alive()
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return s.fault(err)
		}
		meter.notified(time.Now(), len(text))
		if err := extend(); err != nil {
			return s.fault(err)
		}
		if err := message(text); err != nil {
			return err
		}
	}
}

func (s *socket) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	u, err := url.Parse(s.url.Reveal())
	if err != nil {
		return nil, s.fault(err)
	}
	header := s.header.Clone()
	if u.User != nil { // which the dialer refuses
		password, _ := u.User.Password()
		req := http.Request{Header: make(http.Header)}
		req.SetBasicAuth(u.User.Username(), password)
		maps.Copy(req.Header, header)
		header, u.User = req.Header, nil
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: s.timeout}
	conn, resp, err := dialer.DialContext(ctx, u.String(), header)
	if resp != nil && errors.Is(err, websocket.ErrBadHandshake) {
		kind := headwatch.FaultHTTPStatus
		switch {
		case resp.StatusCode == http.StatusTooManyRequests:
			kind = headwatch.FaultRateLimited
		case resp.StatusCode >= 300 && resp.StatusCode < 400:
			kind = headwatch.FaultRedirect
		}
		fault := faultf(kind, "%d instead of a WebSocket", resp.StatusCode)
		fault.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
		return nil, fault
	}
	if err != nil {
		return nil, s.fault(err)
	}
	return conn, nil
}

func (s *socket) ping(ctx context.Context, conn *websocket.Conn) {
	ticker := time.NewTicker(s.period)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(s.timeout)) // a broken connection shows in reading
		}
	}
}

// fault names what went wrong, without what the peer says of it.
func (s *socket) fault(err error) *headwatch.Fault {
	if e, ok := errors.AsType[*websocket.CloseError](err); ok {
		return faultf(headwatch.FaultRefused, "the peer closed the connection with code %d", e.Code)
	}
	if errors.Is(err, websocket.ErrReadLimit) {
		return faultf(headwatch.FaultTooLarge, "a message of more than %d MiB", maxBody>>20)
	}
	return s.secrets.fault(err)
}
