package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/explain"
	"headwatch/postmortem"
)

const (
	adasToken   = "ada-4f0c1d9e7b2a6358"
	gracesToken = "grace-9d27c5e1b80f4a63"
)

// world is the program behind the API as one test wants it. Its fields are set before the first request.
type world struct {
	config    config.API
	chains    []headwatch.ChainStatus
	signals   func() []headwatch.Signal
	incidents []headwatch.Incident
	hooks     []headwatch.HookStatus
	reasons   []string
	silences  []headwatch.Silence
	ended     []Silence
	oldest    map[string]time.Time
	watchdog  headwatch.WatchdogStatus
	journal   journal
	act       func(context.Context, headwatch.Action) (headwatch.Event, error)
	explain   func(context.Context, string, time.Time) (explain.Explanation, error)
	who       func(context.Context, string, time.Time) (explain.Who, error)
	ackOnce   func(context.Context, string, headwatch.Action) (headwatch.Action, error)
	inbound   func(context.Context, string, http.Header, []byte) (int, string)
	log       *zap.Logger
	metrics   *Metrics
}

func newWorld() *world {
	return &world{
		config: config.API{
			Lease: config.Duration(30 * time.Second), PublicURL: public, MaxSilence: config.Duration(7 * 24 * time.Hour),
			Operators: []config.Operator{
				{Name: "ada", Token: config.NewSecret(adasToken)},
				{Name: "grace", Token: config.NewSecret(gracesToken)},
			},
		},
		signals: func() []headwatch.Signal { return nil },
		journal: journal{more: make(chan struct{})},
		act: func(context.Context, headwatch.Action) (headwatch.Event, error) {
			return headwatch.Event{}, errors.New("no order was expected")
		},
		explain: func(context.Context, string, time.Time) (explain.Explanation, error) {
			return explain.Explanation{}, ErrNotFound
		},
		who: func(context.Context, string, time.Time) (explain.Who, error) { return explain.Who{}, ErrNotFound },
		ackOnce: func(context.Context, string, headwatch.Action) (headwatch.Action, error) {
			return headwatch.Action{}, errors.New("no acknowledgement was expected")
		},
		inbound: func(context.Context, string, http.Header, []byte) (int, string) {
			return http.StatusNotFound, "there is no such channel"
		},
		log:     zap.NewNop(),
		metrics: NewMetrics(&config.Config{}),
	}
}

func (w *world) deps() Deps {
	return Deps{
		Chains:    func() []headwatch.ChainStatus { return w.chains },
		Circuits:  func() []headwatch.Signal { return w.signals() },
		Incidents: func() []headwatch.Incident { return w.incidents },
		Hooks:     func() []headwatch.HookStatus { return w.hooks },
		Events:    w.journal.events,
		Act:       func(ctx context.Context, a headwatch.Action) (headwatch.Event, error) { return w.act(ctx, a) },
		Explain: func(ctx context.Context, circuit string, at time.Time) (explain.Explanation, error) {
			return w.explain(ctx, circuit, at)
		},
		Silences: func() []headwatch.Silence { return w.silences },
		Ended:    func(context.Context, time.Time) ([]Silence, error) { return w.ended, nil },
		Who: func(ctx context.Context, circuit string, at time.Time) (explain.Who, error) {
			return w.who(ctx, circuit, at)
		},
		Links: NewLinks(w.config.PublicURL, linkKey),
		Owner: func(channel string) string { return map[string]string{"adas-phone": "Ada L."}[channel] },
		AckOnce: func(ctx context.Context, slot string, a headwatch.Action) (headwatch.Action, error) {
			return w.ackOnce(ctx, slot, a)
		},
		Inbound: func(ctx context.Context, channel string, header http.Header, body []byte) (int, string) {
			return w.inbound(ctx, channel, header, body)
		},
		Report: func(ctx context.Context, id string) (*postmortem.Draft, error) {
			d, err := postmortem.Read(id, w.journal.events(ctx, 0, false))
			if errors.Is(err, postmortem.ErrUnknown) {
				err = fmt.Errorf("%w: %w", ErrNotFound, err)
			}
			return d, err
		},
		Ready:    func() []string { return w.reasons },
		Journal:  func() (uint64, uint64) { return w.journal.last(), 4096 },
		Oldest:   func() map[string]time.Time { return w.oldest },
		Version:  "v1.2.3",
		Watchdog: func() headwatch.WatchdogStatus { return w.watchdog },
	}
}

func (w *world) server(t *testing.T) *Server {
	t.Helper()
	s, err := New(w.config, w.deps(), w.metrics, w.log)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends one request straight to the handler.
func (w *world) ask(t *testing.T, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	w.server(t).Handler().ServeHTTP(rec, r)
	return rec
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func post(path, token, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// sentence gives the "error" of a JSON answer, which must hold nothing else.
func sentence(t *testing.T, rec *httptest.ResponseRecorder) string {
	t.Helper()
	var doc map[string]string
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); err != nil || len(doc) != 1 || doc["error"] == "" {
		t.Fatalf("answer %d %q is not one sentence under error", rec.Code, rec.Body)
	}
	if got := rec.Header().Get("Content-Type"); got != "application/json" {
		t.Fatalf("Content-Type %q", got)
	}
	return doc["error"]
}

// lease gives a signal whose lease is renewed whenever it is asked for.
func lease(circuit string, state headwatch.State) headwatch.Signal {
	return headwatch.Signal{Circuit: circuit, Chain: "base", State: state, Seq: 7, ValidUntil: time.Now().Add(30 * time.Second)}
}

// journal is a log in memory that can be followed.
type journal struct {
	mu   sync.Mutex
	all  []headwatch.Event
	err  error
	more chan struct{} // closed and replaced when something was added
}

func (j *journal) add(evs ...headwatch.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, ev := range evs {
		ev.Seq = uint64(len(j.all)) + 1
		j.all = append(j.all, ev)
	}
	close(j.more)
	j.more = make(chan struct{})
}

func (j *journal) fail(err error) {
	j.mu.Lock()
	j.err = err
	j.mu.Unlock()
	j.add()
}

func (j *journal) last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return uint64(len(j.all))
}

func (j *journal) events(ctx context.Context, after uint64, follow bool) iter.Seq2[headwatch.Event, error] {
	return func(yield func(headwatch.Event, error) bool) {
		for {
			j.mu.Lock()
			fresh, err, more := j.all[after:], j.err, j.more
			j.mu.Unlock()
			for _, ev := range fresh {
				after = ev.Seq
				if !yield(ev, nil) {
					return
				}
			}
			if err != nil {
				yield(headwatch.Event{}, err)
				return
			}
			if !follow {
				return
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}
}

// pipes is a listener of connections in memory: a server on it can run in a bubble, where time is the test's.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.conns <- there
	return here
}

// serve runs s on pipes until the test ends, and must then end without an error.
func serve(t *testing.T, s *Server) (*pipes, *http.Client) {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, p) }()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return p.dial(), nil },
	}}
	t.Cleanup(func() {
		cancel()
		client.CloseIdleConnections()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
	return p, client
}

// do sends a request to a server of serve and gives the answer with its body still open.
func do(t *testing.T, c *http.Client, method, path string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://headwatch"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
