package alert

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"headwatch"
	"headwatch/delivery"
)

const (
	slackTolerance = 5 * time.Minute
	maxPerson      = 60 // runes of a name
)

// slackInteraction is what a button sends (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload).
type slackInteraction struct {
	Type string `json:"type"`
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
	} `json:"user"`
	Actions []struct {
		ID    string `json:"action_id"`
		Value string `json:"value"`
		At    string `json:"action_ts"` // seconds, with a fraction
	} `json:"actions"`
}

// Receive implements Inbound. Whoever sees the message may press its button, so may acknowledge; nobody may do more.
func (b *slackBot) Receive(header http.Header, body []byte, now time.Time) ([]headwatch.Action, error) {
	if b.inbound.IsZero() {
		return nil, &Rejection{http.StatusNotFound, "inbound is not set for this channel: it takes no orders"}
	}
	if !b.signed(header, body, now) {
		return nil, &Rejection{http.StatusForbidden, "the signature is not that of the channel's inbound secret, or too old"}
	}
	form, err := url.ParseQuery(string(body))
	var pressed slackInteraction
	if err != nil || json.Unmarshal([]byte(form.Get("payload")), &pressed) != nil {
		return nil, &Rejection{http.StatusBadRequest, "the body is not an interaction"}
	}
	var orders []headwatch.Action
	for _, a := range pressed.Actions {
		if pressed.Type != "block_actions" || a.ID != ackAction || a.Value == "" {
			continue // the other button is a link; Slack tells of it all the same
		}
		orders = append(orders, acknowledgement(b.write.deps, b.name, a.Value, person("slack", pressed.User.Username, pressed.User.Name, pressed.User.ID), "Slack", pressedAt(a.At, now)))
	}
	return orders, nil
}

// pressedAt is when a button was pressed. A request that is sent again gives the same order again, which the journal takes once; with
// the time of its arrival it would acknowledge what got worse in between.
func pressedAt(stamp string, now time.Time) time.Time {
	seconds, fraction, _ := strings.Cut(stamp, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	micro, fault := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	at := time.Unix(s, micro*1000)
	if err != nil || fault != nil || s <= 0 || micro < 0 || at.After(now) {
		return now
	}
	return at
}

// signed checks a request as https://docs.slack.dev/authentication/verifying-requests-from-slack says.
func (b *slackBot) signed(header http.Header, body []byte, now time.Time) bool {
	stamp := header.Get("X-Slack-Request-Timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(at, 0)).Abs() > slackTolerance {
		return false
	}
	mac := hmac.New(sha256.New, []byte(b.inbound.Reveal()))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	want := "v0=" + hex.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(header.Get("X-Slack-Signature")), []byte(want))
}

// acknowledgement is the order that a button gives.
func acknowledgement(d Deps, channel, incident, who, where string, now time.Time) headwatch.Action {
	a := headwatch.Action{Kind: headwatch.ActionAck, Incident: incident, Actor: who, Reason: "acknowledged in " + where, Via: channel, At: now}
	if d.Incidents != nil {
		for _, i := range d.Incidents() {
			if i.ID == incident {
				a.Circuit = i.Circuit
			}
		}
	}
	return a
}

// person names who pressed a button by the first name that is there, and says where the name is from.
func person(where string, names ...string) string {
	for _, name := range names {
		if name = delivery.Clean(name, maxPerson); name != "" {
			return name + " (" + where + ")"
		}
	}
	return "somebody (" + where + ")"
}
