package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/alert"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/duty"
	"headwatch/watcher"
	"headwatch/web"
)

// nightLife is one process, put together as watch does it: everything but the journal and the world begins anew with it. Its channels
// end here, and what it hears comes from the world.
type nightLife struct {
	run     *nightRun
	desk    *desk
	api     http.Handler
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func (n *nightRun) start() *nightLife {
	n.t.Helper()
	ctx, cancel := context.WithCancel(n.t.Context())
	l := &nightLife{run: n, cancel: cancel}
	if err := l.begin(ctx); err != nil {
		n.t.Fatal(err)
	}
	return l
}

func (l *nightLife) begin(ctx context.Context) error {
	cfg, j, log := l.run.cfg, l.run.journal, zap.NewNop()
	roster, err := duty.New(cfg, log)
	if err != nil {
		return err
	}
	last := j.Last()
	p, err := newProgram(ctx, cfg, roster, j, last, log)
	if err != nil {
		return err
	}
	l.desk = p.desk
	channels, err := l.channels(p.metrics)
	if err != nil {
		return err
	}
	if err := p.connect(ctx, channels, last); err != nil {
		return err
	}
	server, err := web.New(cfg.API, p.desk.deps(), p.metrics, log)
	if err != nil {
		return err
	}
	l.api = server.Handler()

	net := p.desk.net
	l.goes(ctx, func(ctx context.Context) error {
		return watcher.Replay(net.chains, l.run.world.heard(ctx), func(a headwatch.Assessment) error {
			net.chain(a.Chain).Publish(a)
			return judge(ctx, net.circuits[a.Chain], p.desk.recorder.decide)(a)
		})
	})
	for _, part := range p.parts() {
		l.goes(ctx, part)
	}
	return nil
}

// channels makes the loops of openChannels, whose senders end here.
func (l *nightLife) channels(m *web.Metrics) (*channels, error) {
	run := l.run
	all := &channels{loops: map[string]*delivery.Loop{}, sources: map[string]*source{}, senders: map[string]delivery.Sender{}, health: newHealth()}
	for _, h := range run.cfg.Hooks {
		c := delivery.Channel{Name: h.Name, Sender: &nightChannel{run: run, name: h.Name}, Timeout: h.Timeout.D()}
		all.loops[h.Name] = delivery.New(c, run.journal, observer{m, all.health}, zap.NewNop())
	}
	limits := alert.NewLimits()
	for _, a := range run.cfg.Alerts {
		sender := &nightChannel{run: run, name: a.Name, link: all.ackLink}
		words, err := alert.New(config.Alert{Name: a.Name, Kind: config.AlertConsole}, alert.Deps{
			Advice: watcher.Advice, Hooks: hooksOf(run.cfg), Incidents: l.desk.book.Incidents, AckLink: all.ackLink, Page: all.page, Chain: l.desk.net.assessed,
			Console: &sender.said, Log: zap.NewNop(),
		})
		if err != nil {
			return nil, err
		}
		sender.words = words
		c := delivery.Channel{Name: a.Name, Sender: sender, Timeout: a.Timeout.D(), Coalesce: a.Coalesce.D(), Limit: limits.Of(a)}
		all.sources[a.Name] = newSource(run.journal)
		all.loops[a.Name] = delivery.New(c, all.sources[a.Name], observer{m, all.health}, zap.NewNop())
	}
	return all, nil
}

// goes runs a part of the process, which may not fail.
func (l *nightLife) goes(ctx context.Context, part func(context.Context) error) {
	l.running.Go(func() {
		if err := part(ctx); err != nil {
			l.run.t.Errorf("a part of the process ended: %v", err)
		}
	})
}

// stop ends the process, as ordered or as if it was killed.
func (l *nightLife) stop(ordered bool) {
	l.cancel()
	l.running.Wait()
	if ordered {
		l.desk.self.stopped(nil)
	}
}

// order is what a person does.
func (l *nightLife) order(a act) error {
	ctx, cancel := context.WithTimeout(l.run.t.Context(), time.Minute)
	defer cancel()
	order := headwatch.Action{
		Kind: headwatch.ActionKind(a.verb), Circuit: a.names[0], Actor: a.who, Reason: "a line of the night", At: time.Now(), For: a.lasts,
	}
	switch a.verb {
	case "silence", "unsilence":
		return l.hush(ctx, a, order)
	case "late":
		order.Kind, order.For, order.At, order.Via = headwatch.ActionAck, 0, order.At.Add(-a.lasts), "chat"
		return l.desk.channels.act(ctx, order)
	case "link", "used-link":
		return l.follow(ctx, a)
	}
	_, err := l.desk.act(ctx, order)
	return err
}

// hush silences, or ends the silence with the same matchers.
func (l *nightLife) hush(ctx context.Context, a act, order headwatch.Action) error {
	matchers, err := matchersOf(a.names[0])
	if err != nil {
		return err
	}
	order.Circuit, order.For = "", 0
	order.Silence = &headwatch.Silence{Matchers: matchers, Starts: order.At, Ends: order.At.Add(a.lasts), Author: a.who, Reason: order.Reason, HoldHooks: len(a.names) > 1}
	if a.verb == "unsilence" {
		for _, s := range l.desk.book.Silences(order.At) {
			if fmt.Sprint(s.Matchers) == fmt.Sprint(matchers) {
				order.Silence = &s
			}
		}
	}
	_, err = l.desk.act(ctx, order)
	return err
}

func matchersOf(text string) (all []headwatch.Matcher, err error) {
	for part := range strings.SplitSeq(text, ",") {
		m, err := headwatch.ParseMatcher(part)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// follow sends the form behind a link of a message: the newest to this channel of this circuit, which must be of use; or the first of
// the night, which must not be any more.
func (l *nightLife) follow(ctx context.Context, a act) error {
	l.run.mu.Lock()
	links := l.run.links[a.names[1]+" "+a.names[0]]
	l.run.mu.Unlock()
	if len(links) == 0 {
		return errors.New("no message had a link")
	}
	link, ok := links[len(links)-1], func(code int) bool { return code == http.StatusOK }
	if a.verb == "used-link" {
		link, ok = links[0], func(code int) bool { return code == http.StatusConflict || code == http.StatusGone }
	}
	filled := url.Values{"name": {a.who}, "reason": {"a line of the night"}, "shown": {time.Now().Format(time.RFC3339Nano)}}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, strings.TrimPrefix(link, l.run.cfg.API.PublicURL), strings.NewReader(filled.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	if l.api.ServeHTTP(w, r); !ok(w.Code) {
		return fmt.Errorf("%d: %s", w.Code, w.Body)
	}
	return nil
}

// nightChannel is the other end of a channel.
type nightChannel struct {
	run   *nightRun
	name  string
	link  func(headwatch.Notice) string
	words delivery.Sender // writes to said
	said  bytes.Buffer
}

// Route implements delivery.Sender.
func (c *nightChannel) Route() json.RawMessage { return json.RawMessage(`"` + c.name + `"`) }

// Send implements delivery.Sender.
func (c *nightChannel) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	return c.take(route, n, func() (string, error) { return c.words.Send(ctx, nil, n) })
}

// missed is what a line expects where a channel is told in one message of an incident that is over already.
const missed headwatch.StepKind = "missed"

// Coalesced implements delivery.Coalescer: it is told as what ends the incident.
func (c *nightChannel) Coalesced(ctx context.Context, route json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	told := resolve
	told.Kind = missed
	return c.take(route, told, func() (string, error) { return c.words.(delivery.Coalescer).Coalesced(ctx, nil, trigger, resolve) })
}

func (c *nightChannel) take(route json.RawMessage, n headwatch.Notice, say func() (string, error)) (string, error) {
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	if c.run.down[c.name] {
		return "", &delivery.Error{Reason: delivery.ReasonRefused, Detail: "the channel is down"}
	}
	m := nightMessage{at: time.Now(), route: string(route), notice: n}
	if c.words != nil {
		c.said.Reset()
		if _, err := say(); err != nil {
			return "", err
		}
		m.text = c.said.String()
		if link := c.link(n); link != "" {
			of := c.name + " " + n.Transition.Circuit
			c.run.links[of] = append(c.run.links[of], link)
		}
	}
	c.run.told = append(c.run.told, m)
	return "taken", nil
}
