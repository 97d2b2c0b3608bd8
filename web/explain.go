package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"
)

// explain says why a circuit is as it is, or was at an instant. To read the journal takes one of the seats for streams.
func (s *Server) explain(w http.ResponseWriter, r *http.Request) {
	var at time.Time
	if given := r.URL.Query().Get("at"); given != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, given); err != nil {
			fail(w, http.StatusBadRequest, "?at= must be an instant such as 2026-11-21T15:48:00Z")
			return
		}
		if !s.sit(w) {
			return
		}
		defer s.rise()
	}
	ctx, cancel := context.WithTimeout(r.Context(), writeTimeout)
	defer cancel()
	e, err := s.deps.Explain(ctx, r.PathValue("name"), at)
	s.explained(w, r, &e, err)
}

// explained answers with an explanation, as text to whoever wants that.
func (s *Server) explained(w http.ResponseWriter, r *http.Request, doc interface{ Text() string }, err error) {
	switch {
	case errors.Is(err, ErrNotFound):
		fail(w, http.StatusNotFound, err.Error())
	case err != nil && r.Context().Err() != nil: // the client went away
	case err != nil:
		s.log.Warn("circuit not explained", zap.String("circuit", r.PathValue("name")), zap.Error(err))
		fail(w, http.StatusInternalServerError, "the circuit could not be explained; the log says why")
	case strings.HasPrefix(r.Header.Get("Accept"), "text/plain"):
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, doc.Text())
	default:
		answer(w, http.StatusOK, doc)
	}
}
