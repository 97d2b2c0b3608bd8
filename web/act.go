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
)

const (
	maxBody      = 4 << 10
	minReason    = 3 // runes
	maxReason    = 500
	maxHold      = 24 * time.Hour // a hold that everybody forgot must not outlive the day
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
			if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
				fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body may have at most %d bytes", maxBody))
			} else {
				fail(w, http.StatusBadRequest, err.Error())
			}
			return
		}

		a.Actor, a.At = actor, time.Now()
		var ev headwatch.Event
		if err = aim(r, &a); err == nil {
			// An order that was accepted is carried out even when the caller hangs up.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), orderTimeout)
			defer cancel()
			ev, err = s.deps.Act(ctx, a)
		}
		log := s.log.With(zap.String("kind", string(kind)), zap.String("circuit", a.Circuit), zap.String("hook", a.Hook), zap.String("actor", actor), zap.String("reason", a.Reason))
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
	if !s.guesses.allow(time.Now()) {
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "too many wrong tokens; wait a second")
		return "", false
	}
	s.log.Warn("wrong token", zap.String("path", r.URL.Path), zap.String("remote", r.RemoteAddr))
	w.Header().Set("WWW-Authenticate", `Bearer realm="headwatch", error="invalid_token"`)
	fail(w, http.StatusUnauthorized, "the token is not one of an operator")
	return "", false
}

// readOrder reads the body of an order: one JSON object with a reason, with a duration where the order is a hold, and perhaps
// with an incident where it is for a hook.
func readOrder(r io.Reader, kind headwatch.ActionKind) (headwatch.Action, error) {
	var body struct {
		Reason   string `json:"reason"`
		For      string `json:"for"`
		Incident string `json:"incident"`
	}
	a := headwatch.Action{Kind: kind}
	text, err := io.ReadAll(r)
	if err != nil {
		return a, fmt.Errorf("read the body: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		return a, fmt.Errorf(`the body must be a JSON object such as {"reason":"why"}: %w`, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return a, errors.New("the body must be one JSON object and nothing after it")
	}

	a.Reason = strings.TrimSpace(body.Reason)
	if n := utf8.RuneCountInString(a.Reason); n < minReason || n > maxReason {
		return a, fmt.Errorf("reason must say why in %d to %d characters, not %d", minReason, maxReason, n)
	}
	if strings.ContainsFunc(a.Reason, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return a, errors.New("reason must be one line of printable characters")
	}

	switch kind {
	case headwatch.ActionHold:
		a.For, err = time.ParseDuration(body.For)
		if err != nil || a.For <= 0 || a.For > maxHold {
			return a, errors.New(`a hold needs a duration of at most 24h, such as "for":"30m"`)
		}
	case headwatch.ActionVeto, headwatch.ActionApprove:
		a.Incident, body.Incident = body.Incident, ""
	}
	if body.For != "" && kind != headwatch.ActionHold {
		return a, errors.New("for belongs to a hold only")
	}
	if body.Incident != "" {
		return a, errors.New("incident belongs to an order on a hook only")
	}
	return a, nil
}

func circuitByName(r *http.Request, a *headwatch.Action) error {
	a.Circuit = r.PathValue("name")
	return nil
}

func hookByName(r *http.Request, a *headwatch.Action) error {
	a.Hook = r.PathValue("name")
	return nil
}

func (s *Server) openIncident(r *http.Request, a *headwatch.Action) error {
	inc := s.incidentByID(r.PathValue("id"))
	switch {
	case inc == nil:
		return fmt.Errorf("the incident is %w", ErrNotFound)
	case !inc.Resolved.IsZero():
		return fmt.Errorf("%w: the incident is resolved", ErrConflict)
	}
	a.Circuit, a.Incident = inc.Circuit, inc.ID
	return nil
}
