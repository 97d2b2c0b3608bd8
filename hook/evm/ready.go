package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/delivery"
)

// Step is one thing that was tried of a hook.
type Step struct {
	What  string `json:"what"`            // for people: "account on ethereum"
	OK    bool   `json:"ok"`              // it would not keep the hook from working
	Found string `json:"found,omitempty"` // one clean clause: what is wrong, or what is worth to know
	Do    string `json:"do,omitempty"`    // what to do about it; empty when it is well
}

// Network is what a Probe asks of one chain. Its errors are clean clauses without a URL that name the chain or an endpoint.
type Network interface {
	Reader
	// Name is the chain's in the configuration.
	Name() string
	// Strays gives for each endpoint that cannot be used what is wrong with it, and how many can.
	Strays(ctx context.Context) (wrong []string, usable int)
	// Account gives what the chain knows of an address.
	Account(ctx context.Context, address common.Address) (Account, error)
	// Price is what a unit of gas costs now, in wei: base fee and tip.
	Price(ctx context.Context) (*big.Int, error)
	// Gas is what a call needs, with room to spare.
	Gas(ctx context.Context, from common.Address, call Call) (uint64, error)
	// Posting is what the chain takes for having so many bytes posted on its L1, in wei; 0 where it takes nothing.
	Posting(ctx context.Context, size int) (*big.Int, error)
}

// Account is what a chain knows of an address.
type Account struct {
	Funds   *big.Int // in wei
	Mined   uint64   // transactions in blocks, which is its next nonce
	Pending uint64   // the same with those that wait
	Code    []byte
}

// LegProbe is how a call gets to its contract, by a transaction on one chain.
type LegProbe struct {
	Name    string // of the leg: l2, l1-deposit
	Network Network
	Gas     uint64                                                  // of the call where it is sent as it is; 0 to have it estimated
	Wrap    func(ctx context.Context, c Call) (Call, uint64, error) // into the call that is sent, and its gas; nil where it is sent as it is
	Closed  func(ctx context.Context) (why string, err error)       // why nothing gets through now; nil where nothing can be closed
	Astray  func(ctx context.Context) error                         // that it may lead to another chain; nil where nobody could tell
	Alias   func(sender common.Address, code []byte) common.Address // msg.sender at the contract; nil for the sender itself
}

// Probe tries everything that a hook would do, and does nothing. It may be used from several goroutines.
type Probe struct {
	Effect Effect
	Signer interface {
		Address() common.Address
		Ready(ctx context.Context) error
	}
	Target Network // the contract's chain
	Legs   []LegProbe
	MaxFee *big.Int                              // per unit of gas, in wei
	Ours   func(chain string, nonce uint64) bool // whether a transaction that waits is one of ours; nil for never
}

// Ready gives nil when the hook would work if it had to fire now, else all that is wrong.
func (p *Probe) Ready(ctx context.Context) error { return unready(p.Steps(ctx)) }

// unready joins what is wrong; nil when nothing is.
func unready(steps []Step) error {
	var wrong []string
	for _, s := range steps {
		if !s.OK {
			wrong = append(wrong, s.Found)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(wrong, "; "))
}

// Steps tries everything and says what came of each, in an order that is always the same. What a chain that does not answer
// was to be asked for is left out: that it does not answer is said.
func (p *Probe) Steps(ctx context.Context) []Step {
	parts := []func(context.Context) []Step{p.trySigner}
	for _, n := range p.networks() {
		parts = append(parts, func(ctx context.Context) []Step { return tryNetwork(ctx, n) })
	}
	answers := run(ctx, parts)
	deaf := make(map[string]bool)
	for i, n := range p.networks() {
		deaf[n.Name()] = slices.ContainsFunc(answers[1+i], func(s Step) bool { return s.Do == noEndpoint })
	}

	call, parts := Call{}, nil
	var made error
	if !deaf[p.Target.Name()] {
		call, made = p.Effect.Call(ctx, p.Target)
		parts = append(parts, func(ctx context.Context) []Step { return p.tryContract(ctx, call, made, deaf) })
	}
	for _, w := range p.Legs {
		if !deaf[w.Network.Name()] && made == nil && call.Data != nil {
			parts = append(parts, func(ctx context.Context) []Step { return p.tryLeg(ctx, w, call) })
		}
	}
	return slices.Concat(slices.Concat(answers...), slices.Concat(run(ctx, parts)...))
}

// run does the parts side by side.
func run(ctx context.Context, parts []func(context.Context) []Step) [][]Step {
	all := make([][]Step, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					all[i] = []Step{bad("defect", fmt.Errorf("a defect of headwatch: panic: %s", delivery.PanicText(r)), "report it, and try the hook by hand with `headwatch hook calldata`")}
				}
			}()
			all[i] = part(ctx)
		})
	}
	wg.Wait()
	return all
}

// networks gives the chain of the contract and those that are paid on, each once.
func (p *Probe) networks() []Network {
	all := []Network{p.Target}
	for _, w := range p.Legs {
		if !slices.ContainsFunc(all, func(n Network) bool { return n.Name() == w.Network.Name() }) {
			all = append(all, w.Network)
		}
	}
	return all
}

func good(what, found string) Step { return Step{What: what, OK: true, Found: found} }

func bad(what string, err error, do string) Step { return Step{What: what, Found: err.Error(), Do: do} }

const noEndpoint = "see `headwatch status` for its endpoints, and add one: without them nothing can be sent or read"

func (p *Probe) trySigner(ctx context.Context) []Step {
	const what = "signer"
	if err := p.Signer.Ready(ctx); err != nil {
		return []Step{bad(what, fmt.Errorf("the signer cannot sign: %w", err), "see that it runs, holds the key, and lets this machine in")}
	}
	return []Step{good(what, "signs for "+p.Signer.Address().Hex())}
}

// tryNetwork looks at the endpoints of a chain. One that is away is told by endpoint_unreachable: the hook works while another
// answers. One of another chain is wrong here as well.
func tryNetwork(ctx context.Context, n Network) []Step {
	what := "endpoints of " + n.Name()
	wrong, usable := n.Strays(ctx)
	found := strings.Join(wrong, "; ")
	switch {
	case usable == 0 && found == "":
		found = "none answers"
		fallthrough
	case usable == 0:
		return []Step{bad(what, fmt.Errorf("no endpoint of %s can be used: %s", n.Name(), found), noEndpoint)}
	case strings.Contains(found, "chain"):
		return []Step{bad(what, fmt.Errorf("%s: %s", n.Name(), found), "correct its url, or the chain's chain_id")}
	}
	if found == "" {
		found = fmt.Sprintf("%d answer", usable)
	}
	return []Step{good(what, found)}
}

// senders gives by address from which ways the contract is called by it.
func (p *Probe) senders(ctx context.Context, deaf map[string]bool) (all []common.Address, trouble []Step) {
	own := p.Signer.Address()
	for _, w := range p.Legs {
		from := own
		if w.Alias != nil {
			if deaf[w.Network.Name()] {
				continue
			}
			a, err := w.Network.Account(ctx, own)
			if err != nil {
				trouble = append(trouble, bad("sender through "+w.Network.Name(), err, noEndpoint))
				continue
			}
			from = w.Alias(own, a.Code)
		}
		if !slices.Contains(all, from) {
			all = append(all, from)
		}
	}
	return all, trouble
}

// tryContract looks at the contract as the hook would find it: what is in effect, the call from each sender, and its right.
func (p *Probe) tryContract(ctx context.Context, call Call, made error, deaf map[string]bool) []Step {
	on := " on " + p.Target.Name()
	holds, err := p.Effect.Holds(ctx, p.Target)
	if err != nil {
		return []Step{bad("read-back"+on, fmt.Errorf("the contract%s cannot be read back: %w", on, err), "correct to, read and read_args, or the preset")}
	}
	steps := []Step{good("read-back"+on, "not in effect now")}
	if holds {
		steps[0].Found = "in effect already: the hook would send nothing"
	}
	if made != nil {
		return append(steps, bad("call"+on, fmt.Errorf("the call%s cannot be made: %w", on, made), "correct to, call and args, or the preset"))
	}
	from, trouble := p.senders(ctx, deaf)
	for _, sender := range from {
		what := fmt.Sprintf("call%s from %s", on, sender)
		_, err := p.Target.Call(ctx, sender, call.To, call.Data)
		switch {
		case err == nil:
			steps = append(steps, good(what, call.Text+" would succeed"))
		case holds:
			steps = append(steps, good(what, call.Text+" fails now, as it may where it is in effect already"))
		default:
			steps = append(steps, bad(what, fmt.Errorf("%s%s fails from %s: %w", call.Text, on, sender, err),
				"grant that address the right to call it: docs/pause-hooks.md has how for each preset"))
		}
		if err := p.Effect.Check(ctx, p.Target, sender); err != nil {
			steps = append(steps, bad("right of "+sender.Hex(), fmt.Errorf("it has no right to %s%s: %w", call.Text, on, err),
				"grant or renew it: docs/pause-hooks.md has how for each preset"))
		}
	}
	return append(steps, trouble...)
}
