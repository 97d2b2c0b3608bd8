package alert

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	maxSubject = 200 // runes
	maxReply   = 200 // runes of a server's answer that a detail or an error shows
	maxPartly  = 256 // notices that some have and others do not

	maxHeard = 256 << 10 // bytes that a server may say in an attempt
)

// email tells over SMTP: one message a notice, the same to everybody, each recipient accepted or refused for itself. It goes over
// TLS or to this machine, never otherwise.
type email struct {
	write    writer
	to       emailRoute
	host     string
	port     int
	implicit bool // TLS from the first byte on
	local    bool // the server is on this machine: no TLS
	account  string
	password config.Secret
	timeout  time.Duration
	tls      *tls.Config
	dial     func(ctx context.Context, network, addr string) (net.Conn, error)

	mu     sync.Mutex
	partly map[string][]string // who has a notice, by the id of its message, while others do not
}

// emailRoute is who is told, by whom. The server and its password are no part of it: a message goes over those in force.
type emailRoute struct {
	Kind   string   `json:"kind"`
	Sender string   `json:"sender"`
	To     []string `json:"to"`
}

func newEmail(c config.Alert, d Deps) (delivery.Sender, error) {
	u, err := url.Parse(c.URL.Reveal())
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("url: want smtp:// or smtps:// and a host")
	}
	e := &email{
		write: writer{d, c.Link}, to: emailRoute{c.Kind, c.Sender, c.To}, host: u.Hostname(), port: 587, implicit: u.Scheme == "smtps",
		local: c.URL.Local(), account: c.Account, password: c.Token, timeout: c.Timeout.D(),
		tls:  &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12},
		dial: (&net.Dialer{}).DialContext, partly: make(map[string][]string),
	}
	if e.implicit {
		e.port = 465
	}
	if p := u.Port(); p != "" {
		if e.port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("url: the port is no number")
		}
	}
	if len(c.To) == 0 || c.Sender == "" {
		return nil, errors.New("sender and to: one address each at least")
	}
	return e, nil
}

// Route implements delivery.Sender.
func (e *email) Route() json.RawMessage {
	b, err := json.Marshal(e.to)
	if err != nil {
		return nil // unreachable: strings
	}
	return b
}

// Send implements delivery.Sender.
func (e *email) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	return e.send(ctx, route, n, e.write.message(n))
}

// Coalesced implements delivery.Coalescer.
func (e *email) Coalesced(ctx context.Context, route json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	return e.send(ctx, route, resolve, e.write.coalesced(trigger, resolve))
}

func (e *email) send(ctx context.Context, route json.RawMessage, n headwatch.Notice, m message) (string, error) {
	to := e.to
	if frozen := (emailRoute{}); json.Unmarshal(route, &frozen) == nil && frozen.Kind == e.to.Kind {
		to = frozen
	}
	msg, err := to.compose(n, m)
	if err != nil {
		return "", &delivery.Error{Reason: delivery.ReasonOther, Permanent: true, Detail: err.Error()}
	}
	id := delivery.ID(n)
	a := attempt{email: e, sender: to.Sender, body: msg}
	err = a.run(ctx, e.missing(id, to.To))
	return e.settle(id, to, &a, err)
}

// missing gives who does not have a message yet.
func (e *email) missing(id string, to []string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(to), func(rcpt string) bool { return slices.Contains(e.partly[id], rcpt) })
}

// settle makes one end of what became of each recipient. Who has the message is not sent it again while the others wait; when
// nothing is left to wait for and somebody was refused, the notice is refused, so that it is seen.
func (e *email) settle(id string, to emailRoute, a *attempt, err error) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	told := append(e.partly[id], a.told...)
	delete(e.partly, id)
	keep := func() {
		if len(told) > 0 && len(e.partly) < maxPartly {
			e.partly[id] = told
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		keep()
		return "", context.Canceled
	case err != nil:
		failed := e.failed(err, len(told), len(to.To))
		if !failed.Permanent {
			keep()
		}
		return "", failed
	case len(a.later) > 0:
		keep()
		return "", e.refused(a.later, len(told), len(to.To), false)
	case len(a.never) > 0:
		return "", e.refused(a.never, len(told), len(to.To), true)
	}
	return fmt.Sprintf("%d of %d told by %s: %s", len(told), len(to.To), e.host, e.clean(a.answer)), nil
}

func (e *email) refused(by []refusal, told, all int, permanent bool) error {
	var each []string
	for _, r := range by {
		each = append(each, r.rcpt+": "+e.clean(said(r.err)))
	}
	return &delivery.Error{
		Reason: delivery.ReasonBadAnswer, Permanent: permanent,
		Detail: fmt.Sprintf("%d of %d told by %s; not %s", told, all, e.host, strings.Join(each, "; ")),
	}
}

// failed is the error of an attempt that nobody was told by, or some only.
func (e *email) failed(err error, told, all int) *delivery.Error {
	f := &delivery.Error{Reason: delivery.NetworkReason(err), Detail: fmt.Sprintf("%d of %d told by %s: %s", told, all, e.host, e.clean(said(err)))}
	if errors.Is(err, context.DeadlineExceeded) {
		f.Reason = delivery.ReasonTimeout
	}
	_, f.Permanent = errors.AsType[*finalError](err)
	return f
}

// said is what a server answered, as it did.
func said(err error) string {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Sprintf("%d %s", reply.Code, reply.Msg)
	}
	return err.Error()
}

// clean makes a server's words fit to be shown: some servers repeat what they were sent.
func (e *email) clean(s string) string {
	password := e.password.Reveal()
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + e.account + "\x00" + password))
	return delivery.Clean(delivery.Scrub(s, password, plain, base64.StdEncoding.EncodeToString([]byte(password))), maxReply)
}

// compose makes the message. It is the same for every attempt.
func (r emailRoute) compose(n headwatch.Notice, m message) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := cmp.Or(msg.From(r.Sender), msg.To(r.To...)); err != nil {
		return nil, errors.New("an address of sender or to is none")
	}
	_, domain, _ := strings.Cut(address(r.Sender), "@")
	msg.SetMessageIDWithValue(delivery.ID(n) + "@" + domain)
	// All messages of an incident answer one that was never sent. So a mail program threads them whichever comes first.
	root := sha256.Sum256([]byte(n.Incident))
	thread := fmt.Sprintf("<incident_%s@%s>", hex.EncodeToString(root[:16]), domain)
	msg.SetGenHeaderPreformatted(mail.HeaderInReplyTo, thread)
	msg.SetGenHeaderPreformatted(mail.HeaderReferences, thread)
	msg.SetDateWithValue(n.Transition.At)
	subject, text := delivery.Cut(m.headline, maxSubject), m.lines()
	if subject != m.headline { // else a telephone shows it twice, and nothing besides
		text = m.plain()
	}
	msg.Subject(subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's absence is to be answered
	msg.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	if n.Kind.Opens() && n.Transition.Level >= headwatch.LevelPage {
		msg.SetImportance(mail.ImportanceHigh)
	}
	for name, value := range map[mail.Header]string{
		"X-Headwatch-Incident": n.Incident, "X-Headwatch-Circuit": n.Transition.Circuit, "X-Headwatch-Step": string(n.Kind),
		"X-Headwatch-Level": n.Transition.Level.String(), "X-Headwatch-Mark": string(n.Mark),
	} {
		if value = delivery.Clean(value, maxSubject); value != "" {
			msg.SetGenHeader(name, value)
		}
	}
	msg.SetBodyString(mail.TypeTextPlain, text)
	return msg, nil
}
