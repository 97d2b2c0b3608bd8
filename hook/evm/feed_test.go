package evm

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

var feedAddress = common.HexToAddress("0x5FbDB2315678afecb367f032d93F642f64180aa3")

// chainOf answers calls by their first four bytes.
type chainOf map[string][]byte

func (c chainOf) Call(_ context.Context, _, to common.Address, data []byte) ([]byte, error) {
	out, ok := c[hexutil.Encode(data)]
	if !ok || to != feedAddress {
		return nil, errors.New("execution reverted")
	}
	return out, nil
}

func round(answer, started, updated uint64) []byte {
	return bytes.Join([][]byte{numberWord(3), numberWord(answer), numberWord(started), numberWord(updated), numberWord(3)}, nil)
}

const latestRoundData = "0xfeaf968c"

func TestAFeedIsToldDownSinceTheStallBegan(t *testing.T) {
	got := FeedCall(feedAddress, true, time.Unix(1_795_253_666, 999))
	const want = "0xed8378f5" +
		"0000000000000000000000000000000000000000000000000000000000000001" +
		"000000000000000000000000000000000000000000000000000000006b0165a2"
	if hexutil.Encode(got.Data) != want || got.To != feedAddress || got.Text != "updateStatus(true, 1795253666): down" {
		t.Errorf("got %s to %s: %s", hexutil.Encode(got.Data), got.To, got.Text)
	}
	if up := FeedCall(feedAddress, false, time.Time{}); !bytes.Equal(up.Data[4:], make([]byte, 64)) {
		t.Errorf("no time is %x", up.Data)
	}
}

func TestTheAnswerOfAFeed(t *testing.T) {
	for _, c := range []struct {
		out  []byte
		want FeedState
	}{
		{round(1, 100, 200), FeedState{Down: true, StartedAt: time.Unix(100, 0), UpdatedAt: time.Unix(200, 0)}},
		{round(0, 100, 200), FeedState{StartedAt: time.Unix(100, 0), UpdatedAt: time.Unix(200, 0)}},
		{round(1, 0, 200), FeedState{Down: true, UpdatedAt: time.Unix(200, 0)}},
	} {
		got, err := ParseFeed(c.out)
		if err != nil || got.Round.Cmp(big.NewInt(3)) != 0 || got.Down != c.want.Down || !got.StartedAt.Equal(c.want.StartedAt) || !got.UpdatedAt.Equal(c.want.UpdatedAt) {
			t.Errorf("%x: %+v, %v", c.out, got, err)
		}
	}
	huge := round(0, 1, 2)
	huge[2*32] = 1
	for name, out := range map[string][]byte{"empty": nil, "short": round(0, 1, 2)[:159], "another answer": round(2, 1, 2), "a huge time": huge} {
		if s, err := ParseFeed(out); err == nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestAFeedIsToldWhatItDoesNotAnswer(t *testing.T) {
	feed := Feed{feedAddress, 24 * time.Hour}
	const hour = 3600
	for _, c := range []struct {
		name   string
		answer []byte
		down   bool
		at     int64 // hours
		holds  bool
		tells  int64 // hours
	}{
		{"down, and it says up", round(0, 1*hour, 9*hour), true, 10, false, 10},
		{"down, and it says down", round(1, 1*hour, 2*hour), true, 100, true, 100},
		{"up, and it says down", round(1, 1*hour, 9*hour), false, 10, false, 10},
		{"up, and it says so for less than a third of the lease", round(0, 1*hour, 9*hour), false, 16, true, 16},
		{"up, and it says so for a third of the lease", round(0, 1*hour, 9*hour), false, 17, false, 17},
		{"down since before the last stall was over", round(0, 9*hour, 9*hour), true, 8, false, 9},
	} {
		chain := chainOf{latestRoundData: c.answer}
		e := feed.Says(c.down, time.Unix(c.at*hour, 0))
		holds, err := e.Holds(t.Context(), chain)
		if err != nil || holds != c.holds {
			t.Errorf("%s: holds %t, %v", c.name, holds, err)
		}
		call, err := e.Call(t.Context(), chain)
		if want := FeedCall(feedAddress, c.down, time.Unix(c.tells*hour, 0)); err != nil || !bytes.Equal(call.Data, want.Data) {
			t.Errorf("%s: %s, %v, want %s", c.name, call.Text, err, want.Text)
		}
	}
}

func TestAFeedThatDoesNotAnswerIsNotTold(t *testing.T) {
	e := Feed{feedAddress, time.Hour}.Says(true, time.Unix(1, 0))
	if call, err := e.Call(t.Context(), chainOf{}); err == nil {
		t.Errorf("told %s", call.Text)
	}
	if holds, err := e.Holds(t.Context(), chainOf{}); err == nil || holds {
		t.Error("it holds")
	}
	if call, err := e.Resume(t.Context(), chainOf{}); err == nil {
		t.Errorf("resumed by %s", call.Text)
	}
	before := time.Now().Unix()
	call, err := e.Resume(t.Context(), chainOf{latestRoundData: round(1, 1, 2)})
	if at := new(big.Int).SetBytes(call.Data[len(call.Data)-wordSize:]).Int64(); err != nil || at < before || !strings.HasSuffix(call.Text, ": up") {
		t.Errorf("resumed by %s, %v", call.Text, err)
	}
}

func TestAFeedMustListenToUsForItsWholeLease(t *testing.T) {
	us := common.HexToAddress("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
	updater, lease := "0xdf034cd0", hexutil.Encode(packCall("lease()"))
	for _, c := range []struct {
		name  string
		chain chainOf
		want  string
	}{
		{"ready", chainOf{updater: addressWord(us), lease: numberWord(86400)}, ""},
		{"another updater", chainOf{updater: addressWord(feedAddress), lease: numberWord(86400)}, "the feed listens to 0x5FbDB2315678afecb367f032d93F642f64180aa3, and messages come from 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"},
		{"another lease", chainOf{updater: addressWord(us), lease: numberWord(3600)}, "the feed has a lease of 3600 s, and the hook's is 86400 s"},
		{"another contract", chainOf{}, "read updater() of the feed: execution reverted"},
		{"no lease", chainOf{updater: addressWord(us)}, "read lease() of the feed: execution reverted"},
		{"an empty answer", chainOf{updater: nil}, "read updater() of the feed: 0 bytes in place of 1 words"},
	} {
		got := ""
		if err := (Feed{feedAddress, 24 * time.Hour}).Says(false, time.Time{}).Check(t.Context(), c.chain, us); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
