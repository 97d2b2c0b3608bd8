package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook/evm"
)

// testnets are the chains on which a drill may send, by chain id (ethereum-lists/chains); the last four are those of development
// networks.
var testnets = map[uint64]string{
	11155111: "Sepolia", 17000: "Holesky", 560048: "Hoodi",
	11155420: "OP Sepolia", 84532: "Base Sepolia", 1301: "Unichain Sepolia", 421614: "Arbitrum Sepolia",
	900: "devnet L1", 901: "devnet L2", 1337: "geth --dev", 31337: "anvil or hardhat",
}

// Bounds of a drill that sends: a pause that takes longer has failed, and once it is in effect what else is under way is followed
// for a while.
const (
	drillFor    = 15 * time.Minute
	drillSettle = 2 * time.Minute
)

// maySend refuses a drill that sends anywhere but on known testnets, each named by the person who drills.
func maySend(cfg *config.Config, h *config.Hook, yes []string) error {
	chains := []string{h.Chain}
	if c := cfg.Chain(h.Chain); c != nil && h.Via != config.ViaL2 {
		chains = append(chains, c.L1)
	}
	var missing []string
	for _, name := range chains {
		c := cfg.Chain(name)
		if c == nil || testnets[c.ChainID] == "" {
			return usageError{fmt.Errorf("drill %s: %s is no testnet that headwatch knows: a drill with --send is refused there", h.Name, name)}
		}
		if !slices.Contains(yes, name) {
			missing = append(missing, "--yes-on "+name)
		}
	}
	if len(missing) > 0 {
		return usageError{fmt.Errorf("drill %s: this sends transactions; confirm with %s", h.Name, strings.Join(missing, " "))}
	}
	return nil
}

// sendDrill lets the hook act as in an incident, with a journal that is forgotten, until it ends.
func sendDrill(ctx context.Context, cfg *config.Config, h *config.Hook, incident string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, drillFor)
	defer cancel()
	notes := &notebook{out: out}
	sender, err := evm.Open(*h, evm.Deps{Config: cfg, Journal: notes, Log: zap.NewNop()})
	if err != nil {
		return fmt.Errorf("drill %s: %w", h.Name, err)
	}
	c := config.Circuit{Name: "drill", Chain: h.Chain, On: []headwatch.Condition{headwatch.UnsafeHeadStalled}}
	n := drillNotice(c, incident, h.Name, time.Now())
	began := time.Now()
	for {
		attempt, cancel := context.WithTimeout(ctx, h.Timeout.D())
		detail, err := sender.Send(attempt, nil, n)
		cancel()
		if err == nil {
			_, err := fmt.Fprintf(out, "DRILL  done: %s\nDRILL  take it back: `headwatch hook resume %s`\n", detail, h.Name)
			return err
		}
		e, ok := errors.AsType[*delivery.Error](err)
		if ok && e.Permanent {
			return fmt.Errorf("drill %s: %w", h.Name, err)
		}
		if at := notes.effective(); !at.IsZero() && time.Since(at) > drillSettle {
			_, err := fmt.Fprintf(out, "DRILL  in effect after %s; not followed any further: %v\n", short(at.Sub(began)), err)
			return err
		}
		pause := time.Second
		if ok && e.RetryAfter > 0 {
			pause = e.RetryAfter
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("drill %s: given up after %s: %w", h.Name, short(time.Since(began)), err)
		}
	}
}

// notebook is a journal for one drill. It is gone with the process: what a drill on a testnet sent twice harms nobody.
type notebook struct {
	out io.Writer

	mu   sync.Mutex
	kept []headwatch.Kept
	told map[headwatch.ReportKind]time.Time
}

// effective is when the contract was there for good; zero before.
func (n *notebook) effective() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.told[headwatch.ReportEffective]
}

// Keep implements evm.Journal.
func (n *notebook) Keep(_ context.Context, incident, _, slot string, data []byte) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, k := range n.kept {
		if k.Incident == incident && k.Slot == slot {
			return k.Data, nil
		}
	}
	n.kept = append(n.kept, headwatch.Kept{Incident: incident, Slot: slot, Data: data})
	return data, nil
}

// Kept implements evm.Journal.
func (n *notebook) Kept(_ context.Context, _ string, handle func(headwatch.Kept) error) error {
	n.mu.Lock()
	kept := slices.Clone(n.kept)
	n.mu.Unlock()
	for _, k := range kept {
		if err := handle(k); err != nil {
			return err
		}
	}
	return nil
}

// Report implements evm.Journal: it is shown at once.
func (n *notebook) Report(_ context.Context, r headwatch.Report) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, told := n.told[r.Kind]; told {
		return nil
	}
	if n.told == nil {
		n.told = make(map[headwatch.ReportKind]time.Time)
	}
	n.told[r.Kind] = r.At
	text := r.Detail
	if r.Tx != "" {
		text += " (" + r.Tx + ")"
	}
	_, err := fmt.Fprintf(n.out, "DRILL  %s  %s: %s\n", r.At.UTC().Format(time.TimeOnly), r.Kind, text)
	return err
}
