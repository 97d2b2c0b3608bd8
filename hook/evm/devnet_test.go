package evm

import (
	"context"
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/params"
	"go.uber.org/zap/zaptest"

	"headwatch"
	"headwatch/config"
	"headwatch/contracts"
	"headwatch/delivery"
	"headwatch/devnet"
)

// book is a journal in memory. A hook that is made anew on the same book has gone through a crash.
type book struct {
	mu      sync.Mutex
	kept    []headwatch.Kept
	of      []string // hooks, one for each that is kept
	reports []headwatch.Report
	fails   error // of the next Keep
}

func (b *book) Keep(_ context.Context, incident, hook, slot string, data []byte) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fails; err != nil && slot != beganSlot {
		b.fails = nil
		return nil, err
	}
	for i, k := range b.kept {
		if k.Incident == incident && b.of[i] == hook && k.Slot == slot {
			return k.Data, nil
		}
	}
	b.of = append(b.of, hook)
	b.kept = append(b.kept, headwatch.Kept{Incident: incident, Slot: slot, Data: data})
	return data, nil
}

func (b *book) Kept(_ context.Context, hook string, handle func(headwatch.Kept) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, k := range b.kept {
		if b.of[i] == hook {
			if err := handle(k); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *book) Report(_ context.Context, r headwatch.Report) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, old := range b.reports {
		if old.Kind == r.Kind && old.What == r.What && old.Hook == r.Hook && old.Incident == r.Incident {
			return nil
		}
	}
	b.reports = append(b.reports, r)
	return nil
}

// kinds lists the reports of a hook so far.
func (b *book) kinds(hook string) []headwatch.ReportKind {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []headwatch.ReportKind
	for _, r := range b.reports {
		if r.Hook == hook {
			all = append(all, r.Kind)
		}
	}
	return all
}

// drafts gives what is kept of a leg.
func (b *book) drafts(t *testing.T, leg string) []draft {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []draft
	for _, k := range b.kept {
		if strings.HasPrefix(k.Slot, leg+"-") {
			d, err := readDraft(k.Data)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, d)
		}
	}
	return all
}

// stage is a devnet with a market that may be paused by one account.
type stage struct {
	*devnet.Net
	book   *book
	config *config.Config
	key    *ecdsa.PrivateKey
	market common.Address
	eth    *ethclient.Client // of L2
	log    func() Deps

	mu      sync.Mutex
	counted map[string]int // what became of transactions, by leg and result
	sealed  chan struct{}  // closed by the next block
}

func newStage(t *testing.T) *stage {
	t.Helper()
	n, err := devnet.New(devnet.Config{L1BlockTime: time.Second, L2BlockTime: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := n.Run(ctx); err != nil {
			t.Errorf("devnet: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	s := &stage{Net: n, book: &book{}, key: devnet.FundedKey(), counted: map[string]int{}, sealed: make(chan struct{})}
	n.OnBlock(func(devnet.Block) {
		s.mu.Lock()
		defer s.mu.Unlock()
		close(s.sealed)
		s.sealed = make(chan struct{})
	})
	if s.eth, err = ethclient.DialContext(t.Context(), n.L2()[1].HTTP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.eth.Close)
	account := crypto.PubkeyToAddress(s.key.PublicKey)
	market := contracts.Market()
	s.market = *s.transact(t, nil, append(market.Bytecode, words(account, account)...)).contract
	s.config = &config.Config{
		Chains: []config.Chain{
			{Name: "l2", Kind: config.KindOPStack, ChainID: devnet.L2ChainID, L1: "l1", BlockTime: config.Duration(time.Second)},
			{Name: "l1", Kind: config.KindEVM, ChainID: devnet.L1ChainID, BlockTime: config.Duration(time.Second), Endpoints: []config.Endpoint{
				{Name: "l1", URL: config.NewSecret(n.L1().HTTP), Serves: config.ServesEth, Operator: "l1"},
			}},
		},
		Signers: []config.Signer{{Name: "guardian", Kind: config.SignerKey, Key: config.NewSecret(hex.EncodeToString(crypto.FromECDSA(s.key)))}},
	}
	for _, e := range n.L2() {
		s.endpoint(e.Name, e.HTTP)
	}
	count := func(_, leg, result string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counted[leg+" "+result]++
	}
	s.log = func() Deps {
		return Deps{Config: s.config, Journal: s.book, Log: zaptest.NewLogger(t), Transaction: count}
	}
	return s
}

// endpoint adds one of L2.
func (s *stage) endpoint(name, url string) {
	c := &s.config.Chains[0]
	c.Endpoints = append(c.Endpoints, config.Endpoint{Name: name, URL: config.NewSecret(url), Serves: config.ServesEth, Operator: name})
}

// hook configures a hook that pauses the market.
func (s *stage) hook(name string) *config.Hook {
	s.config.Hooks = append(s.config.Hooks, config.Hook{
		Name: name, Kind: config.HookEVM, Mode: config.ModeArmed, Chain: "l2", Via: config.ViaL2, Preset: "openzeppelin-pausable",
		To: s.market.Hex(), Want: "true", Signer: "guardian", MaxFee: 300, ReplaceAfter: config.Duration(4 * time.Second), Confirmations: 2,
		ConfirmWithin: config.Duration(time.Minute),
	})
	return &s.config.Hooks[len(s.config.Hooks)-1]
}

// open makes a hook as the program does at its start.
func (s *stage) open(t *testing.T, c *config.Hook, a *Accounts) *Hook {
	t.Helper()
	d := s.log()
	d.Accounts = a
	h, err := New(*c, d)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func trip(incident string) headwatch.Notice {
	return headwatch.Notice{
		Kind: headwatch.StepTrip, Incident: incident, Step: 1,
		Transition: headwatch.Transition{Circuit: "lending", To: headwatch.Open, At: time.Now()},
	}
}

// attempt makes one attempt. It reports whether the delivery is over.
func attempt(t *testing.T, h *Hook, n headwatch.Notice) (detail string, over bool, err error) {
	t.Helper()
	return attemptOf(t, h, n)
}

func attemptOf(t *testing.T, h delivery.Sender, n headwatch.Notice) (detail string, over bool, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	detail, err = h.Send(ctx, nil, n)
	if e, ok := errors.AsType[*delivery.Error](err); ok && (e.Underway || !e.Permanent) {
		return detail, false, err
	}
	return detail, true, err
}

// deliver makes attempts until the delivery is over.
func (s *stage) deliver(t *testing.T, h *Hook, n headwatch.Notice) (string, error) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); s.next() {
		if detail, over, err := attempt(t, h, n); over {
			return detail, err
		}
	}
	t.Fatal("not over in 90 s")
	return "", nil
}

// next waits for the next block of either chain: nothing else can change what a hook sees.
func (s *stage) next() {
	s.mu.Lock()
	sealed := s.sealed
	s.mu.Unlock()
	select {
	case <-sealed:
	case <-time.After(10 * time.Second): // the net has closed: whoever waits says so
	}
}

// height is the number of an endpoint's newest block, which all endpoints of its chain have by then.
func (s *stage) height(t *testing.T, endpoint string) uint64 {
	t.Helper()
	heads, err := s.Heads(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return heads[headwatch.Unsafe].Number
}

type deployed struct{ contract *common.Address }

// fund gives an account ten ether.
func (s *stage) fund(t *testing.T, account common.Address) {
	t.Helper()
	s.pay(t, &account, nil, new(big.Int).Mul(big.NewInt(10), big.NewInt(params.Ether)))
}

// transact sends a transaction by the admin and waits for it.
func (s *stage) transact(t *testing.T, to *common.Address, data []byte) deployed {
	t.Helper()
	return s.pay(t, to, data, nil)
}

func (s *stage) pay(t *testing.T, to *common.Address, data []byte, value *big.Int) deployed {
	t.Helper()
	nonce, err := s.eth.PendingNonceAt(t.Context(), crypto.PubkeyToAddress(s.key.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	tx := types.MustSignNewTx(s.key, types.LatestSignerForChainID(big.NewInt(devnet.L2ChainID)), &types.DynamicFeeTx{
		ChainID: big.NewInt(devnet.L2ChainID), Nonce: nonce, To: to, Data: data, Value: value, Gas: 3_000_000,
		GasTipCap: big.NewInt(params.GWei), GasFeeCap: big.NewInt(100 * params.GWei),
	})
	if err := s.eth.SendTransaction(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		r, err := s.eth.TransactionReceipt(t.Context(), tx.Hash())
		if err == nil {
			if r.Status != types.ReceiptStatusSuccessful {
				t.Fatal("the transaction of the test reverted")
			}
			return deployed{&r.ContractAddress}
		}
		s.next()
	}
	t.Fatal("the transaction of the test was not mined")
	return deployed{}
}

func words(addresses ...common.Address) []byte {
	var all []byte
	for _, a := range addresses {
		all = append(all, common.LeftPadBytes(a[:], 32)...)
	}
	return all
}

// pauses counts the Paused events of the market, on every endpoint the same.
func (s *stage) pauses(t *testing.T) int {
	t.Helper()
	m, err := abi.JSON(strings.NewReader(string(contracts.Market().ABI)))
	if err != nil {
		t.Fatal(err)
	}
	logs, err := s.eth.FilterLogs(t.Context(), ethereumQuery(s.market, m.Events["Paused"].ID))
	if err != nil {
		t.Fatal(err)
	}
	return len(logs)
}

// gate is an endpoint before a node that treats what is sent as a test wants it.
type gate struct {
	*httptest.Server
	mu   sync.Mutex
	over func(method string) (answer string, instead bool) // "" passes it on
	seen map[string]int
}

func newGate(t *testing.T, node string) *gate {
	t.Helper()
	target, err := url.Parse(node)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{seen: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		method := between(string(body), `"method":"`, `"`)
		id := between(string(body), `"id":`, `,`)
		g.mu.Lock()
		g.seen[method]++
		over := g.over
		g.mu.Unlock()
		if over != nil {
			if text, instead := over(method); instead {
				fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, id, text)
				return
			}
		}
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(body))), int64(len(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gate) count() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.seen)
}

func (g *gate) answer(f func(method string) (string, bool)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = f
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	value, _, _ := strings.Cut(rest, to)
	return value
}
