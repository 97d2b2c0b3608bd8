package signer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/config"
)

func remoteSigner(url string) config.Signer {
	return config.Signer{Name: "multisig", Kind: config.SignerRemote, Address: account, URL: config.NewSecret(url), Timeout: config.Duration(5 * time.Second)}
}

// serve answers every request with what answer gives for its method and first parameter.
func serve(t *testing.T, answer func(w http.ResponseWriter, method string, params json.RawMessage)) string {
	t.Helper()
	s := httptest.NewServer(handler(t, answer))
	t.Cleanup(s.Close)
	return s.URL
}

func handler(t *testing.T, answer func(w http.ResponseWriter, method string, params json.RawMessage)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Version string            `json:"jsonrpc"`
			ID      json.RawMessage   `json:"id"`
			Method  string            `json:"method"`
			Params  []json.RawMessage `json:"params"`
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &request) != nil || request.Version != "2.0" || request.ID == nil || request.Params == nil || r.Method != http.MethodPost {
			t.Errorf("not a request of JSON-RPC: %s %s", r.Method, body)
		}
		var first json.RawMessage
		if len(request.Params) > 0 {
			first = request.Params[0]
		}
		answer(w, request.Method, first)
	})
}

func result(t *testing.T, w io.Writer, value any) {
	t.Helper()
	if err := json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": 1, "result": value}); err != nil {
		t.Error(err)
	}
}

func refuse(w io.Writer, code int, message string) {
	_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": 1, "error": map[string]any{"code": code, "message": message}})
}

func raw(t *testing.T, tx *types.Transaction) hexutil.Bytes {
	t.Helper()
	b, err := tx.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What is asked is the documented request of all three: the keys of web3signer's manual, those that op-signer's
// TransactionArgs.Check wants, and geth's TransactionArgs.
func TestTheRequestIsTheDocumentedOne(t *testing.T) {
	want, err := os.ReadFile("testdata/request.json")
	if err != nil {
		t.Fatal(err)
	}
	s := made(t, remoteSigner(serve(t, func(w http.ResponseWriter, method string, params json.RawMessage) {
		got, err := json.MarshalIndent(params, "", "  ")
		if err != nil || method != "eth_signTransaction" || strings.TrimSpace(string(got)) != strings.TrimSpace(string(want)) {
			t.Errorf("asked %s of %s", method, got)
		}
		result(t, w, raw(t, sign(t, unsigned(), ownKey(t))))
	})))
	if _, err := s.Sign(t.Context(), types.NewTx(unsigned()), big.NewInt(chain)); err != nil {
		t.Error(err)
	}
}

// web3signer and op-signer answer with the raw transaction in hex, geth with an object.
func TestAnswersOfAllKindsAreTaken(t *testing.T) {
	want := sign(t, unsigned(), ownKey(t))
	for name, answer := range map[string]any{
		"hex":  raw(t, want),
		"geth": map[string]any{"raw": raw(t, want), "tx": want},
		// What geth says beside the raw form is not what would be sent.
		"a lie beside it": map[string]any{"raw": raw(t, want), "tx": map[string]any{"nonce": "0xff"}},
	} {
		s := made(t, remoteSigner(serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage) { result(t, w, answer) })))
		signed, err := s.Sign(t.Context(), types.NewTx(unsigned()), big.NewInt(chain))
		if err != nil || signed.Hash() != want.Hash() {
			t.Errorf("%s: %v, %v", name, signed, err)
		}
	}
}

// The recorded answers are each refused, for the reason that is recorded with them.
func TestRecordedAnswers(t *testing.T) {
	text, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Source, Want string
		Status             int
		Answer             json.RawMessage
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	to := common.HexToAddress("0x627306090abaB3A6e1400e9345bC60c78a8BEf57")
	asked := types.NewTx(&types.DynamicFeeTx{
		ChainID: big.NewInt(44844), Nonce: 0x46, GasTipCap: big.NewInt(1), GasFeeCap: big.NewInt(2), Gas: 0x7600, To: &to, Value: big.NewInt(2), Data: []byte{0},
	})
	for _, v := range vectors {
		if v.Name == "" || v.Source == "" || v.Want == "" {
			t.Errorf("incomplete: %+v", v)
		}
		url := serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage) {
			w.WriteHeader(max(v.Status, http.StatusOK))
			_, _ = w.Write(v.Answer)
		})
		c := remoteSigner(url)
		c.Address = "0x0c8f735bc186ea3842e640ffdcb474def3e767a0"
		signed, err := made(t, c).Sign(t.Context(), asked, big.NewInt(44844))
		host := strings.TrimPrefix(url, "http://")
		if signed != nil || err == nil || !strings.HasPrefix(err.Error(), host+": ") || !strings.Contains(err.Error(), v.Want) {
			t.Errorf("%s: %v, %v; want %s", v.Name, signed, err, v.Want)
		}
	}
}

func TestAnAlteredAnswerIsNotTaken(t *testing.T) {
	for field, alter := range alterations {
		s := made(t, remoteSigner(serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage) {
			result(t, w, raw(t, sign(t, alter(unsigned()), ownKey(t))))
		})))
		signed, err := s.Sign(t.Context(), types.NewTx(unsigned()), big.NewInt(chain))
		if signed != nil || !errors.Is(err, ErrAltered) || !strings.HasSuffix(err.Error(), ": its "+field+" differs") {
			t.Errorf("%s: %v, %v", field, signed, err)
		}
	}
}

func TestReadyAsksWithoutSigning(t *testing.T) {
	const notFound = "the method does not exist/is not available"
	for _, c := range []struct {
		name             string
		accounts, health func(w http.ResponseWriter)
		want             string
	}{
		{
			"web3signer", func(w http.ResponseWriter) { result(t, w, []string{stranger, strings.ToLower(account)}) },
			nil, "",
		},
		{
			"web3signer without the key", func(w http.ResponseWriter) { result(t, w, []string{stranger}) },
			nil, "the signer does not hold " + account,
		},
		{
			"op-signer", func(w http.ResponseWriter) { refuse(w, methodNotFound, notFound) },
			func(w http.ResponseWriter) { result(t, w, "v1.6.0") }, "",
		},
		{
			"neither", func(w http.ResponseWriter) { refuse(w, methodNotFound, notFound) },
			func(w http.ResponseWriter) { refuse(w, methodNotFound, notFound) }, "it lists no accounts: HOST: health_status: " + notFound + " (code -32601)",
		},
		{
			"locked", func(w http.ResponseWriter) { refuse(w, -32000, "locked\nnow") },
			nil, "HOST: eth_accounts: locked now (code -32000)",
		},
		{
			"no list", func(w http.ResponseWriter) { result(t, w, "yes") },
			nil, "HOST: eth_accounts: the answer is no list of addresses",
		},
		{
			"a web page", func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>") },
			nil, "HOST: eth_accounts: the answer is not JSON-RPC",
		},
		{
			"a redirect", func(w http.ResponseWriter) {
				w.Header().Set("Location", "https://elsewhere.example")
				w.WriteHeader(http.StatusTemporaryRedirect)
			},
			nil, "HOST: eth_accounts: status 307: ",
		},
		{
			"endless", func(w http.ResponseWriter) { _, _ = w.Write(make([]byte, maxAnswer+1)) },
			nil, "HOST: eth_accounts: the answer is larger than 1 MiB",
		},
	} {
		url := serve(t, func(w http.ResponseWriter, method string, _ json.RawMessage) {
			switch {
			case method == "eth_accounts":
				c.accounts(w)
			case method == "health_status" && c.health != nil:
				c.health(w)
			default:
				t.Errorf("%s: asked for %s", c.name, method)
			}
		})
		err := made(t, remoteSigner(url)).Ready(t.Context())
		want := strings.ReplaceAll(c.want, "HOST", strings.TrimPrefix(url, "http://"))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", c.name, err, want)
		}
	}
}

func TestASignerThatDoesNotAnswerIsLeft(t *testing.T) {
	held := make(chan struct{})
	url := serve(t, func(http.ResponseWriter, string, json.RawMessage) { <-held })
	t.Cleanup(func() { close(held) })
	c := remoteSigner(url)
	c.Timeout = config.Duration(20 * time.Millisecond)
	s := made(t, c)
	_, err := s.Sign(t.Context(), types.NewTx(unsigned()), big.NewInt(chain))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("sign: %v", err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ready: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Ready(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("ready after the end: %v", err)
	}
}

func FuzzAnAnswerIsTheTransactionOrAnError(f *testing.F) {
	for _, seed := range []string{`"0x02"`, `{"raw":"0x02f8"}`, `null`, `[]`, `"0x`, `{"raw":{}}`} {
		f.Add([]byte(seed))
	}
	asked := types.NewTx(unsigned())
	f.Fuzz(func(t *testing.T, answer []byte) {
		signed, err := decode(answer)
		if err != nil {
			return
		}
		if proven(asked, signed, common.HexToAddress(account)) == nil && signed.Hash() != sign(t, unsigned(), ownKey(t)).Hash() {
			t.Errorf("taken: %s", answer)
		}
	})
}
