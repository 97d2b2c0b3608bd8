package evm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/common"
)

// preset knows a family of contracts: what may be called, what is read back, what takes it back, and how the contract says
// who may.
type preset struct {
	name     string
	pauses   string       // what stops
	who      string       // may call it
	back     string       // may take it back; "" for the same
	patterns []pattern    // the calls that it knows, the default first; none for any call
	special  func(*maker) // completes the effect where the patterns do not say all of it; nil when they do
}

// pattern is one call of a preset and what follows from it. $1 stands for the call's first argument.
type pattern struct {
	call       string
	args       []string // by default; nil when only the user knows them
	read       string   // "" when the preset reads back in a way of its own
	readArgs   []string
	resume     string
	resumeArgs []string
	on         string // the contract that read and resume are on: $1, or "" for the one that is called
}

// presets is every preset there is. Each says in its file where the facts about its contracts were read.
var presets = []preset{pausable, accessManager, aaveV3, compoundV3, compoundV2, superchainConfig, lidoBreaker, safeModule}

func presetNames() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.name
	}
	return names
}

// known finds the pattern of a call.
func (p *preset) known(call string) (pattern, bool) {
	i := slices.IndexFunc(p.patterns, func(x pattern) bool { return x.call == call })
	if i < 0 {
		return pattern{}, false
	}
	return p.patterns[i], true
}

func (p *preset) calls() []string {
	calls := make([]string, len(p.patterns))
	for i, x := range p.patterns {
		calls[i] = x.call
	}
	return calls
}

// holder gives nil when one of these functions of a contract gives sender: they name who holds a right. The first must
// answer; the others are not in every version of the contract.
func holder(ctx context.Context, r Reader, of, sender common.Address, functions ...string) error {
	for i, f := range functions {
		holders, err := look(ctx, r, of, f+"()(address)")
		switch {
		case err != nil && (i == 0 || !lacking(err)):
			return err
		case err != nil:
		case holders[0] == sender.Hex():
			return nil
		}
	}
	return fmt.Errorf("%s is not the %s of %s", sender, strings.Join(functions, " or "), of)
}

// lacking reports whether a contract answered that it does not have what was read.
func lacking(err error) bool {
	_, reverted := errors.AsType[*Reverted](err)
	return reverted || errors.Is(err, errEmpty)
}
