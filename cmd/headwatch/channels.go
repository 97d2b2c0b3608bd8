package main

import (
	"context"
	"io"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/alert"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook"
	"headwatch/hook/evm"
	"headwatch/incident"
	"headwatch/journal"
	"headwatch/watcher"
	"headwatch/web"
)

// channels are the delivery loops of all hooks and alert channels.
type channels struct {
	loops   map[string]*delivery.Loop
	sources map[string]*source         // of the alert channels
	senders map[string]delivery.Sender // of the hooks
	inbound map[string]alert.Inbound   // alert channels whose receivers send back what people do there
	runners []hook.Runner              // hooks and alert channels with work beside their notices
	health  *health

	// order takes what a person orders on a channel. It is set before anything runs: the desk is made after the channels.
	order func(context.Context, headwatch.Action) error
	// links are in the messages. They are set before anything runs; without them there are none.
	links *web.Links
}

// openChannels makes a loop for each hook and each alert channel. Alerts also hear what the journal did not take; without a
// record no hook fires.
func openChannels(
	cfg *config.Config, net *network, out io.Writer, j *journal.Journal, ledger *hook.Ledger, book *incident.Book, m *web.Metrics, log *zap.Logger,
) (*channels, error) {
	all := &channels{
		loops: make(map[string]*delivery.Loop), sources: make(map[string]*source), senders: make(map[string]delivery.Sender),
		inbound: make(map[string]alert.Inbound), health: newHealth(),
	}
	accounts := evm.NewAccounts(cfg, j)
	for _, h := range cfg.Hooks {
		sender, err := hook.New(h, hook.Deps{Config: cfg, Journal: j, Accounts: accounts, Ledger: ledger, Signals: net.signals, Log: log, Transaction: m.Transaction})
		if err != nil {
			return nil, err
		}
		all.senders[h.Name] = sender
		if r, ok := hook.As[hook.Runner](sender); ok {
			all.runners = append(all.runners, r)
		}
		c := delivery.Channel{Name: h.Name, Sender: sender, Timeout: h.Timeout.D(), DryRun: !h.Acts() && h.Mode != config.ModeOff}
		all.loops[h.Name] = delivery.New(c, recorded{j}, observer{m, all.health}, log)
	}
	limits := alert.NewLimits()
	deps := alert.Deps{
		Advice: watcher.Advice, Hooks: hooksOf(cfg), Console: out, Chain: net.assessed,
		Keep: j.Keep, Recall: j.Recall, Incidents: book.Incidents, Act: all.act, Log: log, AckLink: all.ackLink, Page: all.page,
	}
	for _, a := range cfg.Alerts {
		sender, err := alert.New(a, deps)
		if err != nil {
			return nil, err
		}
		if r, ok := sender.(alert.Runner); ok {
			all.runners = append(all.runners, r)
		}
		if r, ok := sender.(alert.Inbound); ok {
			all.inbound[a.Name] = r
		}
		c := delivery.Channel{Name: a.Name, Sender: sender, Timeout: a.Timeout.D(), Coalesce: a.Coalesce.D(), Limit: limits.Of(a)}
		all.sources[a.Name] = newSource(recorded{j})
		all.loops[a.Name] = delivery.New(c, all.sources[a.Name], observer{m, all.health}, log)
	}
	for _, r := range alert.Pollers(cfg.Alerts, deps) {
		all.runners = append(all.runners, r)
	}
	return all, nil
}

// act is order as the channels know it.
func (c *channels) act(ctx context.Context, a headwatch.Action) error { return c.order(ctx, a) }

func (c *channels) ackLink(n headwatch.Notice) string {
	if c.links == nil || n.Mark != "" { // nobody acknowledges what is not in earnest
		return ""
	}
	return c.links.Ack(n, time.Now())
}

func (c *channels) page(incident string) string {
	if c.links == nil {
		return ""
	}
	return c.links.Page(incident)
}

// tellDirectly tells the people of a circuit of a decision that is not on record.
func (c *channels) tellDirectly(book *incident.Book) func(headwatch.Transition) {
	return func(t headwatch.Transition) { c.tell(book.Direct(t)) }
}

// tell tells people of what is not on record. Of hooks none fires without one.
func (c *channels) tell(notices []headwatch.Notice) {
	for _, n := range notices {
		if s := c.sources[n.Channel]; s != nil { // it was in an earlier configuration
			s.tell(n)
		}
	}
}

// oldest gives, by channel, when the oldest notice was decided that is not delivered yet.
func (c *channels) oldest() map[string]time.Time {
	all := make(map[string]time.Time)
	for name, loop := range c.loops {
		if at := loop.Oldest(); !at.IsZero() {
			all[name] = at
		}
	}
	return all
}

// recorded is the journal as the delivery loops see it.
type recorded struct{ *journal.Journal }

// Notices hands out what the journal holds.
func (r recorded) Notices(ctx context.Context, channel string, handle func(delivery.Pending)) error {
	return r.Journal.Notices(ctx, channel, func(p journal.Pending) { handle(p) })
}

// observer is what the delivery loops tell of themselves: the metrics, and the health of their channels.
type observer struct {
	metrics *web.Metrics
	health  *health
}

func (o observer) Attempt(channel string, reason delivery.Reason) {
	o.metrics.Attempt(channel, string(reason))
}

func (o observer) Finished(d headwatch.Delivery) {
	o.metrics.Finished(d)
	o.health.finished(d)
}

// hooksOf names the hooks of a circuit as messages show them.
func hooksOf(cfg *config.Config) func(circuit string) []string {
	return func(name string) []string {
		var all []string
		if c := cfg.Circuit(name); c != nil {
			for _, h := range c.Hooks {
				all = append(all, h+" ("+hookWords(cfg.Hook(h))+")")
			}
		}
		return all
	}
}

// hookWords is what people should know of a hook beside its name. Who reads that a circuit is closed must not take a contract for
// open.
func hookWords(h *config.Hook) string {
	words := modeWords(h.Mode)
	if h.Kind == config.HookEVM && h.Acts() {
		words += ", never takes a pause back"
	}
	return words
}

// modeWords is a hook's mode for people: a dry one must not look like one that fired.
func modeWords(mode string) string {
	switch mode {
	case config.ModeDryRun:
		return "DRY RUN"
	case config.ModeOff:
		return "OFF"
	case config.ModeConfirm:
		return "fires unless vetoed"
	}
	return mode
}
