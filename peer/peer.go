// Package peer watches another headwatch: it asks for its leases, which move on for as long as the line of each of its chains
// runs. It must not judge the other's verdicts, nor tell anybody: it says when the other was last seen alive.
package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	maxAnswer = 4 << 20 // bytes: ten thousand circuits
	missed    = 3       // questions without an answer make it silent
)

// Peer is one [[peer]].
type Peer struct {
	cfg    config.Peer
	client *http.Client

	mu     sync.Mutex
	status headwatch.PeerStatus
	leases map[string]lease
}

// lease is the lease on one circuit as it was last heard: until when, by the other's clock, and when here that it moved on. The two
// clocks are never compared.
type lease struct {
	until time.Time
	moved time.Time
}

// signal is what matters here of the other's answer, whatever the version of the rest.
type signal struct {
	Circuit    string    `json:"circuit"`
	ValidUntil time.Time `json:"valid_until"`
}

// New prepares to watch a peer; Run starts it.
func New(c config.Peer) *Peer {
	return &Peer{
		cfg: c, client: delivery.Client(c.Timeout.D()), leases: map[string]lease{},
		status: headwatch.PeerStatus{Name: c.Name, Host: c.URL.Host(), Limit: missed*c.Every.D() + c.Timeout.D()},
	}
}

// Status is what is seen of the peer. Any goroutine may call it.
func (p *Peer) Status() headwatch.PeerStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// Run asks until ctx ends, then returns nil.
func (p *Peer) Run(ctx context.Context) error {
	tick := time.NewTicker(p.cfg.Every.D())
	defer tick.Stop()
	for {
		signals, err := p.ask(ctx)
		if ctx.Err() != nil {
			return nil
		}
		p.take(signals, err, time.Now())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// take notes an answer. The peer was last seen when the lease that has stood longest last moved on: one chain of it that nobody
// watches any more is as bad as all.
func (p *Peer) take(signals []signal, err error, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && len(signals) == 0 {
		err = errors.New("it has no circuits")
	}
	if err != nil {
		p.status.Error = err.Error()
		return
	}
	p.status.Error, p.status.Circuits = "", len(signals)
	leases := make(map[string]lease, len(signals))
	seen, still := at, ""
	for _, s := range signals {
		l, known := p.leases[s.Circuit]
		switch {
		case s.ValidUntil.IsZero(): // nothing was assessed yet: it begins, or it never will
			l = lease{}
		case !known, !s.ValidUntil.Equal(l.until):
			l = lease{s.ValidUntil, at}
		}
		leases[s.Circuit] = l
		if l.moved.Before(seen) {
			seen, still = l.moved, s.Circuit
		}
	}
	p.leases = leases
	if still != "" {
		p.status.Error = fmt.Sprintf("its lease on %s does not move on", delivery.Clean(still, 80))
	}
	if seen.After(p.status.Seen) {
		p.status.Seen = seen
	}
}

// ask puts one question. Its errors show no URL.
func (p *Peer) ask(ctx context.Context) ([]signal, error) {
	u, err := url.Parse(p.cfg.URL.Reveal())
	if err != nil {
		return nil, errors.New("the url cannot be used")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("v1/circuits").String(), nil)
	if err != nil {
		return nil, errors.New("the url cannot be used")
	}
	req.Header.Set("User-Agent", "headwatch")
	resp, err := p.client.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return nil, fmt.Errorf("%s: %s", delivery.NetworkReason(err), delivery.Clean(delivery.Scrub(err.Error(), p.cfg.URL.URLParts()...), 200))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers with status %d", resp.StatusCode)
	}
	var answer struct {
		Circuits []signal `json:"circuits"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&answer); err != nil {
		return nil, errors.New("its answer is not that of a headwatch")
	}
	return answer.Circuits, nil
}
