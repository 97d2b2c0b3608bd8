package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"headwatch/delivery"
)

// crashSecret signs what the hook and the desk are sent.
const crashSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"

// crashRequest is a message as a receiver got it.
type crashRequest struct {
	at       time.Time
	channel  string
	incident string
	key      string // of a pager: the alert that it is about
	said     string // what a pager is to do, the first words of a message, the id of a webhook
	taken    bool   // it counts there, whether or not the answer came back
	body     []byte
}

// crashPost is one receiver, at an address of its own that it can leave.
type crashPost struct {
	addr   string
	server *http.Server
}

// open begins to listen, at the same address each time.
func (p *crashPost) open(t *testing.T, h http.Handler) {
	l, err := net.Listen("tcp", p.addr)
	for range 100 {
		if err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond) // the connections that were broken are on their way out
		l, err = net.Listen("tcp", p.addr)
	}
	if err != nil {
		t.Errorf("a receiver cannot come back: %v", err)
		return
	}
	p.server = &http.Server{Handler: h}
	go func() { _ = p.server.Serve(l) }()
}

func (p *crashPost) close() {
	if p.server != nil {
		_ = p.server.Close()
	}
}

// lowPorts counts the ports that were handed out.
var lowPorts atomic.Uint32

// lowPort gives an address below the ports that the system hands out to connections: one of those might be taken while its owner is dead.
func lowPort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := 20000 + (os.Getpid()*61+int(lowPorts.Add(1)))%12000
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}

// receive is the receiver of a channel.
func (n *crashNight) receive(channel string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest) // half of one, from a process that died over it
			return
		}
		q := n.read(channel, r.Header, body)
		how := n.weather(channel)
		q.taken = how == "" || how == outLost
		n.set(func() { n.requests = append(n.requests, q) })
		struck := q.taken && n.happens(channel)
		if struck || how == outHangs {
			<-r.Context().Done() // it is dead, or has given up
		}
		switch {
		case struck, how == outHangs, how == outLost:
			panic(http.ErrAbortHandler) // not even an empty answer
		case how == outFails:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		switch channel {
		case "pager", "backup":
			w.WriteHeader(http.StatusAccepted)
		case "chat":
			_, _ = io.WriteString(w, "ok")
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

// weather is what a receiver does now; "" while all is well.
func (n *crashNight) weather(channel string) string {
	o, since := n.plan.outages[channel], time.Since(n.begin)
	if n.begin.IsZero() || since < o.from || since > o.from+o.lasts {
		return ""
	}
	return o.how
}

// What a chat message says.
var (
	saidFirst    = regexp.MustCompile(`^(?:NOT IN THE JOURNAL: )?([A-Z ]+[A-Z])`)
	saidIncident = regexp.MustCompile(`incident ((?:one|two|headwatch)-[0-9TZ-]+)`)
	alertOf      = regexp.MustCompile(`^(.*?)(?:_\d+)?$`)
)

// read understands a request as its receiver does.
func (n *crashNight) read(channel string, h http.Header, body []byte) crashRequest {
	q := crashRequest{at: time.Now(), channel: channel, body: body}
	var err error
	switch channel {
	case "pager", "backup":
		var e pagerEvent
		err = json.Unmarshal(body, &e)
		q.key, q.said, q.incident = e.Key, e.Action, alertOf.FindStringSubmatch(e.Key)[1]
	case "chat":
		var m struct{ Text string }
		err = json.Unmarshal(body, &m)
		if first := saidFirst.FindStringSubmatch(m.Text); first != nil {
			q.said = first[1]
		}
		if all := saidIncident.FindAllSubmatch(body, -1); all != nil {
			q.incident = string(all[len(all)-1][1])
		}
	default:
		var d delivery.Document
		err = json.Unmarshal(body, &d)
		q.incident, q.said = d.Data.Incident, h.Get("webhook-id")
		if bad := n.signed(h, body); bad != nil {
			n.wrong("%s got what is not signed: %v", channel, bad)
		}
	}
	if err != nil || q.incident == "" || q.said == "" {
		n.wrong("%s cannot read %s: %v", channel, body, err)
	}
	return q
}

func (n *crashNight) signed(h http.Header, body []byte) error {
	verifier, err := standardwebhooks.NewWebhook(crashSecret)
	if err != nil {
		return err
	}
	return verifier.Verify(body, h)
}

// saidNow is what a message says of the moment at which it is sent: how the chain is now, where its evidence is older.
var saidNow = regexp.MustCompile(`{"type":"section","text":{"type":"mrkdwn","text":"\*Now\* (?:[^"\\]|\\.)*","verbatim":\w+}},|"Now":"(?:[^"\\]|\\.)*",|; as of [0-9 :-]+UTC`)

// same reports whether a request is another one once more.
func (q crashRequest) same(as crashRequest) bool {
	return q.key == as.key && q.said == as.said && bytes.Equal(saidNow.ReplaceAll(q.body, nil), saidNow.ReplaceAll(as.body, nil))
}
