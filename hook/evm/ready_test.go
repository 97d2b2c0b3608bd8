package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"
)

var (
	watchman = common.HexToAddress("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
	market1  = common.HexToAddress("0x5FbDB2315678afecb367f032d93F642f64180aa3")
	portal1  = common.HexToAddress("0x49048044D57e1C92A77f79988d21Fa8fAF74E97e")
)

// town is a chain as one test wants it.
type town struct {
	name    string
	wrong   []string
	usable  int
	account Account
	price   *big.Int
	posting int64
	gas     uint64
	gasErr  error
	call    func(from, to common.Address) error
	asked   bool
}

func (c *town) Name() string { return c.name }

func (c *town) Strays(context.Context) ([]string, int) { return c.wrong, c.usable }

func (c *town) Account(context.Context, common.Address) (Account, error) { return c.account, nil }

func (c *town) Price(context.Context) (*big.Int, error) { return c.price, nil }

func (c *town) Posting(context.Context, int) (*big.Int, error) { return big.NewInt(c.posting), nil }

func (c *town) Gas(context.Context, common.Address, Call) (uint64, error) { return c.gas, c.gasErr }

func (c *town) Call(_ context.Context, from, to common.Address, _ []byte) ([]byte, error) {
	c.asked = true
	if c.call != nil {
		return nil, c.call(from, to)
	}
	return nil, nil
}

// pausing is an Effect as one test wants it.
type pausing struct {
	holds   bool
	readErr error
	callErr error
	right   func(common.Address) error
}

func (e *pausing) Call(context.Context, Reader) (Call, error) {
	return Call{To: market1, Data: []byte{0x84, 0x56, 0xcb, 0x59}, Text: "pause()"}, e.callErr
}

func (e *pausing) Holds(context.Context, Reader) (bool, error) { return e.holds, e.readErr }

func (e *pausing) Resume(context.Context, Reader) (Call, error) { return Call{}, nil }

func (e *pausing) Check(_ context.Context, _ Reader, from common.Address) error {
	if e.right != nil {
		return e.right(from)
	}
	return nil
}

type pen struct{ err error }

func (p pen) Address() common.Address     { return watchman }
func (p pen) Ready(context.Context) error { return p.err }

// rehearsal is a hook that is ready: both ways, an account with enough, nothing that waits.
type rehearsal struct {
	l1, l2 *town
	effect *pausing
	probe  *Probe
	closed string
	gone   error
}

func newRehearsal() *rehearsal {
	rich := Account{Funds: big.NewInt(params.Ether), Mined: 7, Pending: 7}
	s := &rehearsal{
		l1:     &town{name: "ethereum", usable: 3, account: rich, price: big.NewInt(10 * params.GWei), gas: 100_000},
		l2:     &town{name: "base", usable: 2, account: rich, price: big.NewInt(params.GWei / 1000), gas: 60_000, posting: params.GWei},
		effect: &pausing{},
	}
	s.probe = &Probe{
		Effect: s.effect, Signer: pen{}, Target: s.l2, MaxFee: big.NewInt(300 * params.GWei),
		Legs: []LegProbe{
			{Name: "l2", Network: s.l2},
			{
				Name: "l1-deposit", Network: s.l1, Alias: SenderOnL2,
				Wrap: func(_ context.Context, c Call) (Call, uint64, error) {
					return DepositCall(portal1, c, 90_000), 130_000, s.gone
				},
				Closed: func(context.Context) (string, error) { return s.closed, nil },
			},
		},
	}
	return s
}

func TestEveryProblemOfAHookIsOneClause(t *testing.T) {
	alias := Alias(watchman)
	refuses := func(whom common.Address) func(from, to common.Address) error {
		return func(from, to common.Address) error {
			if from == whom {
				return &Reverted{"AccessControlUnauthorizedAccount"}
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		change func(*rehearsal)
		want   string // what Ready says; "" when the hook is ready
	}{
		"all is well": {func(*rehearsal) {}, ""},
		"the signer is away": {
			func(s *rehearsal) { s.probe.Signer = pen{errors.New("signer.internal: no answer in time")} },
			"the signer cannot sign: signer.internal: no answer in time",
		},
		"an endpoint of another chain": {
			func(s *rehearsal) { s.l2.wrong = []string{"alchemy: is of chain 1, not 8453"} },
			"base: alchemy: is of chain 1, not 8453",
		},
		"an endpoint that is away": {func(s *rehearsal) { s.l2.wrong = []string{"alchemy: unreachable"} }, ""},
		"a chain that is away": {
			func(s *rehearsal) { s.l2.wrong, s.l2.usable = []string{"a: unreachable", "b: no answer in time"}, 0 },
			"no endpoint of base can be used: a: unreachable; b: no answer in time",
		},
		"the role is gone": {
			func(s *rehearsal) { s.l2.call = refuses(watchman) },
			"pause() on base fails from " + watchman.Hex() + ": execution reverted: AccessControlUnauthorizedAccount",
		},
		"the role is not that of the aliased sender": {
			func(s *rehearsal) {
				s.l1.account.Code = []byte{0x60}
				s.l2.call = refuses(alias)
			},
			"pause() on base fails from " + alias.Hex() + ": execution reverted: AccessControlUnauthorizedAccount",
		},
		"the right has expired": {
			func(s *rehearsal) {
				s.effect.right = func(common.Address) error { return errors.New("its heartbeat ended on 1 August") }
			},
			"it has no right to pause() on base: its heartbeat ended on 1 August",
		},
		"no contract to read": {
			func(s *rehearsal) { s.effect.readErr = errors.New("execution reverted") },
			"the contract on base cannot be read back: execution reverted",
		},
		"the call cannot be made": {
			func(s *rehearsal) { s.effect.callErr = errors.New("the five flags cannot be read") },
			"the call on base cannot be made: the five flags cannot be read",
		},
		"in effect already": {
			func(s *rehearsal) {
				s.effect.holds = true
				s.l2.call = refuses(watchman)
				s.l2.gasErr = &Reverted{"EnforcedPause"}
			},
			"",
		},
		"no funds": {
			func(s *rehearsal) { s.l1.account.Funds = big.NewInt(params.GWei) },
			"account " + watchman.Hex() + " has 1 gwei on ethereum and needs 0.017303 ETH: 130000 gas at ten times today's fee and three replacements",
		},
		"just enough": {func(s *rehearsal) {
			need, _ := new(big.Int).SetString("17303000000000000", 10) // 130,000 gas at 10 gwei * 10 * 1.1^3
			s.l1.account.Funds = need
		}, ""},
		"one wei short": {
			func(s *rehearsal) {
				need, _ := new(big.Int).SetString("17302999999999999", 10)
				s.l1.account.Funds = need
			},
			"account " + watchman.Hex() + " has 0.017302999 ETH on ethereum and needs 0.017303 ETH: 130000 gas at ten times today's fee and three replacements",
		},
		"never more than max_fee is needed": {func(s *rehearsal) {
			s.probe.MaxFee = big.NewInt(20 * params.GWei)
			s.l1.account.Funds = big.NewInt(130_000 * 20 * params.GWei)
		}, ""},
		"what L1 takes for the bytes is needed on L2": {
			func(s *rehearsal) {
				s.l2.posting = 2 * params.GWei * 1000 // ten times that is 20,000 gwei
				s.l2.account.Funds = big.NewInt(20_000 * params.GWei)
			},
			"account " + watchman.Hex() + " has 20000 gwei on base and needs 20799 gwei: 60000 gas at ten times today's fee and three replacements",
		},
		"max_fee is too low": {
			func(s *rehearsal) { s.probe.MaxFee = big.NewInt(20*params.GWei - 1) },
			"max_fee 20 gwei is less than twice today's fee on ethereum, 10 gwei",
		},
		"a stranger's transaction waits": {
			func(s *rehearsal) { s.l1.account.Pending = 9 },
			"account " + watchman.Hex() + " has unmined transactions on ethereum (2, from nonce 7): the hook's would wait behind them",
		},
		"our own wait": {
			func(s *rehearsal) {
				s.l1.account.Pending = 9
				s.probe.Ours = func(chain string, nonce uint64) bool { return chain == "ethereum" && nonce >= 7 }
			}, "",
		},
		"the portal is paused": {func(s *rehearsal) { s.closed = "paused() of the portal is true" }, "the way through ethereum is closed: paused() of the portal is true"},
		"the portal of another chain": {
			func(s *rehearsal) {
				s.probe.Legs[1].Astray = func(context.Context) error { return errors.New("the portal of base is configured as another") }
			},
			"what is deposited may get to another chain: the portal of base is configured as another",
		},
		"the portal refuses": {
			func(s *rehearsal) {
				s.l1.call = func(_, to common.Address) error { return &Reverted{"OutOfGas: " + fmt.Sprint(to == portal1)} }
			},
			"the call cannot be sent through ethereum: execution reverted: OutOfGas: true",
		},
		"all at once": {
			func(s *rehearsal) {
				s.probe.Signer = pen{errors.New("locked")}
				s.l1.account.Pending = 8
				s.l2.call = refuses(watchman)
			},
			"the signer cannot sign: locked; pause() on base fails from " + watchman.Hex() + ": execution reverted: AccessControlUnauthorizedAccount; " +
				"account " + watchman.Hex() + " has unmined transactions on ethereum (1, from nonce 7): the hook's would wait behind them",
		},
	} {
		s := newRehearsal()
		c.change(s)
		got := ""
		if err := s.probe.Ready(t.Context()); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestWhatIsWrongSaysWhatToDo(t *testing.T) {
	s := newRehearsal()
	s.probe.Signer = pen{errors.New("locked")}
	s.closed, s.l1.account.Funds, s.l1.account.Pending = "paused", new(big.Int), 9
	s.probe.MaxFee = big.NewInt(1)
	var what []string
	for _, step := range s.probe.Steps(t.Context()) {
		if step.OK == (step.Do != "") || step.What == "" || step.Found == "" {
			t.Errorf("step %+v", step)
		}
		what = append(what, step.What)
	}
	want := []string{
		"signer", "endpoints of base", "endpoints of ethereum", "read-back on base", "call on base from " + watchman.Hex(), "max_fee on base", "funds on base", "nonce on base",
		"way through on ethereum", "max_fee on ethereum", "funds on ethereum", "nonce on ethereum",
	}
	if !slices.Equal(what, want) {
		t.Errorf("tried %q,\nwant  %q", what, want)
	}
}

func TestAnAccountThatIsAContractIsTriedUnderItsAlias(t *testing.T) {
	s := newRehearsal()
	s.l1.account.Code = []byte{0x60}
	var from []common.Address
	s.l2.call = func(sender, to common.Address) error {
		if to == market1 {
			from = append(from, sender)
		}
		return nil
	}
	if err := s.probe.Ready(t.Context()); err != nil || !slices.Equal(from, []common.Address{watchman, Alias(watchman)}) {
		t.Errorf("called from %v, %v", from, err)
	}
}

func TestNothingIsAskedOfAChainThatDoesNotAnswer(t *testing.T) {
	s := newRehearsal()
	s.l1.usable, s.l1.wrong = 0, []string{"a: unreachable"}
	err := s.probe.Ready(t.Context())
	if err == nil || err.Error() != "no endpoint of ethereum can be used: a: unreachable" || s.l1.asked {
		t.Errorf("asked %v, %v", s.l1.asked, err)
	}
}

func TestADefectIsAStepThatFails(t *testing.T) {
	s := newRehearsal()
	s.l2.call = func(common.Address, common.Address) error { panic("a secret") }
	if err := s.probe.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "a defect of headwatch: panic: string") {
		t.Errorf("got %v", err)
	}
}

func TestPricesAreWrittenWithThreeDigits(t *testing.T) {
	for wei, want := range map[int64]string{
		0: "0 gwei", 1: "0.000000001 gwei", 1_234_567: "0.00123 gwei", 1_000_000_000: "1 gwei", 12_345_000_000: "12.3 gwei", 123_456_000_000_000: "123000 gwei",
	} {
		if got := perGas(big.NewInt(wei)); got != want {
			t.Errorf("%d: %s, want %s", wei, got, want)
		}
	}
}
