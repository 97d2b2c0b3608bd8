package watcher

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

// sockets serves WebSockets: each connection is handed to serve, which ends it by returning.
func sockets(t *testing.T, serve func(*http.Request, *websocket.Conn)) config.Secret {
	var upgrader websocket.Upgrader
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		serve(r, conn)
	}))
	t.Cleanup(server.Close)
	return config.NewSecret(planted(strings.Replace(server.URL, "http", "ws", 1)))
}

func text(t *testing.T, conn *websocket.Conn, format string, args ...any) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)); err != nil {
		t.Error(err)
	}
}

// readUntilClosed answers pings until the client goes.
func readUntilClosed(conn *websocket.Conn) {
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

func socketAt(url config.Secret) socket {
	return socket{url: url, period: time.Minute, timeout: 5 * time.Second, secrets: secretsOf(url.Reveal())}
}

// frame is a message of the feed as nitro writes it.
func frame(number uint64, made time.Time) string {
	return fmt.Sprintf(`{"version":1,"messages":[{"sequenceNumber":%d,"message":{"message":{"header":{"kind":3,"sender":"0xa4b000000000000000000073657175656e636572","blockNumber":16238523,"timestamp":%d,"requestId":null,"baseFeeL1":null},"l2Msg":"BAL40oKk"},"delayedMessagesRead":354560},"signature":null}]}`, number, made.Unix())
}

const confirmation = `{"version":1,"confirmedSequenceNumberMessage":{"sequenceNumber":1234}}`

func TestAFeedIsAliveByNewMessagesOnly(t *testing.T) {
	now := time.Now()
	old := now.Add(-time.Hour)
	for name, c := range map[string]struct {
		frames []string
		alive  int
	}{
		"an open connection":      {nil, 0},
		"kept by the relay":       {[]string{frame(7, old), frame(8, old)}, 0},
		"new":                     {[]string{frame(7, old), frame(8, now), frame(9, now)}, 2},
		"the same again":          {[]string{frame(8, now), frame(8, now)}, 1},
		"older":                   {[]string{frame(8, now), frame(3, now)}, 1},
		"confirmed on L1":         {[]string{confirmation, confirmation}, 0},
		"nothing":                 {[]string{`{"version":1}`}, 0},
		"without a time":          {[]string{`{"version":1,"messages":[{"sequenceNumber":1}]}`}, 0},
		"the newest of one frame": {[]string{`{"version":1,"messages":[{"sequenceNumber":1},` + frame(9, now)[len(`{"version":1,"messages":[`):]}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := &feed{socket: socketAt(sockets(t, func(r *http.Request, conn *websocket.Conn) {
				if r.Header.Get("Arbitrum-Feed-Client-Version") != "2" {
					t.Errorf("headers %v", r.Header)
				}
				for _, f := range c.frames {
					text(t, conn, "%s", f)
				}
			}))}
			f.socket.header = feedHeader()
			alive, heard := 0, 0
			err := f.follow(t.Context(), func(o headwatch.Observation) {
				heard++
				if o.Alive {
					alive++
				}
			})
			if wantFault(t, err, headwatch.FaultRefused); alive != c.alive || heard == 0 {
				t.Errorf("alive %d times, want %d; heard %d", alive, c.alive, heard)
			}
		})
	}
}

func TestAHostileFrameEndsTheFeedByName(t *testing.T) {
	for name, c := range map[string]struct {
		frame string
		fault headwatch.FaultKind
	}{
		"no JSON":         {"hello " + keyPath, headwatch.FaultNotJSON},
		"another version": {`{"version":9}`, headwatch.FaultOther},
		"no number":       {`{"version":1,"messages":[{}]}`, headwatch.FaultBadHead},
		"a number of 2^63": {
			`{"version":1,"messages":[{"sequenceNumber":9223372036854775808}]}`, headwatch.FaultBadHead,
		},
		"a text for a number": {`{"version":1,"messages":[{"sequenceNumber":"1"}]}`, headwatch.FaultNotJSON},
		"beyond the limit":    {strings.Repeat(" ", maxBody+1), headwatch.FaultTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			f := &feed{socket: socketAt(sockets(t, func(_ *http.Request, conn *websocket.Conn) {
				_ = conn.WriteMessage(websocket.TextMessage, []byte(c.frame)) // the client may be gone before all is written
				readUntilClosed(conn)
			}))}
			err := f.follow(t.Context(), func(headwatch.Observation) {})
			wantFault(t, err, c.fault)
			assertNoSecret(t, "fault", err.Error())
		})
	}
}

func TestASocketThatIsRefusedOrClosedSaysSo(t *testing.T) {
	refusing := func(status int) config.Secret {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.URL.String(), status) }))
		t.Cleanup(server.Close)
		return config.NewSecret(planted(strings.Replace(server.URL, "http", "ws", 1)))
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, c := range map[string]struct {
		url   config.Secret
		fault headwatch.FaultKind
	}{
		"nobody listens":    {config.NewSecret(planted(strings.Replace(gone.URL, "http", "ws", 1))), headwatch.FaultRefused},
		"forbidden":         {refusing(403), headwatch.FaultHTTPStatus},
		"too many requests": {refusing(429), headwatch.FaultRateLimited},
		"redirect":          {refusing(302), headwatch.FaultRedirect},
		"closed": {sockets(t, func(_ *http.Request, conn *websocket.Conn) {
			_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1013, keyPath))
		}), headwatch.FaultRefused},
	} {
		t.Run(name, func(t *testing.T) {
			f := &feed{socket: socketAt(c.url)}
			err := f.follow(t.Context(), func(headwatch.Observation) {})
			wantFault(t, err, c.fault)
			assertNoSecret(t, "fault", err.Error())
		})
	}
}

func TestASocketThatFallsSilentIsATimeout(t *testing.T) {
	sock := socketAt(sockets(t, func(_ *http.Request, conn *websocket.Conn) {
		conn.SetPingHandler(func(string) error { return nil })
		readUntilClosed(conn)
	}))
	sock.period, sock.timeout = 20*time.Millisecond, 50*time.Millisecond
	wantFault(t, sock.read(t.Context(), func() {}, func([]byte) error { return nil }), headwatch.FaultTimeout)
}

func TestASocketIsHeardByItsPongs(t *testing.T) {
	sock := socketAt(sockets(t, func(_ *http.Request, conn *websocket.Conn) { readUntilClosed(conn) }))
	sock.period = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	heard := 0
	err := sock.read(ctx, func() {
		if heard++; heard == 5 {
			cancel()
		}
	}, func([]byte) error { return nil })
	if err == nil || heard < 5 {
		t.Errorf("ended with %v, heard %d times", err, heard)
	}
}

func TestAnEndpointThatIsOnlyListenedToTellsThatItFails(t *testing.T) {
	chain := config.Chain{Name: "arb", Kind: config.KindArbitrum, ChainID: 42161}
	e, err := newEndpoint(chain, config.Endpoint{
		Name: "feed", Serves: config.ServesFeed, WS: sockets(t, func(_ *http.Request, conn *websocket.Conn) {
			text(t, conn, "%s", frame(1, time.Now()))
		}),
		Interval: config.Duration(time.Second), Timeout: config.Duration(500 * time.Millisecond),
	}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, ended := make(chan headwatch.Observation), make(chan error)
	go func() { ended <- e.run(ctx, out) }()
	defer func() { cancel(); <-ended }()
	var open, failed bool
	for !open || !failed {
		o := <-out
		if o.Endpoint != "feed" || o.Chain != "arb" {
			t.Fatalf("got %+v", o)
		}
		open, failed = open || o.Err == nil, failed || o.Err != nil
	}
}
