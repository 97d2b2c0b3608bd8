package watcher

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The parts of a planted URL that must never be seen again.
const (
	keyUser  = "planted-user"
	keyPass  = "planted-password"
	keyPath  = "planted-key-in-path"
	keyQuery = "planted-key-in-query"
)

func planted(server string) string {
	scheme, host, _ := strings.Cut(server, "://")
	return fmt.Sprintf("%s://%s:%s@%s/v2/%s?apikey=%s", scheme, keyUser, keyPass, host, keyPath, keyQuery)
}

func assertNoSecret(t *testing.T, what, text string) {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(keyUser + ":" + keyPass))
	if strings.Contains(strings.ToLower(text), "planted") || strings.Contains(text, basic) {
		t.Errorf("%s shows a secret: %s", what, text)
	}
}

// node answers JSON-RPC as a map from methods to results has it. What is not in the map is not served.
type node map[string]string

type call struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

func callsOf(r *http.Request) (calls []call, batch bool) {
	body, _ := io.ReadAll(r.Body)
	if len(body) > 0 && body[0] == '[' {
		_ = json.Unmarshal(body, &calls)
		return calls, true
	}
	calls = make([]call, 1)
	_ = json.Unmarshal(body, &calls[0])
	return calls, false
}

func (n node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	calls, batch := callsOf(r)
	answers := make([]string, len(calls))
	for i, c := range calls {
		key := c.Method
		if len(c.Params) > 0 && n[key+string(c.Params[0])] != "" {
			key += string(c.Params[0])
		}
		if result := n[key]; result != "" {
			answers[i] = fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, c.ID, result)
		} else {
			answers[i] = fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"the method %s does not exist"}}`, c.ID, c.Method)
		}
	}
	text := strings.Join(answers, ",")
	if batch {
		text = "[" + text + "]"
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(text))) // as geth does
	_, _ = io.WriteString(w, text)
}

func (n node) with(method, result string) node {
	m := node{method: result}
	for k, v := range n {
		if k != method {
			m[k] = v
		}
	}
	return m
}

func blockNow(number uint64) string {
	return fmt.Sprintf(`{"number":"0x%x","hash":"0x%064x","parentHash":"0x%064x","timestamp":"0x%x","transactions":["0x01","0x02"]}`, number, number, number-1, time.Now().Unix())
}

var discardLog = log.New(io.Discard, "", 0)

var healthy = node{methodChainID: `"0x384"`, methodBlock: blockNow(100), methodSyncing: "false"}

func reply(format string, args ...any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, format, args...) }
}

func hijacked(then func(net.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		then(conn)
		_ = conn.Close()
	}
}

func compressed(status int, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		z := gzip.NewWriter(w)
		_, _ = z.Write(body)
		_ = z.Close()
	}
}
