package devnet

import (
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"headwatch"
)

func TestUsersTradeAllTheTimeAndWaitWhileTheSequencerIsStopped(t *testing.T) {
	t.Parallel()
	n := run(t, Config{L1BlockTime: time.Second, L2BlockTime: time.Second, SafeLag: 1, FinalizedLag: 2, Users: 2})
	blocks(t, n, "l2-c", 3)
	n.StopL2()
	heads, err := n.Heads("l2-c")
	if err != nil {
		t.Fatal(err)
	}
	stopped := heads[headwatch.Unsafe].Number
	blocks(t, n, "l1", 3)
	n.ResumeL2(0)
	blocks(t, n, "l2-c", 2)
	calls, err := n.MarketCalls(1)
	if err != nil {
		t.Fatal(err)
	}
	byBlock, users := map[uint64]int{}, map[common.Address]bool{}
	for _, c := range calls {
		byBlock[c.Block]++
		users[c.From] = true
		if !c.OK || c.Method != "trade" || c.Deposit {
			t.Errorf("got %+v", c)
		}
	}
	if byBlock[stopped] != 2 || byBlock[stopped+1] < 6 || len(users) != 2 {
		t.Errorf("trades by block %v, of %d users; stopped after %d", byBlock, len(users), stopped)
	}
}

func TestAUserDoesNotSendMoreThanAFewThatWait(t *testing.T) {
	t.Parallel()
	s := still(t, 3)
	for range patience + 5 {
		s.must(s.trade())
	}
	s.second()
	calls, err := s.MarketCalls(1)
	s.must(err)
	if len(calls) != 3*patience {
		t.Errorf("%d trades of 3 users waited, want %d", len(calls), 3*patience)
	}
}
