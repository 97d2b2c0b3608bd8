package hook

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"headwatch/config"
	"headwatch/delivery"
)

const (
	maxWait      = 5 * time.Second // for one step of a connection
	maxLinkError = 200             // runes of an error that are shown
)

// link is a connection to a NATS server. It is kept while all is well, given up with the first error, and made anew by
// whoever needs it next: so nothing waits in a buffer, nothing is taken for delivered that went out on a connection which is
// gone, and the server's last complaint is about what was just sent.
type link struct {
	where   string // for people; never a URL
	address string
	options []nats.Option
	secrets []string
	gate    chan struct{} // held by whoever opens or closes conn
	conn    *nats.Conn
}

func newLink(where, address string, timeout time.Duration, secrets []string, options ...nats.Option) *link {
	wait := min(maxWait, timeout/time.Duration(1+strings.Count(address, ","))) // all servers of a list within one attempt
	return &link{
		where: where, address: address, secrets: secrets, gate: make(chan struct{}, 1),
		options: append(options, nats.Name("headwatch"), nats.NoReconnect(), nats.IgnoreDiscoveredServers(), nats.Timeout(wait), nats.FlusherTimeout(wait),
			nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})), // publish returns it; without a handler it is printed
	}
}

// dialed is the link of a hook to a server elsewhere: its own, or the journal's.
func dialed(c config.Hook, journal config.Journal) *link {
	address := c.URL.Reveal()
	if c.URL.IsZero() {
		address = journal.URL.Reveal()
	}
	var options []nats.Option
	if c.Credentials != "" {
		options = append(options, nats.UserCredentials(c.Credentials))
	}
	if c.CA != "" {
		options = append(options, nats.RootCAs(c.CA))
	}
	if c.Cert != "" {
		options = append(options, nats.ClientCert(c.Cert, c.CertKey))
	}
	var hosts, secrets []string
	for part := range strings.SplitSeq(address, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil {
			continue // the configuration was checked
		}
		hosts = append(hosts, u.Host)
		password, _ := u.User.Password()
		secrets = append(secrets, part, u.User.String(), u.User.Username(), password)
	}
	return newLink(strings.Join(hosts, ","), address, c.Timeout.D(), secrets, options...)
}

// publish hands messages to the server, in order, and returns when the server has confirmed that it has them all. Its error
// is a *delivery.Error; then some of them may have arrived.
func (l *link) publish(ctx context.Context, messages ...*nats.Msg) error {
	conn, err := l.open(ctx)
	if err == nil {
		if err = hand(ctx, conn, messages); err != nil {
			conn.Close()
		}
	}
	if err != nil {
		return l.failure(err)
	}
	return nil
}

func hand(ctx context.Context, conn *nats.Conn, messages []*nats.Msg) error {
	for _, m := range messages {
		if err := conn.PublishMsg(m); err != nil {
			return err
		}
	}
	if err := conn.FlushWithContext(ctx); err != nil {
		return err
	}
	return conn.LastError() // the server says what it does not let us do before it confirms
}

func (l *link) open(ctx context.Context) (*nats.Conn, error) {
	select {
	case l.gate <- struct{}{}:
		defer func() { <-l.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l.conn != nil && l.conn.IsConnected() {
		return l.conn, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	conn, err := nats.Connect(l.address, l.options...)
	if err != nil {
		return nil, err
	}
	l.conn = conn
	return conn, nil
}

func (l *link) close() {
	l.gate <- struct{}{}
	defer func() { <-l.gate }()
	if l.conn != nil {
		l.conn.Close()
	}
}

// failure says what went wrong without an address, a name or a password.
func (l *link) failure(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	e := &delivery.Error{Detail: fmt.Sprintf("%s: %s", l.where, delivery.Clean(delivery.Scrub(err.Error(), l.secrets...), maxLinkError))}
	switch {
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		e.Reason = delivery.ReasonTimeout
	case errors.Is(err, nats.ErrNoServers):
		e.Reason = delivery.ReasonRefused
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrStaleConnection):
		e.Reason = delivery.ReasonReset
	case errors.Is(err, nats.ErrSecureConnWanted), errors.Is(err, nats.ErrTLS):
		e.Reason = delivery.ReasonTLS
	case strings.HasPrefix(err.Error(), "nats: "), errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		e.Reason = delivery.ReasonOther // its word on who we are, or a file of ours
	default:
		e.Reason = delivery.NetworkReason(err)
	}
	return e
}
