package web

import (
	"context"
	"net/http"
	"time"

	"headwatch/explain"
)

// who says whom a stall would reach that begins now, or at the instant of the query.
func (s *Server) who(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	at := now
	if given := r.URL.Query().Get("at"); given != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, given); err != nil || !explain.Foreseeable(at, now) {
			fail(w, http.StatusBadRequest, "?at= must be an instant such as 2026-11-21T15:48:00Z, within ten years of now")
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), writeTimeout)
	defer cancel()
	doc, err := s.deps.Who(ctx, r.PathValue("name"), at)
	s.explained(w, r, &doc, err)
}
