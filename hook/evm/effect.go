package evm

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// Fault is one thing that is wrong in the configuration of a hook.
type Fault struct {
	Key     string // in the hook's table: args[1]
	Problem string
	Hint    string // what to do about it; empty when the problem says it
}

// Faults is everything that is wrong in the configuration of a hook. Its texts hold no secret: no key of a call is one.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.Key + ": " + x.Problem
	}
	return strings.Join(lines, "; ")
}

// Check reports all that is wrong with the calls of the hooks of a configuration: it is a check for config.Load.
func Check(c *config.Config, fault func(key, problem, hint string)) {
	for i, h := range c.Hooks {
		if h.Kind != config.HookEVM {
			continue
		}
		_, err := NewEffect(h)
		faults, _ := errors.AsType[Faults](err)
		for _, f := range faults {
			fault(fmt.Sprintf("hook[%d].%s", i, f.Key), f.Problem, f.Hint)
		}
	}
}

// NewEffect makes the effect of a hook of kind evm out of its preset, if it has one, and its keys; that of an uptime feed is that it
// says "down" now. Its error is of type Faults. Everything is encoded here: what it gives cannot fail for a slip in the configuration.
//
// A hook without a preset must say what is read back. There is no other way to know that the call did what it was for, and a
// hook never says so on the word of a receipt: a proxy without the function, or a Safe whose call failed inside, have
// receipts of success.
func NewEffect(c config.Hook) (Effect, error) {
	if c.Kind == config.HookUptimeFeed {
		return &wordEffect{feedEffect{Feed: feedOf(c), down: true}}, nil
	}
	m := maker{hook: c}
	m.make()
	if len(m.faults) > 0 {
		return nil, m.faults
	}
	return &m.effect, nil
}

// effect is an Effect in parts.
type effect struct {
	call   func(context.Context, Reader) (Call, error)
	holds  func(context.Context, Reader) (bool, error)
	resume func(context.Context, Reader) (Call, error)
	check  func(context.Context, Reader, common.Address) error // nil when the contract cannot tell
}

func (e *effect) Call(ctx context.Context, r Reader) (Call, error)   { return e.call(ctx, r) }
func (e *effect) Holds(ctx context.Context, r Reader) (bool, error)  { return e.holds(ctx, r) }
func (e *effect) Resume(ctx context.Context, r Reader) (Call, error) { return e.resume(ctx, r) }

func (e *effect) Check(ctx context.Context, r Reader, sender common.Address) error {
	if e.check == nil {
		return nil
	}
	return e.check(ctx, r, sender)
}
