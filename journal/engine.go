package journal

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headwatch/config"
)

const (
	connectTimeout = 5 * time.Second
	reconnectWait  = 250 * time.Millisecond
)

// engine is a connection to a JetStream, and the server behind it when that is in this process.
type engine struct {
	where  string         // for errors; never a URL
	server *server.Server // nil when it is elsewhere
	conn   *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
	gone   chan struct{} // closed by close
}

// embed runs a server in this process, without a listener. Every append is on the disk before it is acknowledged;
// without SyncAlways the server would sync every two minutes and lose acknowledged decisions with the power.
func embed(dir string, log *engineLog) (*engine, error) {
	s, err := server.NewServer(&server.Options{
		ServerName:             "headwatch",
		DontListen:             true,
		NoSigs:                 true,
		JetStream:              true,
		StoreDir:               dir,
		SyncAlways:             true,
		DisableJetStreamBanner: true,
		JetStreamMaxMemory:     64 << 20,
		JetStreamMaxStore:      math.MaxInt64 / 2, // a page may have the last byte of the disk; retention keeps the size down
	})
	if err != nil {
		return nil, fmt.Errorf("start the journal engine: %w", err)
	}
	e := &engine{where: dir, server: s, gone: make(chan struct{})}
	s.SetLogger(log, false, false)
	s.Start()
	err = log.fatal()
	if err == nil {
		e.conn, err = nats.Connect("", nats.InProcessServer(s), nats.NoReconnect())
	}
	if err != nil {
		e.close()
		return nil, fmt.Errorf("start the journal engine in %s: %w", dir, err)
	}
	return e, nil
}

// dial connects to a server elsewhere and stays connected. An append while the connection is away fails at once: it is
// the caller who knows what to do without a journal, not a buffer in the client.
func dial(address config.Secret, alarm func()) (*engine, error) {
	var hosts []string
	for part := range strings.SplitSeq(address.Reveal(), ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil || u.Host == "" {
			return nil, errors.New("connect to the journal: journal.url is not a URL like nats://host:4222")
		}
		hosts = append(hosts, u.Host)
	}
	e := &engine{where: strings.Join(hosts, ","), gone: make(chan struct{})}
	var err error
	e.conn, err = nats.Connect(address.Reveal(), nats.Name("headwatch"), nats.Timeout(connectTimeout),
		nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { alarm() }), nats.ReconnectHandler(func(*nats.Conn) { alarm() }))
	if err != nil {
		return nil, fmt.Errorf("connect to the journal at %s: %w", e.where, err)
	}
	return e, nil
}

// open finds or makes the stream.
func (e *engine) open(ctx context.Context, mustExist bool) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var err error
	if e.js, err = jetstream.New(e.conn); err != nil {
		return fmt.Errorf("open the journal at %s: %w", e.where, err)
	}
	e.stream, err = e.js.Stream(ctx, streamName)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if mustExist {
			return fmt.Errorf("open the journal in %s: a journal was made here, but the engine cannot read it (its warning in the log names the file); no event was changed: restore the directory from a copy, or move it away to begin a new journal", e.where)
		}
		e.stream, err = e.js.CreateStream(ctx, streamConfig(e.conn.ConnectedClusterName() != ""))
	}
	if err != nil {
		return fmt.Errorf("open the journal at %s: %w", e.where, err)
	}
	if c := e.stream.CachedInfo().Config; c.MaxMsgsPerSubject != 1 || c.Discard != jetstream.DiscardNew || !c.DiscardNewPerSubject || c.MaxAge != 0 {
		return fmt.Errorf("open the journal at %s: its stream %s accepts a second message on a subject, or drops old ones by itself: it is not a journal", e.where, streamName)
	}
	return nil
}

// streamConfig makes the engine the guard: it refuses what is repeated and drops nothing by itself. Retention is ours, as
// DiscardNew leaves no other way.
func streamConfig(clustered bool) jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name:                 streamName,
		Description:          "decisions of headwatch and what came of them",
		Subjects:             []string{subjectPrefix + ">"},
		Storage:              jetstream.FileStorage,
		Retention:            jetstream.LimitsPolicy,
		Discard:              jetstream.DiscardNew,
		DiscardNewPerSubject: true,
		MaxMsgsPerSubject:    1,
		DenyDelete:           true,
		Replicas:             1,
	}
	if clustered {
		c.Replicas = 3
	}
	return c
}

// healthy is the embedded server's own report on the stream. It names the account, because the server takes every entry of
// its directory for one, also what a kill left of its own start. And it asks more than once: on a busy machine a server that
// runs well may say that it has not started.
func (e *engine) healthy() error {
	for tries := 1; ; tries++ {
		h := e.server.Healthz(&server.HealthzOptions{Account: server.DEFAULT_GLOBAL_ACCOUNT, Stream: streamName})
		if h.Error == "" {
			return nil
		}
		if h.StatusCode != http.StatusInternalServerError || !e.server.Running() || tries == 20 {
			return errors.New(h.Error)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// check asks whether the engine can take an append. After a write error an embedded engine leaves every append without an
// answer until it is started again; its health report is the only place where it says so.
func (e *engine) check(ctx context.Context) (*jetstream.StreamInfo, error) {
	if e.server != nil {
		if err := e.healthy(); err != nil {
			return nil, err
		}
	}
	if !e.conn.IsConnected() {
		return nil, fmt.Errorf("not connected to the journal at %s", e.where)
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	info, err := e.stream.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the journal at %s: %w", e.where, err)
	}
	return info, nil
}

// isGone reports whether close was called.
func (e *engine) isGone() bool {
	select {
	case <-e.gone:
		return true
	default:
		return false
	}
}

// close waits until the engine has let go of its files. A nil engine has nothing to let go of.
func (e *engine) close() {
	if e == nil {
		return
	}
	close(e.gone)
	if e.conn != nil {
		e.conn.Close()
	}
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}
}
