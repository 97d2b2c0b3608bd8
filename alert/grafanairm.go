package alert

import (
	"context"
	"encoding/json"
	"net/http"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// grafanaIRM posts to a formatted webhook of Grafana IRM, which OnCall was before:
// https://grafana.com/docs/grafana-cloud/alerting-and-irm/irm/configure/integrations/webhooks/incoming-webhooks/oncall-webhooks/.
// The state knows alerting and ok only, so an acknowledgement cannot be passed on; what comes under the alert_uid of a resolved
// group opens a new one, so nothing is posted that need not ring.
type grafanaIRM struct{ pager }

func newGrafanaIRM(c config.Alert, d Deps) (delivery.Sender, error) {
	p, err := newPager(c, d)
	return &grafanaIRM{p}, err
}

type grafanaIRMAlert struct {
	UID     string `json:"alert_uid"`
	Title   string `json:"title"`
	State   string `json:"state"`
	Message string `json:"message"`
	Link    string `json:"link_to_upstream_details,omitempty"`
}

// Send implements delivery.Sender.
func (g *grafanaIRM) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (detail string, err error) {
	to, keys := g.to.Thaw(route), g.write.keys(n)
	state := "alerting"
	switch act(n, g.from) {
	case trigger:
		keys = keys[len(keys)-1:]
	case resolve:
		state = "ok"
	default:
		return delivery.NotTold, nil
	}
	m := g.write.message(n).inert()
	for _, k := range keys {
		a := grafanaIRMAlert{dedupKey(k), m.headline, state, m.lines(), g.write.page(n)}
		if detail, err = g.post(ctx, to, http.Header{}, a, 0); err != nil {
			return "", err
		}
	}
	return detail, nil
}

// Coalesced implements delivery.Coalescer: an attempt whose answer was lost may have opened an alert.
func (g *grafanaIRM) Coalesced(ctx context.Context, route json.RawMessage, _, resolve headwatch.Notice) (string, error) {
	return g.Send(ctx, route, resolve)
}
