package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

const (
	maxBody      = 4 << 10
	minReason    = 3 // runes
	maxReason    = 500
	minHold      = time.Nanosecond
	maxHold      = 24 * time.Hour // a hold that everybody forgot must not outlive the day
	minAck       = time.Minute
	maxAck       = 24 * time.Hour // nor must an acknowledgement
	orderTimeout = shutdownGrace  // an order under way at shutdown is still answered
)

// target fills in what an order is about.
type target func(r *http.Request, a *headwatch.Action) error

// order takes an operator's order. Who gives it is the token's owner, never what the body says.
func (s *Server) order(kind headwatch.ActionKind, aim target) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		actor, ok := s.authenticate(w, r)
		if !ok {
			return
		}
		a, err := readOrder(http.MaxBytesReader(w, r.Body, maxBody), kind)
		if err != nil {
			refuse(w, err)
			return
		}
		a.Actor, a.At = actor, time.Now()
		if err := aim(r, &a); err != nil {
			s.answered(w, a, headwatch.Event{}, err)
			return
		}
		s.give(w, r, a)
	}
}

// refuse answers to a body that is no order.
func refuse(w http.ResponseWriter, err error) {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body may have at most %d bytes", maxBody))
		return
	}
	fail(w, http.StatusBadRequest, err.Error())
}

// give has an order carried out, even when the caller hangs up, and answers.
func (s *Server) give(w http.ResponseWriter, r *http.Request, a headwatch.Action) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), orderTimeout)
	defer cancel()
	ev, err := s.deps.Act(ctx, a)
	s.answered(w, a, ev, err)
}

func (s *Server) answered(w http.ResponseWriter, a headwatch.Action, ev headwatch.Event, err error) {
	log := s.log.With(zap.String("kind", string(a.Kind)), zap.String("circuit", a.Circuit), zap.String("hook", a.Hook), zap.String("actor", a.Actor), zap.String("reason", a.Reason))
	if a.Silence != nil {
		log = log.With(zap.String("silence", a.Silence.ID))
	}
	switch {
	case err == nil:
		log.Info("order carried out")
		answer(w, http.StatusOK, ev)
	case errors.Is(err, ErrNotFound):
		fail(w, http.StatusNotFound, err.Error())
	case errors.Is(err, ErrConflict):
		fail(w, http.StatusConflict, err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		log.Error("order not confirmed in time", zap.Error(err))
		fail(w, http.StatusServiceUnavailable, "the order was not confirmed in time and may still have been taken; look at the circuit before repeating it")
	default:
		log.Error("order not carried out", zap.Error(err))
		fail(w, http.StatusInternalServerError, "the order was not carried out; the log says why")
	}
}

// authenticate gives the operator's name, or answers and gives false. A right token is never held up by the limit on wrong
// ones: a flood of guesses must not keep an operator from the circuit.
func (s *Server) authenticate(w http.ResponseWriter, r *http.Request) (actor string, ok bool) {
	if len(s.operators) == 0 {
		fail(w, http.StatusNotFound, "no operators are configured; give each a name and a token under [[api.operator]]")
		return "", false
	}
	token := bearer(r)
	if name, ok := s.operators.byToken(token); ok {
		return name, true
	}
	if token == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="headwatch"`)
		fail(w, http.StatusUnauthorized, "orders need the header Authorization: Bearer and an operator's token")
		return "", false
	}
	if !s.guesses.allow(time.Now(), maxGuesses) {
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "too many wrong tokens; wait a second")
		return "", false
	}
	s.log.Warn("wrong token", zap.String("path", r.URL.Path), zap.String("remote", r.RemoteAddr))
	w.Header().Set("WWW-Authenticate", `Bearer realm="headwatch", error="invalid_token"`)
	fail(w, http.StatusUnauthorized, "the token is not one of an operator")
	return "", false
}

// readOrder reads the body of an order: one JSON object with a reason, with a duration where the order is a hold, perhaps with one
// where it is an acknowledgement, and perhaps with an incident where it is for a hook.
func readOrder(r io.Reader, kind headwatch.ActionKind) (headwatch.Action, error) {
	var body struct {
		Reason   string `json:"reason"`
		For      string `json:"for"`
		Incident string `json:"incident"`
	}
	a := headwatch.Action{Kind: kind}
	err := readObject(r, &body)
	if err != nil {
		return a, err
	}
	if a.Reason, err = readReason(body.Reason); err != nil {
		return a, err
	}

	switch kind {
	case headwatch.ActionHold:
		if a.For, err = readSpan(body.For, minHold, maxHold); err != nil {
			return a, errors.New("a hold needs a duration (for) of at most 24h, such as 30m")
		}
	case headwatch.ActionAck:
		if body.For != "" {
			if a.For, err = readSpan(body.For, minAck, maxAck); err != nil {
				return a, err
			}
		}
	case headwatch.ActionVeto, headwatch.ActionApprove:
		a.Incident, body.Incident = body.Incident, ""
	}
	if body.For != "" && kind != headwatch.ActionHold && kind != headwatch.ActionAck {
		return a, errors.New("for belongs to a hold or an acknowledgement only")
	}
	if body.Incident != "" {
		return a, errors.New("incident belongs to an order on a hook only")
	}
	return a, nil
}

// readObject reads one JSON object without unknown fields, and nothing after it.
func readObject(r io.Reader, into any) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf(`the body must be a JSON object such as {"reason":"why"}: %w`, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body must be one JSON object and nothing after it")
	}
	return nil
}

func readReason(text string) (string, error) {
	reason := strings.TrimSpace(text)
	if n := utf8.RuneCountInString(reason); n < minReason || n > maxReason {
		return "", fmt.Errorf("reason must say why in %d to %d characters, not %d", minReason, maxReason, n)
	}
	if strings.ContainsFunc(reason, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return "", errors.New("reason must be one line of printable characters")
	}
	return reason, nil
}

func readSpan(text string, least, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < least || d > most {
		return 0, fmt.Errorf("for must be a duration from %s to %s, such as 30m", config.Duration(least), config.Duration(most))
	}
	return d, nil
}

func circuitByName(r *http.Request, a *headwatch.Action) error {
	a.Circuit = r.PathValue("name")
	return nil
}

func hookByName(r *http.Request, a *headwatch.Action) error {
	a.Hook = r.PathValue("name")
	return nil
}

func silenceByID(r *http.Request, a *headwatch.Action) error {
	a.Silence = &headwatch.Silence{ID: r.PathValue("id")}
	return nil
}

func (s *Server) anyIncident(r *http.Request, a *headwatch.Action) error {
	return s.onIncident(r, a, false)
}

func (s *Server) openIncident(r *http.Request, a *headwatch.Action) error {
	return s.onIncident(r, a, true)
}

func (s *Server) onIncident(r *http.Request, a *headwatch.Action, mustBeOpen bool) error {
	inc := s.incidentByID(r.PathValue("id"))
	switch {
	case inc == nil:
		return fmt.Errorf("the incident is %w", ErrNotFound)
	case mustBeOpen && !inc.Resolved.IsZero():
		return fmt.Errorf("%w: the incident is resolved", ErrConflict)
	}
	a.Circuit, a.Incident = inc.Circuit, inc.ID
	return nil
}
