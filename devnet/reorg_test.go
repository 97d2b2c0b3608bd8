package devnet

import (
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
)

// An L1 reorg takes a deposit out of L2 too. Its transaction comes back by itself, or L1 has forgotten it.
func TestAnL1ReorgTakesADepositOutOfL2(t *testing.T) {
	t.Parallel()
	for _, forget := range []bool{false, true} {
		s := still(t, 1)
		for range 5 {
			s.second()
			s.must(s.trade())
		}
		l1Hash := s.deposit(GuardianKey(), s.Market(), selector("pause()"))
		s.second()
		s.must(s.trade())
		s.second()
		before, err := s.Deposits()
		s.must(err)
		if len(before) != 1 || before[0].Block != 6 {
			t.Fatalf("before: %+v", before)
		}
		safe := s.Net.l2[0].node.chain.CurrentSafeBlock().Number.Uint64()
		height, l1Height := s.sequencer.head().NumberU64(), s.l1Node().head().NumberU64()
		kept := s.sequencer.chain.GetCanonicalHash(5)

		s.must(s.ReorgL1(2, forget))
		if h, l1 := s.sequencer.head().NumberU64(), s.l1Node().head().NumberU64(); h != height || l1 != l1Height {
			t.Errorf("heights %d and %d, were %d and %d", h, l1, height, l1Height)
		}
		if safe != s.Net.l2[0].node.chain.CurrentSafeBlock().Number.Uint64() {
			t.Error("the safe head has moved")
		}
		if s.sequencer.chain.GetCanonicalHash(5) != kept || s.Net.l2[1].node.chain.GetCanonicalHash(5) != kept {
			t.Error("a block was replaced whose origin stands")
		}
		for _, e := range s.Net.l2 {
			if e.node.head().Hash() != s.sequencer.head().Hash() {
				t.Errorf("%s does not follow", e.name)
			}
		}
		if _, err := s.l2.TransactionReceipt(t.Context(), before[0].Hash); err == nil {
			t.Error("the deposit is still there")
		}
		calls, err := s.MarketCalls(1)
		s.must(err)
		for _, c := range calls {
			if c.Method == "pause" || !c.OK {
				t.Errorf("after the reorg: %+v", c)
			}
		}
		s.second()
		s.second()
		after, err := s.Deposits()
		s.must(err)
		if _, err := s.l1.TransactionReceipt(t.Context(), l1Hash); (err != nil) != forget {
			t.Errorf("forget %v: the L1 transaction is there: %v", forget, err)
		}
		if forget {
			if len(after) != 1 || after[0].Block != 0 {
				t.Errorf("forgotten: %+v", after)
			}
			continue
		}
		if len(after) != 2 || after[1].L1Tx != l1Hash || after[1].Block != 8 || after[1].Hash == before[0].Hash || after[0].Block != 0 {
			t.Errorf("after: %+v", after)
		}
		// What stood for it before is nowhere: a pool that kept it would pause without a deposit.
		if nonce, err := s.l2.PendingNonceAt(t.Context(), address(GuardianKey())); err != nil || nonce != 1 {
			t.Errorf("nonce %d, %v", nonce, err)
		}
	}
}

func TestAStandInDoesNotComeBackFromAPoolWithoutItsDeposit(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	for range 5 {
		s.second()
	}
	s.deposit(GuardianKey(), s.Market(), selector("pause()"))
	s.second()
	s.must(s.ReorgL1(1, true))
	for range 3 {
		s.second()
	}
	if got := s.script(1); got != "" {
		t.Errorf("got %s", got)
	}
	// And its nonce is free for a transaction that bids far less.
	s.send(s.Net.l2[0].node, GuardianKey(), types.DynamicFeeTx{To: new(s.Market()), Data: selector("trade()")})
	s.second()
	if got := s.script(1); got != "a.1 trade" {
		t.Errorf("got %s", got)
	}
}

func TestAnL2ReorgDerivesItsDepositsAnew(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.StopBatcher()
	s.second()
	s.deposit(GuardianKey(), s.Market(), selector("pause()"))
	s.second()
	s.second()
	before, err := s.Deposits()
	s.must(err)
	s.must(s.Reorg(2))
	after, err := s.Deposits()
	s.must(err)
	if len(after) != 1 || after[0] != before[0] || s.script(1) != "2.1 pause*" {
		t.Errorf("before %+v, after %+v", before, after)
	}
	s.second()
	if got := s.script(1); got != "2.1 pause*" {
		t.Errorf("got %s", got)
	}
}

func TestAFinalBlockOfL1IsNotReplaced(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	for range 6 {
		s.second()
	}
	for _, depth := range []int{-1, 0, 5} {
		if err := s.ReorgL1(depth, false); err == nil {
			t.Errorf("replaced %d blocks", depth)
		}
	}
	s.must(s.ReorgL1(4, false))
}

func TestASpikeKeepsLowBidsOut(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	s.must(s.SpikeL1(4, big.NewInt(20*params.GWei)))
	low := s.send(s.l1Node(), GuardianKey(), types.DynamicFeeTx{To: new(s.Market()), Data: selector("trade()"), GasTipCap: big.NewInt(10 * params.GWei)})
	high := s.send(s.l1Node(), FundedKey(), types.DynamicFeeTx{To: new(s.Market()), Data: selector("trade()"), GasTipCap: big.NewInt(30 * params.GWei), Gas: 100_000})
	fee := s.l1Node().head().BaseFee()
	for i := range 4 {
		s.second()
		block := s.l1Node().head()
		if _, err := s.l1.TransactionReceipt(t.Context(), low); err == nil {
			t.Errorf("block %d: the low bid got in", i)
		}
		if _, err := s.l1.TransactionReceipt(t.Context(), high); err != nil {
			t.Errorf("block %d: the high bid: %v", i, err)
		}
		if used := block.GasUsed(); used < gasLimit*9/10 {
			t.Errorf("block %d is not full: %d gas", i, used)
		}
	}
	s.second()
	if grown := new(big.Int).Div(new(big.Int).Mul(s.l1Node().head().BaseFee(), big.NewInt(100)), fee); grown.Int64() < 130 {
		t.Errorf("base fee at %d %%", grown)
	}
	s.second()
	if _, err := s.l1.TransactionReceipt(t.Context(), low); err != nil {
		t.Errorf("after the spike: %v", err)
	}
	for _, blocks := range []int{-1, maxSpike + 1} {
		if err := s.SpikeL1(blocks, new(big.Int)); err == nil {
			t.Errorf("a spike of %d blocks", blocks)
		}
	}
}
