// Package hook makes the world outside act when a circuit changes its state: one file a kind. It tells programs; telling
// people is package alert's. It does not decide, order or retry: that is done before and around it.
//
// Its files:
//
//   - The kinds: webhook.go; command.go with environment.go and output.go; nats.go, over nats_link.go, with nats_server.go for
//     subscribers in this process; evm.go for package evm, which sends transactions.
//   - Before a scarce hook: guard.go lets a trip through once its firing is on record, by standing.go, where the hook is in the incident;
//     doubt.go, whether its circuit is open now; and limits.go. ledger.go is the fold of the journal that it asks, with ledger_orders.go
//     and ledger_resume.go for what people order.
//   - While all is well: readiness.go tries what can be tried without acting.
package hook

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook/evm"
)

// Deps is what hooks need from the rest of the program. The functions may be called from several goroutines.
type Deps struct {
	Config   *config.Config
	Journal  evm.Journal
	Accounts *evm.Accounts                                // shared by all hooks that send transactions
	Ledger   *Ledger                                      // which hooks wait and which have fired; nil for commands that only look
	Signals  func(lease time.Duration) []headwatch.Signal // the leases on all circuits; without them no scarce hook fires by itself
	Log      *zap.Logger

	Transaction func(hook, leg, result string) // counts what became of transactions; nil for nobody who counts
}

// A hook has more roles than that of a Sender. Ask for them with As, because New may have put something before it.

// Inspector is a hook that can see whether there is anything to do. A hook that has fired is not inspected.
type Inspector interface {
	// Needless says why nothing needs to be sent; "" when it has to be, also when that cannot be found out.
	Needless(ctx context.Context, n headwatch.Notice) (why string)
}

// Beginner is a hook whose doing takes more than one attempt. One that has begun nothing when its incident is over, because its
// signer was down, say, is not sent the trip any more.
type Beginner interface {
	// Begun reports whether anything of what it does for an incident is on record, also when that has come to its end; an error
	// when that cannot be read.
	Begun(ctx context.Context, incident string) (bool, error)
}

// Readier is a hook that can be tried without acting.
type Readier interface {
	// Ready gives nil when the hook would work if it had to fire now, else what is wrong: clean clauses, no secret. It obeys
	// the deadline of ctx and may be called at any time.
	Ready(ctx context.Context) error
}

// Prober is a Readier that can say step by step what it tries.
type Prober interface {
	// Steps tries everything that Ready does.
	Steps(ctx context.Context) []evm.Step
	// Sketch gives what would be sent now. It is an error when that cannot be said.
	Sketch(ctx context.Context) (evm.Drill, error)
}

// Resumer is a hook whose doing can be taken back by order of a person.
type Resumer interface {
	// Resumable gives nil when an order would be carried out now; else an error that wraps evm.ErrNoResume and says why not.
	Resumable(ctx context.Context) error
}

// Runner is a hook with work of its own beside its notices: a lease to renew, orders to carry out.
type Runner interface {
	// Run works until ctx ends, then returns nil. It is called once.
	Run(ctx context.Context) error
}

// kinds is every kind of hook there is.
var kinds = map[string]func(config.Hook, Deps) (delivery.Sender, error){
	config.HookWebhook: newWebhook,
	config.HookCommand: newCommand,
	config.HookEVM:     newEVM,
	config.HookNATS:    newNATS,

	config.HookUptimeFeed: newEVM,
}

// New makes the sender of a configured hook; a scarce one waits, and fires, by the ledger. Its errors show no secret.
func New(c config.Hook, d Deps) (delivery.Sender, error) {
	kind, ok := kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("hook %s: unknown kind %q", c.Name, c.Kind)
	}
	s, err := kind(c, d)
	if err != nil {
		return nil, fmt.Errorf("hook %s: %w", c.Name, err)
	}
	return guarded(s, c, d), nil
}

// event names what a notice means to a program, after the state that the circuit is in now; "" when the notice is for
// people only.
func event(n headwatch.Notice) string {
	switch n.Kind {
	case headwatch.StepTrip, headwatch.StepRelapse, headwatch.StepRecover, headwatch.StepResolve:
		return "circuit." + n.Transition.To.String()
	}
	return ""
}
