package evm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"

	"headwatch/config"
)

// serve makes a node of chain 8453 that reads the world, and estimates 100,000 gas for everything.
func (w *world) serve() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, req *http.Request) {
		var q struct {
			ID     json.RawMessage   `json:"id"`
			Method string            `json:"method"`
			Params []json.RawMessage `json:"params"`
		}
		if err := json.NewDecoder(req.Body).Decode(&q); err != nil {
			w.t.Error(err)
			return
		}
		var m message
		answer := `"0x1"`
		switch q.Method {
		case "eth_chainId":
			answer = `"0x2105"`
		case "eth_estimateGas":
			answer = `"0x186a0"`
		case "eth_call":
			if err := json.Unmarshal(q.Params[0], &m); err != nil {
				w.t.Error(err)
			}
			data, err := w.Call(req.Context(), m.From, m.To, m.Data)
			if answer = `"` + hexutil.Encode(data) + `"`; err != nil {
				fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%s,"error":{"code":3,"message":"execution reverted"}}`, q.ID)
				return
			}
		}
		out.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%s,"result":%s}`, q.ID, answer)
	}))
}

// base is a configuration of an L2, its L1 and a signer, whose nodes are at a URL.
func base(url string) *config.Config {
	at := func(name string) []config.Endpoint {
		return []config.Endpoint{{Name: name, Operator: name, Serves: config.ServesEth, URL: config.NewSecret(url)}}
	}
	return &config.Config{
		Chains: []config.Chain{
			{Name: "ethereum", Kind: config.KindEVM, ChainID: 1, Endpoints: at("l1")},
			{Name: "base", Kind: config.KindOPStack, ChainID: 8453, L1: "ethereum", Portal: basePortal, Endpoints: at("l2")},
			{Name: "arb", Kind: config.KindArbitrum, ChainID: 42161, L1: "ethereum", Inbox: vault, Endpoints: at("arb")},
		},
		Signers: []config.Signer{{Name: "guardian", Address: strings.ToLower(guardian)}},
	}
}

const dead = "http://127.0.0.1:1"

func TestWhatAHookSendsIsHandedOver(t *testing.T) {
	const safe = "0x73b047fe6337183A454c5217241D780a932777bD"
	hook := config.Hook{Name: "p", Kind: config.HookEVM, Chain: "base", Via: config.ViaBoth, Preset: "openzeppelin-pausable", To: vault, Signer: "guardian", GasLimit: 90_000}
	through := hook
	through.Safe = safe
	module := through
	module.Preset, module.Call, module.Read = "safe-module", "pause()", "paused()"
	arbitrum := hook
	arbitrum.Chain = "arb"
	pause, unpause := common.FromHex("0x8456cb59"), common.FromHex("0x3f4ba83a")
	deposited := func(to string, data []byte) string {
		return hexutil.Encode(DepositCall(common.HexToAddress(basePortal), Call{To: common.HexToAddress(to), Data: data}, 90_000).Data)
	}
	inner, err := execute(common.HexToAddress(safe), Call{To: common.HexToAddress(vault), Data: pause})
	if err != nil {
		t.Fatal(err)
	}
	direct, back := "base 8453 "+vault+" 0x8456cb59 pause()", "base 8453 "+vault+" 0x3f4ba83a unpause()"
	for _, c := range []struct {
		name string
		hook config.Hook
		o    Handover
		from string
		want []string
	}{
		{"both", hook, Handover{}, guardian, []string{direct, "ethereum 1 " + basePortal + " " + deposited(vault, pause) + " deposits pause() on " + vault + " with 90000 gas"}},
		{"straight", hook, Handover{Via: "l2"}, guardian, []string{direct}},
		{"by somebody", hook, Handover{Via: "l2", From: common.HexToAddress(stranger)}, stranger, []string{direct}},
		{"through L1", hook, Handover{Via: "l1-deposit"}, guardian, []string{"ethereum 1 " + basePortal + " " + deposited(vault, pause) + " deposits pause() on " + vault + " with 90000 gas"}},
		{"back", hook, Handover{Resume: true}, "", []string{back}},
		{"back through L1", hook, Handover{Resume: true, Via: "l1-deposit"}, "", []string{"ethereum 1 " + basePortal + " " + deposited(vault, unpause) + " deposits unpause() on " + vault + " with 90000 gas"}},
		{"as a module", through, Handover{Via: "l2"}, guardian, []string{"base 8453 " + safe + " " + hexutil.Encode(inner.Data) + " execTransactionFromModule(" + vault + ", pause())"}},
		{"from the Safe", through, Handover{Via: "l2", Inside: true}, safe, []string{direct}},
		{"from the Safe, any call", module, Handover{Via: "l2", Inside: true}, safe, []string{direct}},
		{"from a Safe without module", hook, Handover{Via: "l2", Inside: true}, "", []string{direct}},
		{"from a Safe on L1", through, Handover{Via: "l1-deposit", Inside: true, From: common.HexToAddress(stranger)}, stranger, []string{"ethereum 1 " + basePortal + " " + deposited(safe, inner.Data) + " deposits execTransactionFromModule(" + vault + ", pause()) on " + safe + " with 90000 gas"}},
		{"arbitrum", arbitrum, Handover{}, guardian, []string{"arb 42161 " + vault + " 0x8456cb59 pause()"}},
	} {
		all, err := Transactions(t.Context(), base(dead), c.hook, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, x := range all {
			got = append(got, fmt.Sprintf("%s %d %s %s %s", x.Chain, x.ChainID, x.To, x.Data, x.Text))
			if x.From != c.from || x.Value != "0" || x.Who == "" {
				t.Errorf("%s: from %q, want %q; %+v", c.name, x.From, c.from, x)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestWhatCannotBeHandedOverSaysWhy(t *testing.T) {
	hook := config.Hook{Name: "p", Kind: config.HookEVM, Chain: "base", Via: config.ViaL2, To: vault, Call: "pause()", Read: "paused()"}
	for want, change := range map[string]func(*config.Hook, *Handover){
		"it is of kind webhook, and only those of kind evm and uptime-feed call a contract":                                                func(h *config.Hook, _ *Handover) { h.Kind = config.HookWebhook },
		"its chain is not known, for no circuit lists it: set chain":                                                                       func(h *config.Hook, _ *Handover) { h.Chain = "" },
		"the hook names no call that takes it back: set resume":                                                                            func(_ *config.Hook, o *Handover) { o.Resume = true },
		"chain ethereum takes no deposits":                                                                                                 func(h *config.Hook, o *Handover) { h.Chain, o.Via = "ethereum", config.ViaL1Deposit },
		"into the delayed inbox goes a transaction that the signer has signed, and nobody else can make it; send it straight to the chain": func(h *config.Hook, o *Handover) { h.Chain, o.Via = "arb", config.ViaL1Deposit },
		"read isSupplyPaused() of " + vault + ": no endpoint of base answers: l2: unreachable":                                             func(h *config.Hook, _ *Handover) { h.Preset, h.Call, h.Read = "compound-v3", "", "" },
	} {
		h, o := hook, Handover{}
		change(&h, &o)
		if _, err := Transactions(t.Context(), base(dead), h, o); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestWhatDependsOnTheChainIsAsked(t *testing.T) {
	w := &world{t: t}
	for i, f := range cometFlags {
		w.says(vault, f, nil, fmt.Sprint(i == 3))
	}
	node := w.serve()
	defer node.Close()
	h := config.Hook{
		Name: "p", Kind: config.HookEVM, Chain: "base", Via: config.ViaBoth, Preset: "compound-v3", To: vault, Signer: "guardian",
		Args: []string{"true", "false", "false", "false", "false"},
	}
	all, err := Transactions(t.Context(), base(node.URL), h, Handover{})
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	if got := all[0].Text; got != "pause(true, false, false, true, false)" {
		t.Error(got)
	}
	if got := all[1].Text; got != "deposits pause(true, false, false, true, false) on "+vault+" with 150000 gas" {
		t.Error(got)
	}
}

func TestADepositSaysWhoTheContractSees(t *testing.T) {
	h := config.Hook{Name: "p", Kind: config.HookEVM, Chain: "base", Via: config.ViaL1Deposit, Preset: "openzeppelin-pausable", To: vault}
	for from, want := range map[string]string{
		"":       "2000000 gas on base is a guess; set gas_limit, or say who sends it with --from\nbase sees a plain account as itself, and a contract on L1, such as a Safe, as its address + 0x1111000000000000000000000000000000001111: that one needs the right\n",
		guardian: "2000000 gas on base is a guess, for it could not be estimated: no endpoint of base answers: l2: unreachable\nif " + guardian + " is a plain account, base sees it as itself; if it is a contract on L1, such as a Safe, as 0x81aA7970C51812Dc3A010c7D01B50E0d17DC8AD9: that one needs the right\n",
	} {
		all, err := Transactions(t.Context(), base(dead), h, Handover{From: common.HexToAddress(from)})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(all[0].Notes, "\n"); !strings.HasPrefix(got, want) {
			t.Errorf("%q:\ngot  %s\nwant %s", from, got, want)
		}
	}
}
