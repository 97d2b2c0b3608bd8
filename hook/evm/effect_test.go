package evm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

const (
	pool     = "0xA238Dd80C259a72e81d7e4664a9801593F98d1c5"
	vault    = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
	guardian = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
	stranger = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
	nobody   = "0x0000000000000000000000000000000000000000"
)

// world is a Reader of contracts that answer what a test says. Whatever else they are asked reverts.
type world struct {
	t       testing.TB
	mu      sync.Mutex
	answers map[string][]byte
	asked   []string
}

var errReverted = &Reverted{}

func (w *world) Call(_ context.Context, from, to common.Address, data []byte) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := fmt.Sprintf("%s %x", to, data)
	if from != (common.Address{}) {
		key = from.String() + " " + key
	}
	w.asked = append(w.asked, key)
	out, ok := w.answers[key]
	if !ok {
		return nil, errReverted
	}
	return out, nil
}

// says makes a contract answer. The function names what it returns; answers are in the same form as arguments.
func (w *world) says(of, function string, args []string, answers ...string) {
	w.t.Helper()
	q, err := newReading(common.HexToAddress(of), function, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	data, _, err := signature{inputs: q.sig.results()}.encode(answers)
	if err != nil {
		w.t.Fatal(err)
	}
	w.put(fmt.Sprintf("%s %x", q.call.To, q.call.Data), data[4:])
}

// takes makes a call of a sender succeed.
func (w *world) takes(from string, c Call) {
	w.put(fmt.Sprintf("%s %s %x", common.HexToAddress(from), c.To, c.Data), nil)
}

func (w *world) put(key string, data []byte) {
	if w.answers == nil {
		w.answers = map[string][]byte{}
	}
	w.answers[key] = data
}

func effectOf(t testing.TB, h config.Hook) Effect {
	t.Helper()
	e, err := NewEffect(h)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// text gives a call, or why there is none.
func text(c Call, err error) string {
	if err != nil {
		return err.Error()
	}
	return c.To.Hex() + " " + c.Text
}

func TestAnyCallIsAnEffectWithItsReadBack(t *testing.T) {
	e := effectOf(t, config.Hook{
		To: vault, Call: "setMarketPaused(uint256,bool)", Args: []string{"7", "true"},
		Read: "marketState(uint256)(uint8)", ReadArgs: []string{"7"}, ReadTo: pool, Want: "0x2",
		Resume: "setMarketPaused(uint256,bool)", ResumeArgs: []string{"7", "false"},
	})
	w := &world{t: t}
	if got := text(e.Call(t.Context(), w)); got != vault+" setMarketPaused(7, true)" {
		t.Error(got)
	}
	if got := text(e.Resume(t.Context(), w)); got != vault+" setMarketPaused(7, false)" {
		t.Error(got)
	}
	if holds, err := e.Holds(t.Context(), w); holds || !errors.Is(err, errReverted) {
		t.Errorf("a contract that does not answer: %t, %v", holds, err)
	}
	for state, want := range map[string]bool{"1": false, "2": true, "3": false} {
		w.says(pool, "marketState(uint256)(uint8)", []string{"7"}, state)
		if holds, err := e.Holds(t.Context(), w); holds != want || err != nil {
			t.Errorf("state %s: %t, %v", state, holds, err)
		}
	}
	if err := e.Check(t.Context(), w, common.HexToAddress(guardian)); err != nil {
		t.Error(err)
	}
}

// A hook never says "paused" on anything but a clean yes.
func TestAnAnswerThatIsNoneIsNoYes(t *testing.T) {
	e := effectOf(t, config.Hook{Preset: "openzeppelin-pausable", To: vault})
	q, err := newReading(common.HexToAddress(vault), "paused()")
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string][]byte{
		"nothing": {}, "short": {1}, "two": append(make([]byte, 31), 2), "text": []byte(strings.Repeat("x", 64)),
	} {
		w := &world{t: t}
		w.put(fmt.Sprintf("%s %x", q.call.To, q.call.Data), answer)
		if holds, err := e.Holds(t.Context(), w); holds || err == nil {
			t.Errorf("%s: %t, %v", name, holds, err)
		}
	}
}

func TestAHookWithoutResumeSaysSo(t *testing.T) {
	e := effectOf(t, config.Hook{To: vault, Call: "pause()", Read: "paused()"})
	if got := text(e.Resume(t.Context(), &world{t: t})); got != "the hook names no call that takes it back: set resume" {
		t.Error(got)
	}
}

func TestEverythingWrongWithACallIsToldAtItsKey(t *testing.T) {
	for _, c := range []struct {
		hook config.Hook
		want string
	}{
		{config.Hook{}, "to: to is missing; call: call is missing"},
		{config.Hook{To: "x", Call: "pause", Read: "paused()"}, `to: to is not an address; call: "pause" is not a signature: ( expected, and not the end: write the name and the types, such as pause() or setPoolPause(bool,uint40)`},
		{config.Hook{To: vault, Call: "pause()"}, "read: read is missing"},
		{config.Hook{To: vault, Call: "pause(bool)", Read: "paused()"}, "args: pause(bool) takes 1 argument, and 0 are given"},
		{config.Hook{To: vault, Call: "f(bool,uint8)", Args: []string{"true", "256"}, Read: "paused()"}, "args[1]: argument 2 of f(bool,uint8) is a uint8: 256 is out of range: 0 to 255"},
		{config.Hook{To: vault, Call: "pause()", Read: "paused(", Resume: "unpause(bool)", ResumeArgs: []string{"no"}}, `read: "paused(" is not a signature: a type expected, and not the end; resume_args[0]: argument 1 of unpause(bool) is a bool: "no" is neither true nor false`},
		{config.Hook{To: vault, Call: "pause()", Read: "state()(uint8)"}, `want: state() gives a uint8: "true" is not a whole number: write 14400 or 0x3840`},
		{config.Hook{To: vault, Preset: "openzeppelin-pausable", ReadArgs: []string{"1"}}, "read_args: read_args belongs to read, which is missing"},
		{config.Hook{To: vault, Preset: "openzeppelin-pausable", Want: "false"}, "want: want belongs to read, which is missing"},
		{config.Hook{To: vault, Call: "pause(", Want: "1"}, `call: "pause(" is not a signature: a type expected, and not the end; read: read is missing`},
		{config.Hook{To: vault, Call: "pause()", Read: "paused()", ResumeArgs: []string{"1"}}, "resume_args: resume_args belongs to resume, which is missing"},
		{config.Hook{To: "x", Preset: "openzepelin-pausable"}, `to: to is not an address; preset: preset "openzepelin-pausable" is unknown`},
		{config.Hook{To: vault, Preset: "aave-v3", Call: "pause()"}, `call: preset aave-v3 does not know pause()`},
		{config.Hook{To: vault, Preset: "aave-v3"}, `read_to: read_to is missing`},
		{config.Hook{To: vault, Preset: "aave-v3", ReadTo: pool, Args: []string{"false", "0"}}, `args[0]: argument 1 of setPoolPause(bool,uint40) is false, which takes the pause back`},
		{config.Hook{To: vault, Preset: "compound-v2"}, `args: args is missing`},
		{config.Hook{To: vault, Preset: "compound-v2", Args: []string{pool}}, `args: _setBorrowPaused(address,bool) takes 2 arguments, and 1 is given`},
		{config.Hook{To: vault, Preset: "compound-v3", Args: []string{"false", "false", "false", "false", "false"}}, `args: args pause nothing`},
		{config.Hook{To: vault, Preset: "safe-module", Call: "pause()", Read: "paused()"}, `safe: safe is missing`},
		{config.Hook{To: vault, Preset: "openzeppelin-pausable", Safe: "0x1"}, `safe: safe is not an address; gas_limit: gas_limit is missing`},
	} {
		_, err := NewEffect(c.hook)
		if err == nil || err.Error() != c.want {
			t.Errorf("%+v\ngot  %v\nwant %s", c.hook, err, c.want)
		}
	}
}

func TestFaultsOfCallsAreFaultsOfTheFile(t *testing.T) {
	text := `[[chain]]
preset = "ethereum"
[[hook]]
name = "p"
kind = "evm"
chain = "ethereum"
to = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
call = "setPoolPause(bool,uint40)"
args = ["true", "soon"]
read = "paused()"
via = "l3"
[[circuit]]
name = "c"
chain = "ethereum"
hooks = ["p"]
alerts = ["a"]
[[alert]]
name = "a"
kind = "console"
`
	const want = `t:9:17: hook "p": argument 2 of setPoolPause(bool,uint40) is a uint40: "soon" is not a whole number: write 14400 or 0x3840
t:11:1: hook "p": via "l3" is unknown; did you mean l2?`
	if _, err := config.Parse("t", []byte(text), func(string) (string, bool) { return "", false }, Check); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
