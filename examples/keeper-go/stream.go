package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	longestLine  = 256 << 10
	longestRetry = 10 * time.Second
)

// client is where leases come from, and what they are held against.
type client struct {
	http    *http.Client
	url     string
	circuit string
	skew    time.Duration
}

// get asks, and refuses an answer from a machine whose clock differs from ours: no lease of it can be judged.
func (c client) get(ctx context.Context, path string, header http.Header) (*http.Response, error) {
	address, err := url.JoinPath(c.url, path)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header = header
	asked := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	date, err := http.ParseTime(resp.Header.Get("Date")) // in whole seconds
	ahead := time.Now().Round(0).Sub(date)
	if err != nil || ahead < -c.skew || ahead > c.skew+time.Second+time.Since(asked) {
		resp.Body.Close()
		return nil, errClock
	}
	return resp, nil
}

var errClock = errors.New("the clocks of this machine and of headwatch differ")

// stream listens to /v1/events: leases, and beside them the journal, whose position it resumes after. It connects again for as long as ctx
// lasts. A connection that ends is no reason to stop quoting: the lease says how long one may.
type stream struct {
	client
	idle     time.Duration // without a word for this long a connection is dead; headwatch says something every 15 s
	retry    time.Duration // the first wait between two connections
	position string
}

func (s *stream) run(ctx context.Context, out chan<- message) {
	for wait := s.retry; ctx.Err() == nil; {
		began := time.Now()
		err := s.listen(ctx, out)
		if errors.Is(err, errClock) {
			tell(ctx, out, message{"refusal", err.Error()})
		}
		if time.Since(began) > longestRetry {
			wait = s.retry
		}
		log.Printf("events: %v; again in %s", err, wait)
		select {
		case <-time.After(wait):
			wait = min(2*wait, longestRetry)
		case <-ctx.Done():
		}
	}
}

func (s *stream) listen(ctx context.Context, out chan<- message) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	header := http.Header{"Accept": {"text/event-stream"}}
	if s.position != "" {
		header.Set("Last-Event-ID", s.position)
	}
	resp, err := s.get(ctx, "/v1/events", header)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusGone {
		s.position = "" // of another journal
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}

	silence := time.AfterFunc(s.idle, func() { cancel(errors.New("the stream fell silent")) })
	defer silence.Stop()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, longestLine)
	var id, name, data string
	for lines.Scan() {
		silence.Reset(s.idle)
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			data = value // headwatch writes one line of it
		}
		if lines.Text() != "" {
			continue
		}
		if name == "lease" || name == "transition" {
			tell(ctx, out, message{name, data})
		}
		if id != "" {
			s.position = id
		}
		id, name, data = "", "", ""
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errors.New("the stream ended")
}

func tell(ctx context.Context, out chan<- message, m message) {
	select {
	case out <- m:
	case <-ctx.Done():
	}
}
