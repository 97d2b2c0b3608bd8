// Package web is headwatch's window to the outside: what is known as JSON, the journal as server-sent events, metrics,
// and the orders that operators give. It shows snapshots and passes orders on. It must not decide anything, keep the state
// of a circuit, or take part in a delivery: when it dies the watchdog must be no blinder.
package web

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/explain"
	"headwatch/postmortem"
)

// Bounds on what a client can take from the server. A stream of events sets its write deadline anew for every write.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second // header and body
	writeTimeout      = 10 * time.Second // a whole response, or one event of a stream
	idleTimeout       = time.Minute
	maxHeaderBytes    = 16 << 10
	shutdownGrace     = 5 * time.Second
)

// Errors of Deps.Act and Deps.Explain that are the caller's to mend. Their text, as wrapped, is shown to the caller.
var (
	ErrConflict = errors.New("refused as things stand")
	ErrNotFound = errors.New("not known here")
)

// Deps is what the server shows and whom it asks. Every function must be set and safe for concurrent use. All but Events,
// Ended, Explain, Report, Who and those that give orders return at once, with values that nobody changes afterwards.
type Deps struct {
	Chains    func() []headwatch.ChainStatus
	Circuits  func() []headwatch.Signal   // ValidUntil as last proved: it must not move while the line stands still
	Incidents func() []headwatch.Incident // newest first; the owner bounds how many
	Hooks     func() []headwatch.HookStatus

	// Events gives the journal's events after a position (0: from the oldest that is kept) in order, and with follow waits
	// for more until ctx ends. An error is the last thing it yields.
	Events func(ctx context.Context, after uint64, follow bool) iter.Seq2[headwatch.Event, error]

	// Explain says why a circuit is as it is; with an instant, what the journal holds of it then. An error that is the
	// caller's to mend wraps ErrNotFound and holds no secret. It ends with ctx.
	Explain func(ctx context.Context, circuit string, at time.Time) (explain.Explanation, error)

	// Report drafts the review of an incident from the journal. An error that is the caller's to mend wraps ErrNotFound and holds
	// no secret. It ends with ctx.
	Report func(ctx context.Context, incident string) (*postmortem.Draft, error)

	// Act carries out an order and gives the event that the journal holds of it. An error that is the operator's to mend
	// wraps ErrConflict or ErrNotFound and holds no secret; the text of any other error stays in the log.
	Act func(ctx context.Context, a headwatch.Action) (headwatch.Event, error)

	// Silences gives those in force and those to come, in the order in which they begin.
	Silences func() []headwatch.Silence
	// Ended gives the silences that ended since an instant, the newest first. It ends with ctx.
	Ended func(ctx context.Context, since time.Time) ([]Silence, error)

	// Who says whom a stall of a circuit that begins at an instant would reach while nobody acknowledges. Errors are as of Explain.
	Who func(ctx context.Context, circuit string, at time.Time) (explain.Who, error)

	// Links reads the links that were sent.
	Links *Links
	// Owner gives the person whom a channel reaches alone; "" when there is none.
	Owner func(channel string) string
	// AckOnce carries out an acknowledgement by a link, unless the slot of the incident was used: then nothing changes. It gives
	// the one that used it. Errors are as of Act.
	AckOnce func(ctx context.Context, slot string, a headwatch.Action) (first headwatch.Action, err error)
	// Inbound hands what a receiver of messages sends back to its channel and carries the orders out. The status is that of the
	// answer; why is shown when it is not 2xx. Whoever sends it again changes nothing.
	Inbound func(ctx context.Context, channel string, header http.Header, body []byte) (status int, why string)

	Ready   func() []string             // why the process is not ready; empty when it is
	Journal func() (last, bytes uint64) // position of the newest event, never behind what Events gave; size
	Oldest  func() map[string]time.Time // by channel: when its oldest notice that is not yet delivered was decided
	Version string

	Watchdog func() headwatch.WatchdogStatus
}

func (d Deps) complete() bool {
	return d.Chains != nil && d.Circuits != nil && d.Incidents != nil && d.Hooks != nil && d.Events != nil && d.Explain != nil && d.Report != nil && d.Act != nil &&
		d.Silences != nil && d.Ended != nil && d.Who != nil && d.Links != nil && d.Owner != nil && d.AckOnce != nil && d.Inbound != nil &&
		d.Ready != nil && d.Journal != nil && d.Oldest != nil && d.Watchdog != nil
}

// Server is the HTTP server. Make it with New.
type Server struct {
	deps      Deps
	lease     time.Duration
	operators operators
	guesses   limiter       // wrong tokens
	forged    limiter       // wrong links
	strangers limiter       // inbound requests that are not taken
	longest   time.Duration // of a silence
	seats     chan struct{} // one for each open stream
	closing   chan struct{} // closed when Run ends; streams do not end by themselves
	handler   http.Handler
	log       *zap.Logger
}

// New makes a server and adds what d shows to the metrics of m, which serve one server only. It fails when d is incomplete,
// the lease is shorter than a second, or an operator could not be told from another or from the watchdog.
func New(c config.API, d Deps, m *Metrics, log *zap.Logger) (*Server, error) {
	if !d.complete() {
		return nil, errors.New("a dependency of the API is not set")
	}
	if c.Lease.D() < time.Second {
		return nil, fmt.Errorf("the lease of %s is shorter than 1s", c.Lease.D())
	}
	ops, err := newOperators(c.Operators)
	if err != nil {
		return nil, err
	}
	if err := m.registry.Register(newState(d)); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	s := &Server{
		deps:      d,
		lease:     c.Lease.D(),
		operators: ops,
		longest:   c.MaxSilence.D(),
		seats:     make(chan struct{}, maxStreams),
		closing:   make(chan struct{}),
		log:       log,
	}
	s.handler = s.routes(m)
	return s, nil
}

// Handler gives the whole API without a listener. Streams of it end with their request or with Run.
func (s *Server) Handler() http.Handler { return s.handler }

// Run serves on l until ctx ends, then gives requests under way five seconds and returns nil. A listener that dies ends it
// with an error. It closes l in every case and may be called once.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          stdLog(s.log),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()

	var dead error
	select {
	case dead = <-served:
		dead = fmt.Errorf("serve the API on %s: %w", l.Addr(), dead)
	case <-ctx.Done():
	}

	close(s.closing)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		s.log.Warn("requests cut off at shutdown", zap.Error(err))
		_ = srv.Close()
	}
	if dead == nil {
		<-served
	}
	return dead
}
