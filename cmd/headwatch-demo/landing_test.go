package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"headwatch"
	"headwatch/devnet"
)

// chain makes the calls of blocks from a first one on, a block a second: t is a trade that went through, r one that reverted,
// P the pause, and a space begins the next block.
func chain(first uint64, calls string) (all []devnet.MarketCall) {
	for i, block := range strings.Split(calls, " ") {
		for index, c := range block {
			call := devnet.MarketCall{Block: first + uint64(i), Index: index + 1, Time: time.Unix(int64(i), 0), Method: "trade", OK: c != 'r'}
			if c == 'P' {
				call.Method, call.Deposit, call.Hash = "pause", true, common.Hash{1}
			}
			all = append(all, call)
		}
	}
	return all
}

func TestThePauseIsFoundAmongTheTrades(t *testing.T) {
	for name, x := range map[string]struct {
		calls string
		want  landing // without the pause itself
		block uint64
	}{
		"as it should be":      {"ttttt tt Prr rr", landing{pauses: 1, waited: 5, traded: 7, refused: 4, foremost: true}, 9},
		"a user was faster":    {"tt tPr r", landing{pauses: 1, waited: 2, traded: 3, refused: 2}, 8},
		"it did not hold":      {"tt Prr tr", landing{pauses: 1, waited: 2, traded: 2, refused: 3, slipped: 1, foremost: true}, 8},
		"twice":                {"t Pr Pr", landing{pauses: 2, waited: 1, traded: 1, refused: 2, foremost: true}, 8},
		"it never came":        {"ttt tt", landing{waited: 3, traded: 5, foremost: true}, 0},
		"refused for no pause": {"rt t", landing{waited: 1, traded: 2, foremost: true}, 0},
	} {
		got := land(7, chain(7, x.calls))
		if got.pause.Block != x.block {
			t.Errorf("%s: the pause is in block %d, want %d", name, got.pause.Block, x.block)
		}
		got.pause, x.want.first = devnet.MarketCall{}, 7
		if got != x.want {
			t.Errorf("%s: got %+v, want %+v", name, got, x.want)
		}
	}
}

func TestTheLandingIsToldInChainTime(t *testing.T) {
	at := func(number uint64, second int64) devnet.Block {
		return devnet.Block{Head: headwatch.Head{Number: number, Time: time.Unix(second, 0)}}
	}
	got := strings.Join(land(7, chain(7, "ttttt tt Prr rr")).tell(at(6, -1), at(12, 5)), "\n")
	want := `the pause ran in L2 block 9, ahead of every user of that block
in chain time that is 00:00:02Z: 3s after the last block before the stop, 3s before L2 caught up with the clock (block 12)
users before the pause: 7 trades went through, 5 of them in block 7, where what had waited was first in line
users after the pause: 4 trades refused, 0 went through`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if none := land(7, chain(7, "tt t")).tell(at(6, -1), at(12, 5)); len(none) != 1 || none[0] != "no pause ran: 3 trades went through since the stop" {
		t.Errorf("without a pause: %q", none)
	}
}
