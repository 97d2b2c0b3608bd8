package web

import (
	"encoding/json"
	"log"
	"net/http"
	"net/url"

	"go.uber.org/zap"

	"headwatch"
)

func (s *Server) routes(m *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", m.handler(stdLog(s.log)))
	mux.HandleFunc("GET /v1/version", s.version)
	mux.HandleFunc("GET /v1/chains", s.chains)
	mux.HandleFunc("GET /v1/circuits", s.circuits)
	mux.HandleFunc("GET /v1/circuits/{name}", s.circuit)
	mux.HandleFunc("GET /v1/circuits/{name}/explain", s.explain)
	mux.HandleFunc("GET /v1/incidents", s.incidents)
	mux.HandleFunc("GET /v1/incidents/{id}", s.incident)
	mux.HandleFunc("GET /v1/circuits/{name}/who", s.who)
	mux.HandleFunc("GET /v1/silences", s.silences)
	mux.HandleFunc("GET /v1/incidents/{id}/report", s.report)
	mux.HandleFunc("GET /v1/hooks", s.hooks)
	mux.HandleFunc("GET /v1/watchdog", s.watchdog)
	mux.HandleFunc("GET /v1/events", s.events)
	for _, kind := range []headwatch.ActionKind{headwatch.ActionTrip, headwatch.ActionReset, headwatch.ActionHold, headwatch.ActionAck} {
		mux.HandleFunc("POST /v1/circuits/{name}/"+string(kind), s.order(kind, circuitByName))
	}
	for _, kind := range []headwatch.ActionKind{headwatch.ActionVeto, headwatch.ActionApprove, headwatch.ActionResume} {
		mux.HandleFunc("POST /v1/hooks/{name}/"+string(kind), s.order(kind, hookByName))
	}
	mux.HandleFunc("POST /v1/incidents/{id}/ack", s.order(headwatch.ActionAck, s.openIncident))
	mux.HandleFunc("POST /v1/incidents/{id}/note", s.order(headwatch.ActionNote, s.anyIncident))
	mux.HandleFunc("POST /v1/silences", s.silence)
	mux.HandleFunc("POST /v1/silences/{id}/end", s.order(headwatch.ActionUnsilence, silenceByID))
	mux.HandleFunc("DELETE /v1/silences/{id}", s.order(headwatch.ActionUnsilence, silenceByID))
	mux.HandleFunc("POST /v1/inbound/{channel}", s.inbound)
	mux.HandleFunc("GET /i/{id}", s.incidentPage)
	mux.HandleFunc("GET /ack/{token}", s.ackLook)
	mux.HandleFunc("POST /ack/{token}", s.ackTake)

	sameSite := http.NewCrossOriginProtection()
	if origin := originOf(s.deps.Links.base); origin != "" {
		_ = sameSite.AddTrustedOrigin(origin) // fails for what is no origin; then only the host's own name is trusted
	}
	sameSite.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusForbidden, "orders are not taken from other sites' pages")
	}))
	return headers(sameSite.Handler(jsonMisses(mux)))
}

// originOf gives the origin of a URL, or "". It is ours under the public URL, whatever name a proxy gives to this server.
func originOf(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// headers sets what every answer carries. Nothing here may be cached: a stale "closed" is not a "closed".
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// jsonMisses answers in JSON where the mux has no route and would answer in plain text.
func jsonMisses(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		miss, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		got := verdict{header: http.Header{}}
		miss.ServeHTTP(&got, r)
		if got.status != http.StatusMethodNotAllowed {
			fail(w, http.StatusNotFound, "no such path; begin at /v1/circuits, /v1/chains or /v1/incidents")
			return
		}
		allow := got.header.Get("Allow")
		w.Header().Set("Allow", allow)
		fail(w, http.StatusMethodNotAllowed, "this path takes "+allow)
	})
}

// verdict keeps an answer's status and header and drops its body.
type verdict struct {
	header http.Header
	status int
}

func (v *verdict) Header() http.Header         { return v.header }
func (v *verdict) WriteHeader(status int)      { v.status = status }
func (v *verdict) Write(b []byte) (int, error) { return len(b), nil }

// answer writes one JSON document. A client that went away is its own affair.
func answer(w http.ResponseWriter, status int, doc any) {
	b, err := json.Marshal(doc)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

// fail answers with a sentence that says what is wrong and what to do.
func fail(w http.ResponseWriter, status int, sentence string) {
	answer(w, status, map[string]string{"error": sentence})
}

// stdLog is for libraries that report to the standard logger: broken connections, a panic in a handler, a bad scrape.
func stdLog(l *zap.Logger) *log.Logger {
	std, _ := zap.NewStdLogAt(l, zap.WarnLevel) // fails for a level that zap does not know
	return std
}
