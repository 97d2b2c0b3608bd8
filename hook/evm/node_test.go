package evm

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// served gives what a client makes of an answer to eth_call.
func served(t *testing.T, handle http.HandlerFunc) error {
	t.Helper()
	server := httptest.NewServer(handle)
	defer server.Close()
	n := newNode(config.Endpoint{Name: "a", URL: config.NewSecret(strings.Replace(server.URL, "//", "//alice:secretword@", 1) + "/v2/verysecretkey?token=anothersecret")}, newClient())
	_, err := n.Call(t.Context(), common.Address{}, common.Address{}, nil)
	return err
}

func TestErrorsOfNodesAreSafeToShow(t *testing.T) {
	rpcError := func(code int, text, data string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":1,"error":{"code":%d,"message":%q,"data":%q}}`, code, text, data)
		}
	}
	reason := "0x08c379a0" + fmt.Sprintf("%064x%064x%s", 32, 6, "706175736564"+strings.Repeat("0", 52))
	for name, tc := range map[string]struct {
		handle http.HandlerFunc
		want   string
	}{
		"status":                   {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "key verysecretkey", http.StatusForbidden) }, "a: HTTP status 403"},
		"redirect":                 {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, "a: HTTP status 302"},
		"hangs up":                 {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "a: unreachable"},
		"no JSON":                  {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>verysecretkey") }, "a: no JSON-RPC answer"},
		"echoes":                   {rpcError(-32000, "bad key verysecretkey of anothersecret\n", ""), "a: bad key [redacted] of [redacted]"},
		"echoes the user":          {rpcError(-32000, "secretword is not the password of alice", ""), "a: [redacted] is not the password of [redacted]"},
		"reverts":                  {rpcError(3, "execution reverted: paused", reason), "a: execution reverted: paused"},
		"nethermind":               {rpcError(-32015, "VM execution error.", "Reverted "+reason), "a: execution reverted: paused"},
		"an error of the contract": {rpcError(3, "execution reverted", "0xd93c0665"), "a: execution reverted: error 0xd93c0665"},
		"too large": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":1,"result":"0x%s"}`, strings.Repeat("00", maxAnswer))
		}, "a: an answer of more than 4 MiB"},
	} {
		err := served(t, tc.handle)
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
		if _, reverted := errors.AsType[*Reverted](err); reverted != strings.Contains(tc.want, "reverted") {
			t.Errorf("%s: reverted is %t", name, reverted)
		}
	}
}
