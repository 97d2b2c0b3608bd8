package alert

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"headwatch"
	"headwatch/delivery"
)

// PagerDuty's V3 webhooks: https://developer.pagerduty.com/docs/webhooks-overview says what is in them,
// https://developer.pagerduty.com/docs/verifying-webhook-signatures how they are signed.
const (
	signatureHeader = "X-PagerDuty-Signature"
	maxSignatures   = 10
	maxRemembered   = 200 // incidents there whose key is known
	maxActor        = 80  // runes of a name there
	maxSaid         = 480 // and of what a person wrote
)

// pagerDutyWebhook is an event there, as far as it matters here.
type pagerDutyWebhook struct {
	Event struct {
		Type  string            `json:"event_type"`
		At    time.Time         `json:"occurred_at"`
		Agent *pagerDutySubject `json:"agent"`
		Data  struct {
			ID       string            `json:"id"`
			Type     string            `json:"type"`
			Key      string            `json:"incident_key"`
			Content  string            `json:"content"`  // of a note
			Incident *pagerDutySubject `json:"incident"` // of a note: it names no key
		} `json:"data"`
	} `json:"event"`
}

type pagerDutySubject struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Summary string `json:"summary"`
}

// Receive implements Inbound. What a person does there is an order here; what a program does there is none, least of all what this
// one asked for itself: that comes back as a webhook too. The time of an order is the event's own, so a webhook that is sent again
// gives the same order again, which the journal takes once.
func (p *pagerDuty) Receive(header http.Header, body []byte, now time.Time) ([]headwatch.Action, error) {
	if p.inbound.IsZero() {
		return nil, &Rejection{http.StatusNotFound, "inbound is not set for this channel: it takes no webhooks"}
	}
	if !p.signed(header.Values(signatureHeader), body) {
		return nil, &Rejection{http.StatusForbidden, "the signature is none of the channel's inbound secret"}
	}
	var hook pagerDutyWebhook
	if err := json.Unmarshal(body, &hook); err != nil {
		return nil, &Rejection{http.StatusBadRequest, "the body is not a V3 webhook"}
	}
	e := hook.Event
	key := p.keys.of(e.Data.ID, e.Data.Key)
	if e.Data.Incident != nil {
		key = p.keys.of(e.Data.Incident.ID, "")
	}
	if key == "" || e.Agent == nil || e.Agent.Type != "user_reference" || e.Agent.Summary == "" {
		return nil, nil
	}
	a := headwatch.Action{
		Kind: headwatch.ActionNote, Incident: p.incident(key), Actor: delivery.Clean(e.Agent.Summary, maxActor), Via: p.name, At: e.At,
	}
	if a.Actor == "" || strings.EqualFold(a.Actor, headwatch.Watchdog) { // a person's order must not read like the program's own
		a.Actor = person("PagerDuty", a.Actor)
	}
	if a.At.IsZero() || a.At.After(now) {
		a.At = now
	}
	if !p.told(a.Incident) {
		return nil, nil
	}
	switch e.Type {
	case "incident.acknowledged":
		a.Kind, a.Reason = headwatch.ActionAck, "acknowledged in PagerDuty"
	case "incident.unacknowledged":
		a.Reason = "the acknowledgement in PagerDuty was taken back or has expired there"
	case "incident.resolved":
		a.Reason = "resolved in PagerDuty by hand, which ends nothing here"
	case "incident.reopened":
		a.Reason = "reopened in PagerDuty"
	case "incident.annotated":
		a.Reason = "in PagerDuty: " + delivery.Clean(e.Data.Content, maxSaid)
	default:
		return nil, nil
	}
	return []headwatch.Action{a}, nil
}

// signed reports whether one of the signatures is that of the body. There are several while a secret is being changed.
func (p *pagerDuty) signed(signatures []string, body []byte) bool {
	mac := hmac.New(sha256.New, []byte(p.inbound.Reveal()))
	mac.Write(body)
	want, ok := mac.Sum(nil), false
	for i, s := range strings.Split(strings.Join(signatures, ","), ",") {
		text, v1 := strings.CutPrefix(strings.TrimSpace(s), "v1=")
		got, err := hex.DecodeString(text)
		if i < maxSignatures && v1 && err == nil && hmac.Equal(got, want) {
			ok = true
		}
	}
	return ok
}

// incident gives the incident behind the key of one of its alerts. A key that was too long for PagerDuty says nothing by itself.
func (p *pagerDuty) incident(key string) string {
	if p.write.deps.Incidents != nil {
		for _, i := range p.write.deps.Incidents() {
			for ring := range i.Rings + 1 {
				if dedupKey(alertKey(i.ID, ring)) == key {
					return i.ID
				}
			}
		}
	}
	return key
}

// told reports whether an incident was told on this channel. Whoever may open an incident there chooses its key, so it could be that of
// one which others were told of; what is not known at all is for others to pass over.
func (p *pagerDuty) told(incident string) bool {
	i := p.write.incident(incident)
	return i == nil || slices.Contains(i.Told, p.name)
}

// keyring knows the keys of the newest incidents there. A note names its incident by PagerDuty's own id alone, so one that is written
// before any other event of the incident was heard belongs to none that is known here.
type keyring struct {
	mu    sync.Mutex
	keys  map[string]string // by id there
	order []string          // oldest first
}

// of gives the key of an incident there, and remembers it when it is told.
func (k *keyring) of(id, key string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key == "" || id == "" || k.keys[id] == key {
		return k.keys[id]
	}
	if k.keys == nil {
		k.keys = make(map[string]string)
	}
	if _, ok := k.keys[id]; !ok {
		k.order = append(k.order, id)
	}
	k.keys[id] = key
	for len(k.order) > maxRemembered {
		delete(k.keys, k.order[0])
		k.order = slices.Delete(k.order, 0, 1)
	}
	return key
}
