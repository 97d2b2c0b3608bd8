package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"regexp"

	"headwatch/delivery"
)

// request is one thing that reached the street.
type request struct {
	channel  string // as it is named in the configuration
	kind     string // of the event
	incident string
	since    string // as a person is told
	severity string // of a page
	answered bool
	body     []byte

	id      string            // of a webhook
	webhook delivery.Document // what it says
}

// What is said to people, in whatever form.
var (
	sinceSaid    = regexp.MustCompile(`Since\W+([0-9: -]+ UTC)`)
	incidentSaid = regexp.MustCompile(`incident ((?:lending|headwatch)-[0-9TZ-]+)`)
)

func read(r *http.Request) (q request, err error) {
	if q.body, err = io.ReadAll(r.Body); err != nil {
		return q, err
	}
	switch path.Base(r.URL.Path) {
	case "webhook":
		err = json.Unmarshal(q.body, &q.webhook)
		q.channel, q.kind, q.incident, q.id = "market-makers", q.webhook.Type, q.webhook.Data.Incident, r.Header.Get("webhook-id")
	case "enqueue":
		var event struct {
			Action   string `json:"event_action"`
			DedupKey string `json:"dedup_key"`
			Payload  struct {
				Severity string `json:"severity"`
			} `json:"payload"`
		}
		err = json.Unmarshal(q.body, &event)
		q.channel, q.kind, q.incident, q.since = "on-call", event.Action, event.DedupKey, said(sinceSaid, q.body)
		q.severity = event.Payload.Severity
	default:
		q.channel, q.kind, q.incident, q.since = "chat", "message", said(incidentSaid, q.body), said(sinceSaid, q.body)
	}
	return q, err
}

func said(what *regexp.Regexp, body []byte) string {
	if found := what.FindSubmatch(body); found != nil {
		return string(found[1])
	}
	return ""
}

// receiver records every request and has it answered, unless the victim is to die while it waits for that.
func (v *victim) receiver(answer http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := read(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest) // half of one, from a victim that died over it
			return
		}
		var n int
		var die bool
		v.change(func() {
			n, v.requests = len(v.requests), append(v.requests, q)
			die = v.hit()
		})
		if die {
			v.kill()
			panic(http.ErrAbortHandler) // not even an empty answer
		}
		r.Body = io.NopCloser(bytes.NewReader(q.body))
		answer.ServeHTTP(w, r)
		v.change(func() { v.requests[n].answered = true })
	})
}

// incidents counts those of which a channel was told in this way. The caller holds the lock.
func (v *victim) incidents(channel, kind string) int {
	all := make(map[string]bool)
	for _, q := range v.requests {
		if q.answered && q.channel == channel && q.kind == kind {
			all[q.incident] = true
		}
	}
	return len(all)
}
