package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"go.uber.org/zap"
)

const (
	maxInbound   = 256 << 10 // PagerDuty sends no more
	maxStrangers = 5         // a second that are not taken and are logged one by one
)

// inbound takes what a receiver of messages sends back. Its channel says whether it is genuine, and what it orders. What is genuine is
// never held up by the limit on what is not.
func (s *Server) inbound(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxInbound))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "the body cannot be read, or is larger than 256 KiB")
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), orderTimeout)
	defer cancel()
	status, why := s.deps.Inbound(ctx, r.PathValue("channel"), r.Header, body)
	if status < 300 {
		w.WriteHeader(status)
		return
	}
	if !s.strangers.allow(time.Now(), maxStrangers) {
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "too many requests that are not taken; wait a second")
		return
	}
	s.log.Warn("inbound request not taken", zap.String("path", r.URL.Path), zap.String("remote", r.RemoteAddr), zap.Int("status", status), zap.String("why", why))
	fail(w, status, why)
}
