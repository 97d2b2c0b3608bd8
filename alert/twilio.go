package alert

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Limits, in runes: https://www.twilio.com/docs/api/errors/21617 and https://www.twilio.com/docs/api/errors/32018.
const (
	maxTextMessage = 320 // 1,600 are taken; each 70 to 160 are one message on the bill, and nobody reads five
	maxSpoken      = 300 // twice, and escaped, less than the 4,000 of a document
)

// twilio calls people and writes text messages: https://www.twilio.com/docs/messaging/api/message-resource and
// https://www.twilio.com/docs/voice/api/call-resource. Only what rings calls; that somebody has it in hand, and that it is over, is
// written. Twilio takes no key that makes one message of two attempts, so a number that has been told of a notice is not told
// again by a retry for another number.
type twilio struct {
	pager
	sender  string
	numbers []string
	voice   bool

	mu   sync.Mutex
	told map[string][]string // by notice that is under way, the numbers that have been told
}

func newTwilio(c config.Alert, d Deps) (delivery.Sender, error) {
	c.Token = config.NewSecret(c.Account + ":" + c.Token.Reveal())
	p, err := newPager(c, d)
	if err == nil && (c.Account == "" || c.Sender == "" || len(c.To) == 0) {
		err = errors.New("account, sender or to: missing")
	}
	return &twilio{pager: p, sender: c.Sender, numbers: c.To, voice: c.Voice, told: make(map[string][]string)}, err
}

// Route implements delivery.Sender: nothing there belongs to an incident. Whoever is told is told from the account in force.
func (t *twilio) Route() json.RawMessage { return nil }

// Send implements delivery.Sender.
func (t *twilio) Send(ctx context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	a := act(n, t.from)
	if a == nothing || a == remark {
		return delivery.NotTold, nil
	}
	return t.tell(ctx, n, t.write.message(n), t.voice && a == trigger)
}

// Coalesced implements delivery.Coalescer.
func (t *twilio) Coalesced(ctx context.Context, _ json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	return t.tell(ctx, resolve, t.write.coalesced(trigger, resolve), false)
}

// tell tells every number that has not been told yet. A number that never will be keeps the notice from no other one, and is the
// error when all others have it: somebody who should have been told was not.
func (t *twilio) tell(ctx context.Context, n headwatch.Notice, m message, call bool) (string, error) {
	form, resource := url.Values{"From": {t.sender}}, "Messages.json"
	if call {
		resource = "Calls.json"
		form.Set("Twiml", spoken(m))
	} else {
		form.Set("Body", written(m, t.write.ackLink(n, act(n, t.from))))
	}
	key := fmt.Sprintf("%s %d", n.Incident, n.Step)
	done := t.has(key)
	var details []string
	var refused, failed error
	for _, number := range t.numbers {
		if slices.Contains(done, number) {
			continue
		}
		form.Set("To", number)
		detail, err := t.request(ctx, resource, form)
		switch e, _ := errors.AsType[*delivery.Error](err); {
		case err == nil:
			done, details = append(done, number), append(details, detail)
		case e != nil && e.Permanent:
			refused = err
		default:
			failed = err
		}
	}
	if failed != nil {
		t.keep(key, done)
		return "", failed
	}
	t.keep(key, nil)
	if refused != nil {
		return "", refused
	}
	return strings.Join(details, "; "), nil
}

func (t *twilio) request(ctx context.Context, resource string, form url.Values) (string, error) {
	account, token, _ := strings.Cut(t.to.Key.Reveal(), ":")
	address := join(t.to.URL, "2010-04-01", "Accounts", account, resource)
	r := http.Request{Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
	r.SetBasicAuth(account, token)
	detail, err := t.send(ctx, t.to.At(address), r.Header, []byte(form.Encode()), http.StatusCreated)
	if e, ok := errors.AsType[*delivery.Error](err); ok && e.Status == http.StatusBadRequest {
		e.Permanent = !mendable(e.Raw())
	}
	return detail, err
}

// mendable reports whether a request that was refused can be taken later although it is the same: somebody changes the account
// in Twilio's console, or who does not want messages any more says START. https://www.twilio.com/docs/api/errors lists the codes.
func mendable(answer []byte) bool {
	var refusal struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(answer, &refusal) != nil {
		return false
	}
	switch refusal.Code {
	case 10001, 20005, // the account is not active
		21215, 21408, // calls or messages to this country are not permitted
		21212, 21606, 21659, 21660, // the sender is not one of the account's, or cannot do this
		21219, 21608, // a trial account tells verified numbers only
		21610,        // the receiver said STOP
		21611, 14107: // too much at once
		return true
	}
	return false
}

func (t *twilio) has(key string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.told[key])
}

func (t *twilio) keep(key string, numbers []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(numbers) == 0 {
		delete(t.told, key)
	} else {
		t.told[key] = numbers
	}
}

// written is a text message: what happened, and where a person says that it is in hand. A link is never cut.
func written(m message, link string) string {
	if link == "" {
		return delivery.Cut(m.headline, maxTextMessage)
	}
	return delivery.Cut(m.headline, maxTextMessage) + "\nAck: " + link
}

// spoken is what a call says, twice: nobody understands the first words of a call at night.
func spoken(m message) string {
	var say strings.Builder
	_ = xml.EscapeText(&say, []byte("headwatch: "+aloud(delivery.Cut(m.headline, maxSpoken))))
	return "<Response><Say>" + say.String() + "</Say><Pause length=\"1\"/><Say>" + say.String() + "</Say></Response>"
}

var (
	span = regexp.MustCompile(` (?:\d+[hms])+\b`)
	part = regexp.MustCompile(`(\d+)([hms])`)
)

// aloud has times such as 1h2m in words: a voice makes "one H two M" of them.
func aloud(text string) string {
	units := map[string]string{"h": "hour", "m": "minute", "s": "second"}
	return span.ReplaceAllStringFunc(text, func(s string) string {
		words := ""
		for _, p := range part.FindAllStringSubmatch(s, -1) {
			switch count, unit := p[1], units[p[2]]; {
			case count == "1":
				words += " 1 " + unit
			case strings.Trim(count, "0") != "":
				words += " " + count + " " + unit + "s"
			}
		}
		return cmp.Or(words, s)
	})
}
