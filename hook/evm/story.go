package evm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"headwatch"
)

// way is one of the ways on which a call goes to its contract, as it stands now.
type way struct {
	Name  string // for people: "l2", "l1-deposit"
	Begun bool   // something of it is kept
	Tx    common.Hash

	// How far it is. At most one is set; none while its transaction is not in a block for good.
	Deposited bool   // on L1 for good, not executed on L2 yet
	Executed  bool   // on the contract's chain, in Block, for good
	Failed    string // why it comes to nothing
	Lost      bool   // of Failed: another transaction used the nonce

	Seen  bool      // in a block on the contract's chain, for good or not
	Block uint64    // of Seen
	Time  time.Time // of Executed: the block's
	OK    bool      // of Executed: it did not revert

	Since   time.Time // of Deposited: when L1 had it; zero while L2 is down
	Why     string    // what it waits for
	Trouble bool      // Why is what keeps it from going on
}

// settled reports whether nothing of it can happen any more, or nothing that takes a nonce of ours.
func (w way) settled() bool { return !w.Begun || w.Deposited || w.Executed || w.Failed != "" }

// scene is all that is known of an incident at one moment.
type scene struct {
	Now     time.Time
	Decided time.Time
	Limit   time.Duration // after which a person is paged
	Verdict verdict
	Ways    []way
	ByHand  string // the command that prints what a person sends instead
}

// line is one report to be made.
type line struct {
	Kind   headwatch.ReportKind
	Tx     common.Hash
	Detail string
}

// ending is how a delivery ends.
type ending uint8

// Endings.
const (
	notYet ending = iota
	well          // the contract is there
	badly         // it is not, and nothing of ours will bring it there
)

// story is what is to be told of a scene.
type story struct {
	Lines  []line
	Ending ending
	Detail string
}

// tell judges a scene and nothing else.
func (s scene) tell() story {
	var t story
	reads := s.Verdict.String()
	var failures []string
	over := !slices.ContainsFunc(s.Ways, func(w way) bool { return !w.settled() })
	foreign, open, late := s.Verdict.holds(), false, true
	for _, w := range s.Ways {
		foreign = foreign && !w.Seen
		open = open || w.Failed == "" && !(w.Executed && (!w.OK || s.Verdict.refuted(w.Block)))
		late = late && s.late(w)
		if w.Deposited {
			t.say(headwatch.ReportDeposited, w.Tx, w.Why)
		}
		if w.Executed && w.OK && s.Verdict.since(w.Block) {
			t.Detail = fmt.Sprintf("in effect: %s in block %d at chain time %s; read back: %s", w.Name, w.Block, w.Time.UTC().Format("15:04:05Z"), reads)
			t.Ending = well
			t.say(headwatch.ReportEffective, w.Tx, t.Detail)
			break
		}
		failures = append(failures, w.Name+": "+w.fate(s.Verdict))
	}
	switch {
	case t.Ending == well:
	case foreign && slices.ContainsFunc(s.Ways, func(w way) bool { return w.Begun }):
		t.Ending, t.Detail = well, "somebody else did it while ours was under way; read back: "+reads+"; ours may revert"
		t.say(headwatch.ReportForeign, common.Hash{}, t.Detail)
	case s.Verdict.holds() && !open:
		t.Ending, t.Detail = well, "it is in effect, and not by ours: "+strings.Join(failures, "; ")+"; read back: "+reads
		t.say(headwatch.ReportForeign, common.Hash{}, t.Detail)
	case !open:
		t.Ending, t.Detail = badly, strings.Join(failures, "; ")
		t.say(headwatch.ReportFailed, common.Hash{}, t.Detail+"; send it by hand: `headwatch hook "+s.ByHand+"`")
	case late:
		t.say(headwatch.ReportUnconfirmed, common.Hash{}, fmt.Sprintf("not in effect after %s: %s", headwatch.Brief(s.Limit), strings.Join(failures, "; ")))
	}
	if !over && t.Ending == well { // an account's nonce is followed to its end
		t.Ending = notYet
	}
	return t
}

func (t *story) say(kind headwatch.ReportKind, tx common.Hash, detail string) {
	t.Lines = append(t.Lines, line{kind, tx, detail})
}

// late reports whether a way took too long. What is on L1 waits for L2 without a limit while L2 is down, and has the limit anew once
// it is back.
func (s scene) late(w way) bool {
	begin := s.Decided
	if w.Deposited {
		if w.Since.IsZero() {
			return false
		}
		begin = w.Since
	}
	return s.Now.Sub(begin) > s.Limit
}

// fate says in a clause what became of a way that did not bring the contract there.
func (w way) fate(v verdict) string {
	switch {
	case w.Failed != "":
		return w.Failed
	case w.Executed && !w.OK:
		return fmt.Sprintf("it reverted in block %d", w.Block)
	case w.Executed && v.refuted(w.Block):
		return fmt.Sprintf("it was executed in block %d, and the contract does not read as it should: %s", w.Block, v)
	case w.Executed:
		return fmt.Sprintf("it was executed in block %d, and the contract could not be read back: %s", w.Block, v)
	}
	return w.Why
}
