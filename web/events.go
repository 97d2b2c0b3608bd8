package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"go.uber.org/zap"

	"headwatch"
)

const (
	maxStreams = 64
	heartbeat  = 15 * time.Second
)

// events streams the journal as server-sent events, and beside it the lease of every circuit, which belongs to the moment
// and has no id. A stream without a position begins with what comes next: a program that acts must not take an old
// transition for a new one. With ?follow=false it ends where the journal ends.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	last, _ := s.deps.Journal()
	part, err := spanOf(r, last)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if part.after > last {
		fail(w, http.StatusGone, fmt.Sprintf("the journal ends at %d, so %d is of another journal; begin again without a position", last, part.after))
		return
	}
	if !s.sit(w) {
		return
	}
	defer s.rise()

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy that buffers would hold back the news
	if r.Method == http.MethodHead {
		return
	}
	switch err := s.stream(r.Context(), &sink{w, http.NewResponseController(w)}, part); {
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.log.Info("event stream dropped: the reader is too slow", zap.String("remote", r.RemoteAddr))
	case err != nil && r.Context().Err() == nil:
		s.log.Warn("event stream ended", zap.String("remote", r.RemoteAddr), zap.Error(err))
	}
}

// sit takes one of the seats for readers of the journal until rise, or answers that there is none.
func (s *Server) sit(w http.ResponseWriter) bool {
	select {
	case s.seats <- struct{}{}:
		return true
	default:
		w.Header().Set("Retry-After", "5")
		fail(w, http.StatusServiceUnavailable, fmt.Sprintf("all %d streams are taken; try again later", maxStreams))
		return false
	}
}

func (s *Server) rise() { <-s.seats }

// span is the part of the journal that a subscriber asks for.
type span struct {
	after    uint64
	follow   bool
	incident string // only what is about this one, and leases; "" for everything
}

// spanOf reads a request. The header is what a browser sends when it reconnects, so it is newer than the query.
func spanOf(r *http.Request, last uint64) (span, error) {
	query := r.URL.Query()
	part := span{after: last, follow: true, incident: query.Get("incident")}
	var err error
	if from := cmp.Or(r.Header.Get("Last-Event-ID"), query.Get("after")); from != "" {
		if part.after, err = strconv.ParseUint(from, 10, 64); err != nil {
			return span{}, errors.New("the position in Last-Event-ID or ?after= must be the id of an event, or 0 for the oldest that is kept")
		}
	}
	if follow := query.Get("follow"); follow != "" {
		if part.follow, err = strconv.ParseBool(follow); err != nil {
			return span{}, errors.New("?follow= must be true or false")
		}
	}
	return part, nil
}

// stream writes until the subscriber or the server goes, or the journal fails.
func (s *Server) stream(ctx context.Context, out *sink, part span) error {
	type entry struct {
		ev  headwatch.Event
		err error
	}
	if err := out.write(""); err != nil { // the header, so that the subscriber knows that it is one
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	journal := make(chan entry)
	var reader sync.WaitGroup
	defer reader.Wait()
	defer cancel()
	reader.Go(func() {
		defer close(journal)
		for ev, err := range s.deps.Events(ctx, part.after, part.follow) {
			select {
			case journal <- entry{ev, err}:
			case <-ctx.Done():
				return
			}
		}
	})

	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	lease := time.NewTicker(s.lease / 3)
	defer lease.Stop()
	err := s.leases(out)
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-s.closing:
			return nil
		case e, more := <-journal:
			if !more || e.err != nil {
				return e.err
			}
			if part.incident == "" || incidentOf(e.ev) == part.incident {
				err = out.journaled(e.ev)
			}
		case <-lease.C:
			err = s.leases(out)
		case <-beat.C:
			err = out.comment()
		}
	}
	return err
}

// incidentOf names the incident that an event is about, or "".
func incidentOf(ev headwatch.Event) string {
	switch {
	case ev.Transition != nil:
		return ev.Transition.Incident
	case ev.Action != nil:
		return ev.Action.Incident
	case ev.Delivery != nil:
		return ev.Delivery.Incident
	case ev.Report != nil:
		return ev.Report.Incident
	case ev.Escalation != nil:
		return ev.Escalation.Incident
	}
	return ""
}

// leases tells every lease that still holds. One that ran out is passed over, so that a subscriber without a good clock also
// learns of it: by hearing nothing.
func (s *Server) leases(out *sink) error {
	for _, sig := range s.deps.Circuits() {
		if !leased(sig, time.Now()) {
			continue
		}
		if err := out.event(0, "lease", sig); err != nil {
			return err
		}
	}
	return nil
}
