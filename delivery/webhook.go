package delivery

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"headwatch"
	"headwatch/config"
)

// NotTold is the detail of a notice that is delivered by telling nothing, because its kind does not concern the channel.
const NotTold = "not told to this channel"

const maxPreview = 4000 // runes

// Webhook posts notices as Standard Webhooks (https://www.standardwebhooks.com): a Document, signed with every secret, so
// that a receiver may change over from one to the next. Only a 2xx status is success.
type Webhook struct {
	to      Route
	signers []*standardwebhooks.Webhook
	event   func(headwatch.Notice) string
	client  *http.Client
}

// NewWebhook makes a Webhook. The event function names the type of a notice's document; a notice without one is not sent.
// Without a secret it can be previewed and nothing more: a receiver that acts on a circuit must be able to tell who says so.
func NewWebhook(url config.Secret, secrets []config.Secret, timeout time.Duration, event func(headwatch.Notice) string) (*Webhook, error) {
	w := &Webhook{to: Route{Kind: "webhook", URL: url}, event: event, client: Client(timeout)}
	if err := w.to.Check(); err != nil {
		return nil, err
	}
	for i, s := range secrets {
		signer, err := newSigner(s)
		if err != nil {
			return nil, fmt.Errorf("secrets[%d]: %w", i, err)
		}
		w.signers = append(w.signers, signer)
	}
	return w, nil
}

// newSigner reads a secret as the specification has it. No error shows any of it.
func newSigner(s config.Secret) (*standardwebhooks.Webhook, error) {
	encoded, ok := strings.CutPrefix(s.Reveal(), "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("want whsec_ and 24 to 64 bytes in base64")
	}
	return standardwebhooks.NewWebhookRaw(key)
}

// Route implements Sender. Signing secrets are no part of it: a notice is signed with those in force when it is sent.
func (w *Webhook) Route() json.RawMessage { return w.to.Freeze() }

// Send implements Sender.
func (w *Webhook) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	event := w.event(n)
	if event == "" {
		return NotTold, nil
	}
	return w.post(ctx, route, ID(n), NewDocument(event, n))
}

// Coalesced implements Coalescer with the document of the resolve, which says so.
func (w *Webhook) Coalesced(ctx context.Context, route json.RawMessage, _, resolve headwatch.Notice) (string, error) {
	event := w.event(resolve)
	if event == "" {
		return NotTold, nil
	}
	doc := NewDocument(event, resolve)
	doc.Data.Coalesced = true
	return w.post(ctx, route, ID(resolve), doc)
}

// Preview implements Previewer.
func (w *Webhook) Preview(n headwatch.Notice) string {
	event := w.event(n)
	if event == "" {
		return NotTold
	}
	body, err := NewDocument(event, n).JSON()
	if err != nil {
		return err.Error()
	}
	return w.Shown(body)
}

// Shown is a request as Preview shows it.
func (w *Webhook) Shown(body []byte) string {
	return fmt.Sprintf("POST %s\n%s", w.to.URL.Host(), Cut(string(body), maxPreview))
}

func (w *Webhook) post(ctx context.Context, route json.RawMessage, id string, doc Document) (string, error) {
	body, err := doc.JSON()
	if err != nil {
		return "", err
	}
	return w.Post(ctx, route, id, body)
}

// Post is Send for a notice with this id of which something else is told than its document.
func (w *Webhook) Post(ctx context.Context, route json.RawMessage, id string, body []byte) (string, error) {
	if len(w.signers) == 0 {
		return "", &Error{Reason: ReasonOther, Permanent: true, Detail: "there is no secret to sign with"}
	}
	header, err := w.sign(id, time.Now(), body)
	if err != nil {
		return "", err
	}
	resp, err := Post(ctx, w.client, w.to.Thaw(route), header, body)
	if err != nil {
		return "", err
	}
	return resp.Detail(), nil
}

// sign makes the three headers. The time is that of the attempt: receivers refuse what is older than some minutes.
func (w *Webhook) sign(id string, at time.Time, body []byte) (http.Header, error) {
	signatures := make([]string, len(w.signers))
	for i, s := range w.signers {
		signature, err := s.Sign(id, at, body)
		if err != nil {
			return nil, fmt.Errorf("sign %s: %w", id, err)
		}
		signatures[i] = signature
	}
	header := http.Header{}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return header, nil
}
