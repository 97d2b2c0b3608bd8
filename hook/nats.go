package hook

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// bus publishes what was decided on <subject>.<circuit>.state, and the lease of each circuit on <subject>.<circuit>.lease. A
// subscriber needs the lease alone: what it says is true until its valid_until, and who hears none any more has no watchdog.
type bus struct {
	subject  string
	circuits []string // that list the hook: whose leases it renews
	lease    time.Duration
	timeout  time.Duration
	armed    bool
	signals  func(lease time.Duration) []headwatch.Signal
	link     *link
	server   *busServer // nil when the server is elsewhere
	log      *zap.Logger
}

func newNATS(c config.Hook, d Deps) (delivery.Sender, error) {
	b := &bus{
		subject: c.Subject, lease: c.Lease.D(), timeout: c.Timeout.D(), armed: c.Mode == config.ModeArmed,
		signals: d.Signals, log: d.Log.With(zap.String("hook", c.Name)),
	}
	for _, x := range d.Config.Circuits {
		for _, name := range x.Hooks {
			if name == c.Name {
				b.circuits = append(b.circuits, x.Name)
			}
		}
	}
	if c.Listen == "" {
		b.link = dialed(c, d.Config.Journal)
		return b, nil
	}
	var err error
	if b.server, err = newBusServer(c); err != nil {
		return nil, err
	}
	b.link = b.server.link(b.timeout)
	return b, nil
}

// Route implements delivery.Sender: what a subscriber hears on a subject follows from the message alone.
func (b *bus) Route() json.RawMessage { return nil }

// Send implements delivery.Sender. It is told when the server has confirmed that it has it. The id is the same over all
// attempts, so that a stream which captures the subject stores it once. The circuit's lease follows at once: whoever
// listens to leases alone does not wait for its turn.
func (b *bus) Send(ctx context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	what := event(n)
	if what == "" {
		return delivery.NotTold, nil
	}
	body, err := delivery.NewDocument(what, n).JSON()
	if err != nil {
		return "", err
	}
	state := nats.NewMsg(b.on(n.Transition.Circuit, "state"))
	state.Header.Set(nats.MsgIdHdr, delivery.ID(n))
	state.Data = body
	leases, err := b.leases(n.Transition.Circuit)
	if err != nil {
		return "", err
	}
	if err := b.link.publish(ctx, append([]*nats.Msg{state}, leases...)...); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s has it on %s", b.link.where, state.Subject), nil
}

// Preview implements delivery.Previewer.
func (b *bus) Preview(n headwatch.Notice) string {
	what := event(n)
	if what == "" {
		return delivery.NotTold
	}
	body, err := delivery.NewDocument(what, n).JSON()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("publish on %s of %s\n%s", b.on(n.Transition.Circuit, "state"), b.link.where, delivery.Cut(string(body), maxPart))
}

// Ready implements Readier: the server answers, and takes us for who we are. Whether it lets us publish shows only when
// something is published, which an armed hook does all the time.
func (b *bus) Ready(ctx context.Context) error {
	if b.server != nil && !b.armed {
		return nil // it listens only when it is armed
	}
	return b.link.publish(ctx)
}

// Run implements Runner: it renews the leases at a third of their time, and serves the subscribers where that is its part.
func (b *bus) Run(ctx context.Context) error {
	defer b.link.close()
	if !b.armed {
		<-ctx.Done()
		return nil
	}
	if b.server != nil {
		if err := b.server.start(); err != nil {
			return err
		}
		defer b.server.stop()
	}
	tick := time.NewTicker(b.lease / 3)
	defer tick.Stop()
	said := ""
	for {
		err := b.renew(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil && said != "":
			b.log.Info("leases are published again")
			said = ""
		case err != nil && err.Error() != said:
			said = err.Error()
			b.log.Warn("leases are not published; subscribers will take the watchdog for gone", zap.Error(err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (b *bus) renew(ctx context.Context) error {
	leases, err := b.leases(b.circuits...)
	if err != nil || len(leases) == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, min(b.timeout, b.lease/3))
	defer cancel()
	return b.link.publish(ctx, leases...)
}

// leases are the messages that renew the leases of circuits. One that ran out is passed over, so that a subscriber without a
// good clock also learns of it: by hearing nothing.
func (b *bus) leases(circuits ...string) ([]*nats.Msg, error) {
	wanted := make(map[string]bool, len(circuits))
	for _, name := range circuits {
		wanted[name] = true
	}
	var all []*nats.Msg
	now := time.Now()
	for _, sig := range b.signals(b.lease) {
		if !wanted[sig.Circuit] || !now.Before(sig.ValidUntil) {
			continue
		}
		body, err := json.Marshal(sig)
		if err != nil {
			return nil, fmt.Errorf("encode the lease of %s: %w", sig.Circuit, err)
		}
		all = append(all, &nats.Msg{Subject: b.on(sig.Circuit, "lease"), Data: body})
	}
	return all, nil
}

// on gives a subject. The name of a circuit is a token of its own: it holds no dot, wildcard or space.
func (b *bus) on(circuit, what string) string { return b.subject + "." + circuit + "." + what }
