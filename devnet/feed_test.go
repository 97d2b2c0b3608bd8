package devnet

import (
	"crypto/ecdsa"
	"fmt"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/contracts"
)

const (
	lease = 10
	up    = false
	down  = true
)

// feed is an uptime feed on L2, deployed at second 0, whose updater is the guardian of L1.
type feed struct {
	*deployed
	born uint64
}

func newFeed(t *testing.T) *feed {
	t.Helper()
	s := still(t, 0)
	s.second()
	d := s.deploy(contracts.HeadwatchUptimeFeed(), address(FundedKey()), address(GuardianKey()), uint64(lease))
	return &feed{d, s.sequencer.head().Time()}
}

// at takes the chains on to the second before, deposits a call, and seals its second. It gives the event or error.
func (f *feed) at(second uint64, by *ecdsa.PrivateKey, data []byte) string {
	f.net.t.Helper()
	for f.net.sequencer.head().Time() < f.born+second-1 {
		f.net.second()
	}
	if data == nil {
		f.net.second()
		return ""
	}
	f.net.deposit(by, f.address, data)
	f.net.second()
	all, err := f.net.Deposits()
	f.net.must(err)
	receipt, err := f.net.l2.TransactionReceipt(f.net.t.Context(), all[len(all)-1].Hash)
	f.net.must(err)
	if receipt.Status != types.ReceiptStatusSuccessful {
		return "reverted"
	}
	events := ""
	for _, log := range receipt.Logs {
		event, err := f.abi.EventByID(log.Topics[0])
		f.net.must(err)
		events += event.Name + " "
	}
	return events
}

// reading is what latestRoundData or getRoundData answer, in seconds since the feed's birth.
type reading struct{ round, answer, startedAt, updatedAt int64 }

func (f *feed) reading(method string, args ...any) reading {
	f.net.t.Helper()
	out, reverted := f.read(method, args...)
	if reverted != "" {
		f.net.t.Fatalf("%s: %s", method, reverted)
	}
	n := func(i int) int64 { return out[i].(*big.Int).Int64() }
	if out[0].(*big.Int).Cmp(out[4].(*big.Int)) != 0 {
		f.net.t.Errorf("%s: round %v answered in %v", method, out[0], out[4])
	}
	return reading{n(0), n(1), n(2) - int64(f.born), n(3) - int64(f.born)}
}

func TestTheUptimeFeed(t *testing.T) {
	t.Parallel()
	type message struct {
		status bool
		stamp  int64 // L1 time, in seconds since the feed's birth
	}
	type step struct {
		at     uint64
		says   *message
		events string
		want   reading
	}
	up1 := step{2, &message{up, 1}, "NewRound AnswerUpdated ", reading{2, 0, 1, 2}}
	for name, steps := range map[string][]step{
		"begins down": {{1, nil, "", reading{1, 1, 0, 0}}},
		"is up when it is told": {
			up1,
		},
		"is refreshed": {
			up1,
			{5, &message{up, 4}, "RoundUpdated ", reading{2, 0, 1, 5}},
		},
		"ignores what is older than the status": {
			up1,
			{5, &message{down, 0}, "UpdateIgnored ", reading{2, 0, 1, 2}},
		},
		"takes what is as old as the status": {
			up1,
			{5, &message{down, 1}, "NewRound AnswerUpdated ", reading{3, 1, 1, 5}},
		},
		"goes down and up again": {
			up1,
			{5, &message{down, 4}, "NewRound AnswerUpdated ", reading{3, 1, 4, 5}},
			{8, &message{down, 7}, "RoundUpdated ", reading{3, 1, 4, 8}},
			{9, &message{up, 8}, "NewRound AnswerUpdated ", reading{4, 0, 8, 9}},
		},
		"is up until the last second of its lease": {
			up1,
			{11, nil, "", reading{2, 0, 1, 2}},
			{12, nil, "", reading{3, 1, 12, 2}},
			{20, nil, "", reading{3, 1, 12, 2}},
		},
		"is up in a round of its own after a lease that ended": {
			up1,
			{15, &message{up, 14}, "NewRound AnswerUpdated NewRound AnswerUpdated ", reading{4, 0, 14, 15}},
		},
		"is never up from before the end of a lease": {
			up1,
			{15, &message{up, 11}, "NewRound AnswerUpdated NewRound AnswerUpdated ", reading{4, 0, 12, 15}},
		},
		"stays down since the end of a lease": {
			up1,
			{15, &message{down, 14}, "NewRound AnswerUpdated RoundUpdated ", reading{3, 1, 12, 15}},
		},
		"ignores old messages after a lease too": {
			up1,
			{15, &message{up, 0}, "UpdateIgnored ", reading{3, 1, 12, 2}},
		},
		"stays down without a lease": {
			{3, &message{down, 2}, "RoundUpdated ", reading{1, 1, 0, 3}},
			{30, nil, "", reading{1, 1, 0, 3}},
			{31, &message{up, 30}, "NewRound AnswerUpdated ", reading{2, 0, 30, 31}},
		},
		"is ahead of a chain that back-fills": {
			{2, &message{up, 3000}, "NewRound AnswerUpdated ", reading{2, 0, 3000, 2}},
		},
		"refuses a clock that counts milliseconds": {
			up1,
			{5, &message{up, 1_795_253_798_000}, "reverted", reading{2, 0, 1, 2}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFeed(t)
			seen := map[int64]reading{}
			for _, s := range steps {
				var data []byte
				if s.says != nil {
					data = f.pack("updateStatus", s.says.status, uint64(int64(f.born)+s.says.stamp))
				}
				if got := f.at(s.at, GuardianKey(), data); got != s.events {
					t.Errorf("second %d: %s, want %s", s.at, got, s.events)
				}
				got := f.reading("latestRoundData")
				if got != s.want {
					t.Errorf("second %d: %+v, want %+v", s.at, got, s.want)
				}
				seen[got.round] = got
				f.agrees(got)
			}
			for round, want := range seen { // history is what readers were told
				if got := f.reading("getRoundData", big.NewInt(round)); got != want {
					t.Errorf("round %d was %+v, is now %+v", round, want, got)
				}
			}
		})
	}
}

// agrees compares the other getters with a reading of this second.
func (f *feed) agrees(r reading) {
	f.net.t.Helper()
	now := int64(f.net.sequencer.head().Time() - f.born)
	began := big.NewInt(int64(f.born) + r.startedAt)
	for _, g := range []struct {
		method string
		args   []any
		want   any
	}{
		{"latestAnswer", nil, big.NewInt(r.answer)},
		{"latestTimestamp", nil, began},
		{"latestRound", nil, big.NewInt(r.round)},
		{"getAnswer", []any{big.NewInt(r.round)}, big.NewInt(r.answer)},
		{"getTimestamp", []any{big.NewInt(r.round)}, began},
		{"leaseUntil", nil, big.NewInt(int64(f.born) + r.updatedAt + lease)},
		{"leaseExpired", nil, now >= r.updatedAt+lease},
		{"decimals", nil, uint8(0)},
		{"version", nil, big.NewInt(1)},
	} {
		if got, reverted := f.read(g.method, g.args...); reverted != "" || fmt.Sprint(got[0]) != fmt.Sprint(g.want) {
			f.net.t.Errorf("second %d: %s is %v %s, want %v", now, g.method, got, reverted, g.want)
		}
	}
	beyond := new(big.Int).Lsh(big.NewInt(1), 80)
	for method, rounds := range map[string][]*big.Int{
		"getRoundData": {new(big.Int), big.NewInt(r.round + 1)},
		"getAnswer":    {new(big.Int), big.NewInt(r.round + 1), beyond.Add(beyond, big.NewInt(1))},
	} {
		for _, round := range rounds {
			if got, reverted := f.read(method, round); reverted != "NoDataPresent" {
				f.net.t.Errorf("%s of round %d: %v %s", method, round, got, reverted)
			}
		}
	}
}

func TestOnlyTheUpdaterSpeaksAndOnlyTheOwnerReplacesIt(t *testing.T) {
	t.Parallel()
	f := newFeed(t)
	guardian, owner := GuardianKey(), FundedKey()
	say := func(status bool, second uint64) []byte { return f.pack("updateStatus", status, f.born+second) }
	for i, step := range []struct {
		by   *ecdsa.PrivateKey
		data []byte
		want string
	}{
		{owner, say(up, 1), "reverted"},
		{guardian, f.pack("proposeUpdater", address(guardian)), "reverted"},
		{guardian, f.pack("acceptUpdater"), "reverted"},
		{guardian, say(up, 1), "NewRound AnswerUpdated "},
		{owner, f.pack("proposeUpdater", address(owner)), "UpdaterProposed "},
		{guardian, say(up, 2), "RoundUpdated "},
		{owner, say(up, 3), "reverted"},
		{owner, f.pack("acceptUpdater"), "UpdaterChanged "},
		{owner, say(up, 4), "RoundUpdated "},
		{guardian, say(down, 5), "reverted"},
		{guardian, f.pack("revokeUpdater"), "reverted"},
		{owner, f.pack("revokeUpdater"), "UpdaterChanged "},
		{owner, say(down, 6), "reverted"},
	} {
		if got := f.at(uint64(i+2), step.by, step.data); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
}

func TestTheFeedKnowsAliases(t *testing.T) {
	t.Parallel()
	f := newFeed(t)
	for l1, want := range map[string]string{
		"0x6900000000000000000000000000000000000001": "0x7a11000000000000000000000000000000001112",
		"0xffffffffffffffffffffffffffffffffffffffff": "0x1111000000000000000000000000000000001110",
	} {
		if got, _ := f.read("aliasOf", common.HexToAddress(l1)); got[0] != common.HexToAddress(want) {
			t.Errorf("%s: %v, want %s", l1, got, want)
		}
	}
}

func TestAConsumerWaitsForTheGracePeriodToEnd(t *testing.T) {
	t.Parallel()
	const grace = 4
	f := newFeed(t)
	consumer := f.net.deploy(contracts.GracePeriodConsumer(), f.address, big.NewInt(grace))
	check := func(second uint64, want string) {
		t.Helper()
		f.at(second, nil, nil)
		if _, got := consumer.read("requireSequencerUp"); got != want {
			t.Errorf("second %d: %q, want %q", second, got, want)
		}
	}
	say := func(second uint64, status bool, stamp uint64) {
		f.at(second, GuardianKey(), f.pack("updateStatus", status, f.born+stamp))
	}
	check(2, "SequencerDown")
	say(3, up, 2)
	check(6, "GracePeriodNotOver")
	check(7, "")
	check(12, "")
	check(13, "SequencerDown") // the lease has ended
	say(14, up, 13)
	check(17, "GracePeriodNotOver")
	check(18, "")
	say(19, down, 18)
	check(20, "SequencerDown")
	say(21, up, 3000) // the chain back-fills: its time is before that of the message
	check(22, "GracePeriodNotOver")
}
