package web

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"headwatch"
)

// healthz says that the process answers, no more.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	reasons := s.deps.Ready()
	status := http.StatusOK
	if len(reasons) > 0 {
		status = http.StatusServiceUnavailable
	}
	answer(w, status, struct {
		Ready   bool     `json:"ready"`
		Reasons []string `json:"reasons,omitempty"`
	}{len(reasons) == 0, reasons})
}

func (s *Server) version(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"version": s.deps.Version})
}

func (s *Server) chains(w http.ResponseWriter, _ *http.Request) {
	list(w, "chains", s.deps.Chains())
}

func (s *Server) circuits(w http.ResponseWriter, _ *http.Request) {
	list(w, "circuits", s.deps.Circuits())
}

func (s *Server) incidents(w http.ResponseWriter, _ *http.Request) {
	list(w, "incidents", s.deps.Incidents())
}

// circuit is for clients that look at the status alone: 200 is the only word for "go on".
func (s *Server) circuit(w http.ResponseWriter, r *http.Request) {
	all := s.deps.Circuits()
	i := slices.IndexFunc(all, func(sig headwatch.Signal) bool { return sig.Circuit == r.PathValue("name") })
	if i < 0 {
		fail(w, http.StatusNotFound, fmt.Sprintf("there is no circuit %q; GET /v1/circuits lists them", r.PathValue("name")))
		return
	}
	status := http.StatusServiceUnavailable
	if all[i].State == headwatch.Closed && leased(all[i], time.Now()) {
		status = http.StatusOK
	}
	answer(w, status, all[i])
}

func (s *Server) incident(w http.ResponseWriter, r *http.Request) {
	inc := s.incidentByID(r.PathValue("id"))
	if inc == nil {
		fail(w, http.StatusNotFound, "no such incident; GET /v1/incidents lists them")
		return
	}
	answer(w, http.StatusOK, inc)
}

func (s *Server) incidentByID(id string) *headwatch.Incident {
	all := s.deps.Incidents()
	i := slices.IndexFunc(all, func(inc headwatch.Incident) bool { return inc.ID == id })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// leased reports whether a signal may still be believed.
func leased(sig headwatch.Signal, now time.Time) bool { return now.Before(sig.ValidUntil) }

// list wraps a list in an object, so that a field can be added later; it is never null.
func list[T any](w http.ResponseWriter, name string, all []T) {
	if all == nil {
		all = []T{}
	}
	answer(w, http.StatusOK, map[string][]T{name: all})
}
