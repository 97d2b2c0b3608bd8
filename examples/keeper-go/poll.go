package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"
)

// poller asks for one circuit's lease again and again: the plain way. Ask at a third of the lease or more often.
//
// The status alone is enough for whoever asks before each action: 200 is the only word for "go on". Whoever goes on until the
// next answer needs the lease's end, too.
type poller struct {
	client
	every time.Duration
}

func (p *poller) run(ctx context.Context, out chan<- message) {
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for {
		if m, err := p.ask(ctx); err != nil {
			log.Printf("ask for the lease: %v", err) // the one we hold goes on to its end
		} else {
			tell(ctx, out, m)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *poller) ask(ctx context.Context) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, p.every)
	defer cancel()
	resp, err := p.get(ctx, "/v1/circuits/"+url.PathEscape(p.circuit), http.Header{})
	if err == errClock {
		return message{"refusal", err.Error()}, nil
	}
	if err != nil {
		return message{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return message{"refusal", fmt.Sprintf("headwatch answers %d", resp.StatusCode)}, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, longestLine))
	if err != nil {
		return message{}, err
	}
	return message{"lease", string(body)}, nil
}
