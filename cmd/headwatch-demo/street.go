package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// street is the world outside, on loopback: a webhook receiver that verifies signatures, a pager, and a chat. They take
// what the real ones take and answer what the real ones answer.
type street struct {
	url    string
	server *http.Server
	listen net.Listener
	seen   func(sighting)
	secret string // set before the first webhook
}

func newStreet(seen func(sighting)) (*street, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &street{url: "http://" + l.Addr().String(), listen: l, seen: seen}
	s.server = &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second}
	return s, nil
}

func (s *street) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhook", s.webhook)
	mux.HandleFunc("POST /chat", s.chat)
	mux.HandleFunc("POST /v2/enqueue", s.pager)
	return mux
}

func (s *street) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = s.server.Close() })
	defer stop()
	if err := s.server.Serve(s.listen); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *street) body(r *http.Request) []byte {
	text, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // cut short it does not verify
	return text
}

func (s *street) webhook(w http.ResponseWriter, r *http.Request) {
	at, body := time.Now(), s.body(r)
	verifier, err := standardwebhooks.NewWebhook(s.secret)
	if err == nil {
		err = verifier.Verify(body, r.Header)
	}
	var document struct {
		Type string `json:"type"`
	}
	if err == nil {
		err = json.Unmarshal(body, &document)
	}
	if err != nil {
		http.Error(w, "bad signature", http.StatusUnauthorized)
		s.seen(sighting{at: at, who: "webhook", kind: "unverified", text: "received with a bad signature: " + err.Error()})
		return
	}
	s.seen(sighting{at: at, who: "webhook", kind: document.Type, text: document.Type + " received, signature verified"})
}

func (s *street) chat(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	var message struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(s.body(r), &message) != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	s.seen(sighting{at: at, who: "chat", kind: "message", text: message.Text})
	_, _ = io.WriteString(w, "ok")
}

func (s *street) pager(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	var event struct {
		Action   string `json:"event_action"`
		DedupKey string `json:"dedup_key"`
		Payload  struct {
			Summary  string `json:"summary"`
			Severity string `json:"severity"`
		} `json:"payload"`
	}
	if json.Unmarshal(s.body(r), &event) != nil || event.DedupKey == "" {
		http.Error(w, `{"status":"invalid event"}`, http.StatusBadRequest)
		return
	}
	text := event.Action + " " + event.DedupKey
	if event.Payload.Summary != "" {
		text = event.Action + " (" + event.Payload.Severity + "): " + event.Payload.Summary
	}
	s.seen(sighting{at: at, who: "pager", kind: event.Action, key: event.DedupKey, text: text})
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": "success", "message": "Event processed", "dedup_key": event.DedupKey})
}
