package alert

import (
	"context"
	"encoding/json"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

func newWebhook(c config.Alert, d Deps) (delivery.Sender, error) {
	w, err := delivery.NewWebhook(c.URL, c.Secrets, c.Timeout.D(), event)
	if err != nil || c.Body == "" {
		return w, err
	}
	b, err := newBody(c.Body)
	if err != nil {
		return nil, err
	}
	return &templated{Webhook: w, write: writer{d, c.Link}, body: b}, nil
}

func event(n headwatch.Notice) string { return "incident." + string(n.Kind) }

// templated is a webhook whose receiver wants another document than ours. It is signed all the same.
type templated struct {
	*delivery.Webhook
	write writer
	body  *body
}

// Send implements delivery.Sender.
func (w *templated) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	return w.fill(ctx, route, n, delivery.NewDocument(event(n), n), w.write.message(n))
}

// Coalesced implements delivery.Coalescer.
func (w *templated) Coalesced(ctx context.Context, route json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	doc := delivery.NewDocument(event(resolve), resolve)
	doc.Data.Coalesced = true
	return w.fill(ctx, route, resolve, doc, w.write.coalesced(trigger, resolve))
}

// Preview implements delivery.Previewer.
func (w *templated) Preview(n headwatch.Notice) string {
	b, err := w.body.fill(delivery.NewDocument(event(n), n), w.write.message(n))
	if err != nil {
		return err.Error()
	}
	return w.Shown(b)
}

func (w *templated) fill(ctx context.Context, route json.RawMessage, n headwatch.Notice, doc delivery.Document, m message) (string, error) {
	b, err := w.body.fill(doc, m)
	if err != nil { // every kind of notice was tried when the configuration was read
		return "", &delivery.Error{Reason: delivery.ReasonOther, Permanent: true, Detail: delivery.Clean(err.Error(), maxFact)}
	}
	return w.Post(ctx, route, delivery.ID(n), b)
}
