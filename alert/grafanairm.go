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
func (g *grafanaIRM) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	m, states := g.write.message(n).inert(), map[bool]string{true: "alerting", false: "ok"}
	return g.toggle(ctx, g.to.Thaw(route), http.Header{}, n, func(key string, firing bool) any {
		return grafanaIRMAlert{key, m.headline, states[firing], m.lines(), g.write.page(n)}
	}, 0)
}

// Coalesced implements delivery.Coalescer: an attempt whose answer was lost may have opened an alert.
func (g *grafanaIRM) Coalesced(ctx context.Context, route json.RawMessage, _, resolve headwatch.Notice) (string, error) {
	return g.Send(ctx, route, resolve)
}
