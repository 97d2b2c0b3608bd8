package alert

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// incidentIO posts to an HTTP alert source of incident.io: https://docs.incident.io/api-reference/alert-events-v2/createhttp. An
// alert is firing or resolved, and one deduplication key has one alert: an acknowledgement cannot be passed on.
type incidentIO struct{ pager }

func newIncidentIO(c config.Alert, d Deps) (delivery.Sender, error) {
	p, err := newPager(c, d)
	if err == nil && c.Token.IsZero() {
		err = errors.New("token: missing")
	}
	return &incidentIO{p}, err
}

type incidentIOEvent struct {
	Title       string            `json:"title"`
	Status      string            `json:"status"`
	Key         string            `json:"deduplication_key"`
	Description string            `json:"description"` // Markdown
	Metadata    map[string]string `json:"metadata"`
	SourceURL   string            `json:"source_url,omitempty"`
}

// Send implements delivery.Sender.
func (i *incidentIO) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	to, m, states := i.to.Thaw(route), i.write.message(n), map[bool]string{true: "firing", false: "resolved"}
	header := http.Header{"Authorization": {"Bearer " + to.Key.Reveal()}}
	return i.toggle(ctx, to, header, n, func(key string, firing bool) any {
		return incidentIOEvent{m.inert().headline, states[firing], key, m.inert().lines(), m.details(n), i.write.page(n)}
	}, http.StatusAccepted)
}

// Coalesced implements delivery.Coalescer: an attempt whose answer was lost may have opened an alert.
func (i *incidentIO) Coalesced(ctx context.Context, route json.RawMessage, _, resolve headwatch.Notice) (string, error) {
	return i.Send(ctx, route, resolve)
}
