package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"go.uber.org/zap"

	"headwatch/postmortem"
)

// report drafts the review of an incident. To read the journal takes one of the seats for streams.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	name, all := cmp.Or(r.URL.Query().Get("format"), "json"), postmortem.Formats()
	i := slices.IndexFunc(all, func(f postmortem.Format) bool { return f.Name == name })
	if i < 0 {
		fail(w, http.StatusBadRequest, "?format= must be json, md or html")
		return
	}
	if !s.sit(w) {
		return
	}
	defer s.rise()
	ctx, cancel := context.WithTimeout(r.Context(), writeTimeout)
	defer cancel()
	d, err := s.deps.Report(ctx, r.PathValue("id"))
	var text bytes.Buffer
	if err == nil {
		err = all[i].Write(d, &text)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		fail(w, http.StatusNotFound, err.Error())
	case err != nil && r.Context().Err() != nil: // the client went away
	case err != nil:
		s.log.Warn("incident not reported", zap.String("incident", r.PathValue("id")), zap.Error(err))
		fail(w, http.StatusInternalServerError, "the report could not be written; the log says why")
	default:
		w.Header().Set("Content-Type", all[i].ContentType)
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		_, _ = w.Write(text.Bytes())
	}
}
