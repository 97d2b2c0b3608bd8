package alert

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// What Alertmanager asks of its clients: https://prometheus.io/docs/alerting/latest/alerts_api/.
const (
	resendEvery  = time.Minute
	resendAfter  = 5 * time.Minute  // the resolve, for a replica that was away
	firesUnheard = 15 * time.Minute // an alert of ours fires without another word: longer than any restart of ours takes
	maxLabel     = 200              // runes of a label's value
)

// alertmanager posts to every replica of a Prometheus Alertmanager, and again every minute while an incident lasts and for five
// minutes after it: an Alertmanager that restarts has forgotten its alerts.
//
// The labels of an alert are its identity there, so they never change, and a changed annotation notifies nobody
// (notify/dedup_stage.go): it waits for repeat_interval, hours later. So what people must hear of anew is an alert of its own: each
// rung that the incident comes to, each incident beneath it, each report of a hook that needs a person. All of them fire until the
// incident is over, like a warning and a critical rule of Prometheus on one expression; an inhibition shows the gravest alone.
type alertmanager struct {
	name     string
	write    writer
	from     headwatch.Level
	replicas []delivery.Route
	labels   map[string]string
	client   *http.Client
	log      *zap.Logger

	mu    sync.Mutex
	open  map[string]*amIncident // what is re-sent, by incident
	moans map[string]string      // the last error of each replica, so that it is logged once
}

// amIncident is what was said of an incident.
type amIncident struct {
	alerts map[string]amAlert // by what makes it an alert of its own
	ended  time.Time
}

type amAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Generator   string            `json:"generatorURL,omitempty"`
}

func newAlertmanager(c config.Alert, d Deps) (delivery.Sender, error) {
	a := &alertmanager{
		name: c.Name, write: writer{d, c.Link}, from: c.From, labels: c.Labels, client: delivery.Client(c.Timeout.D()), log: cmp.Or(d.Log, zap.NewNop()),
		open: make(map[string]*amIncident), moans: make(map[string]string),
	}
	for _, u := range c.URLs {
		r := delivery.Route{Kind: c.Kind, URL: u, Key: c.Token}
		if err := r.Check(); err != nil {
			return nil, err
		}
		a.replicas = append(a.replicas, r)
	}
	if len(a.replicas) == 0 {
		return nil, errors.New("urls: missing")
	}
	return a, nil
}

// Route implements delivery.Sender: the replicas in force are told, as they are told again every minute. What one of before still has
// ends there by itself.
func (a *alertmanager) Route() json.RawMessage { return nil }

// Send implements delivery.Sender. One replica that took it will tell people: the others get it with the next re-sending.
func (a *alertmanager) Send(ctx context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	var alerts []amAlert
	switch act(n, a.from) {
	case trigger:
		alerts = a.fire(n)
	case acknowledge:
		alerts = a.now(n.Incident)
	case resolve:
		alerts = a.end(n)
	case remark:
		if n.Kind == headwatch.StepLeave {
			alerts = a.leave(n)
		}
	}
	if len(alerts) == 0 {
		return delivery.NotTold, nil
	}
	var details []string
	var failed error
	taken := false
	for _, r := range a.post(ctx, alerts) {
		if r.err == nil {
			taken, details = true, append(details, r.detail)
			continue
		}
		details = append(details, r.err.Error())
		if e, ok := errors.AsType[*delivery.Error](failed); failed == nil || ok && e.Permanent {
			failed = r.err
		}
	}
	if !taken {
		return "", failed
	}
	return strings.Join(details, "; "), nil
}

// Coalesced implements delivery.Coalescer: an attempt whose answer was lost may have opened an alert.
func (a *alertmanager) Coalesced(ctx context.Context, route json.RawMessage, _, resolve headwatch.Notice) (string, error) {
	return a.Send(ctx, route, resolve)
}

type amResult struct {
	detail string
	err    error
}

// post hands alerts to every replica at once.
func (a *alertmanager) post(ctx context.Context, alerts []amAlert) []amResult {
	body, err := json.Marshal(alerts)
	if err != nil {
		return []amResult{{err: fmt.Errorf("encode the alerts: %w", err)}}
	}
	results := make([]amResult, len(a.replicas))
	var wg sync.WaitGroup
	for i, r := range a.replicas {
		wg.Go(func() {
			header := http.Header{}
			if !r.Key.IsZero() {
				header.Set("Authorization", "Bearer "+r.Key.Reveal())
			}
			resp, err := delivery.Post(ctx, a.client, r.At(join(r.URL, "api", "v2", "alerts")), header, body)
			switch {
			case err != nil:
				results[i].err = err
			case resp.Status != http.StatusOK || isPage(resp):
				results[i].err = resp.BadAnswer()
			default:
				results[i].detail = resp.Detail()
			}
		})
	}
	wg.Wait()
	return results
}

// Run implements Runner: it says again what is firing, and what has just ended.
func (a *alertmanager) Run(ctx context.Context) error {
	tick := time.NewTicker(resendEvery)
	defer tick.Stop()
	for {
		a.resend(ctx, time.Now())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (a *alertmanager) resend(ctx context.Context, now time.Time) {
	alerts := a.all(now)
	if len(alerts) == 0 {
		return
	}
	for i, r := range a.post(ctx, alerts) {
		a.complain(a.replicas[i].URL.Host(), r.err)
	}
}

// complain logs an error of a replica, and again only when it reads differently.
func (a *alertmanager) complain(replica string, err error) {
	moan := ""
	if err != nil && !errors.Is(err, context.Canceled) {
		moan = err.Error()
	}
	if moan != "" && moan != a.moans[replica] {
		a.log.Warn("alerts not sent again", zap.String("channel", a.name), zap.String("replica", replica), zap.Error(err))
	}
	a.moans[replica] = moan
}

// all gives what is sent again: what this process said, and what one before it said of incidents that are still in the book.
func (a *alertmanager) all(now time.Time) []amAlert {
	var known []headwatch.Incident
	if a.write.deps.Incidents != nil {
		known = a.write.deps.Incidents()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, i := range known {
		said := a.open[i.ID]
		switch over := !i.Resolved.IsZero(); {
		case said != nil && said.ended.IsZero():
			said.ended = i.Resolved
		case said == nil && slices.Contains(i.Told, a.name) && (!over || now.Sub(i.Resolved) < resendAfter):
			a.open[i.ID] = a.remember(i)
		}
	}
	var alerts []amAlert
	for _, id := range slices.Sorted(maps.Keys(a.open)) {
		said := a.open[id]
		if !said.ended.IsZero() && now.Sub(said.ended) > resendAfter {
			delete(a.open, id)
			continue
		}
		alerts = append(alerts, said.wire(now)...)
	}
	return alerts
}
