package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"headwatch/devnet"
)

// safeBuffer takes what the program writes from any goroutine.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// planted are secrets of every sort, none of which may ever be seen again.
var planted = map[string]string{
	"key in a path":           "pathkeyAAAAAAAAAAAAAAAA",
	"key in a query":          "querykeyBBBBBBBBBBBBBBBB",
	"password in a URL":       "passwordCCCCCCCCCCCCCCCC",
	"key of a dead endpoint":  "deadkeyDDDDDDDDDDDDDDDD",
	"key of a TLS failure":    "tlskeyEEEEEEEEEEEEEEEE",
	"token of a chat webhook": "chattokenFFFFFFFFFFFFFFFF",
	"routing key":             "0123456789abcdef0123456789abcdef",
	"operator's token":        "operatortokenGGGGGGGGGGGGGGGG",
	"wrong token":             "wrongtokenHHHHHHHHHHHHHHHH",
	"secret of a webhook":     "inboundPPPPPPPPPPPPPPPP",
	"secret of a command":     "commandsecretIIIIIIIIIIIIIIII",
	"key of a signer":         signersKey,
	"passphrase of a signer":  "passphraseKKKKKKKKKKKKKKKK",
	"URL of a signer":         "signerkeyLLLLLLLLLLLLLLLL",
	"password of NATS":        "natspasswordMMMMMMMMMMMMMMMM",
	"subscriber's password":   "subscriberNNNNNNNNNNNNNNNN",
	"URL of a heartbeat":      "heartbeatkeyOOOOOOOOOOOOOOOO",
	"URL of a peer":           "peerkeyPPPPPPPPPPPPPPPP",
	"signing secret":          base64.StdEncoding.EncodeToString([]byte("signingsecretJJJJJJJJJJJJJJJJJJJ")),

	"token of Slack":             "xoxb-slackbotQQQQQQQQQQQQQQQQ",
	"signing secret of Slack":    "slacksecretRRRRRRRRRRRRRRRR",
	"token of Telegram":          "123456789:telegramSSSSSSSSSSSSSSSSSSSS",
	"key of Jira":                "jirakeyTTTTTTTTTTTTTTTT",
	"URL of Grafana":             "grafanaUUUUUUUUUUUUUUUU",
	"token of incident.io":       "incidentioVVVVVVVVVVVVVVVV",
	"password of Alertmanager":   "amsecretWWWWWWWWWWWWWWWW",
	"token of Alertmanager":      "ambearerXXXXXXXXXXXXXXXX",
	"token of Discord":           "discordYYYYYYYYYYYYYYYY",
	"password of mail":           "mailpasswordZZZZZZZZZZZZZZZZ",
	"token of Twilio":            "twilioAAAABBBBCCCCDDDDEEEE",
	"topic of ntfy":              "ntfytopicBBBBCCCCDDDDEEEE",
	"token of ntfy":              "ntfytokenCCCCDDDDEEEEFFFF",
	"secret of an alert webhook": "YWxlcnR3ZWJob29rc2VjcmV0R0dHR0dHR0dHR0dH",
	"calendar of a rota":         "rotacalendarDDDDEEEEFFFF",
	"calendar of a window":       "windowcalendarEEEEFFFFGGGG",
	"key of a websocket":         "websocketkeyFFFFGGGGHHHH",
}

// A program that is used in every way, by operators and by the malicious, shows none of its secrets: not in its logs, its
// screen, its API, its metrics, its commands' output or its errors.
func TestNoSecretIsEverShown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	chains, err := devnet.New(devnet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		if err := chains.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	defer running.Wait()
	defer cancel()

	providers := keyedProvider(t, chains)
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer untrusted.Close()
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusInternalServerError) // and says back all that it was told
		fmt.Fprintf(w, "%s %v %s", r.URL, r.Header, body)
	}))
	defer outside.Close()

	dir := t.TempDir()
	for name, text := range map[string]string{"token": planted["operator's token"] + "\n", "wrong": planted["wrong token"] + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	listen := freePort(t)
	config := filepath.Join(dir, "config.toml")
	text := fmt.Sprintf(secretConfig, listen, chains.L1().HTTP,
		providers, planted["key in a path"],
		strings.Replace(providers, "//", "//user:"+planted["password in a URL"]+"@", 1), planted["key in a path"], planted["key in a query"],
		planted["key of a dead endpoint"], planted["key of a websocket"], untrusted.URL, planted["key of a TLS failure"],
		outside.URL, planted["signing secret"], planted["secret of a command"],
		planted["password of NATS"], freePort(t), planted["subscriber's password"],
		outside.URL, planted["token of a chat webhook"], outside.URL, planted["routing key"], planted["secret of a webhook"],
		planted["passphrase of a signer"], planted["key of a signer"], outside.URL, planted["URL of a signer"],
		outside.URL, planted["URL of a heartbeat"], outside.URL, planted["URL of a peer"]) + pagingConfig(outside.URL, untrusted.URL)
	writeKeystore(t, filepath.Join(dir, "guardian.json"), planted["passphrase of a signer"])
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	assertAllPlanted(t, config)

	var shown safeBuffer
	running.Go(func() {
		if code := run(ctx, []string{"headwatch", "run", "--config", config}, &shown, &shown); code != 0 {
			t.Errorf("run ended with %d:\n%s", code, shown.String())
		}
	})
	api := "http://" + listen
	until(t, &shown, func() bool { return fetch(&shown, api+"/v1/circuits/lending") == http.StatusOK })

	order := func(want int, args ...string) {
		t.Helper()
		args = append(append([]string{"headwatch"}, args...), "--api", api)
		if got := run(ctx, args, &shown, &shown); got != want {
			t.Errorf("%q ended with %d, want %d", args, got, want)
		}
	}
	token, wrong := filepath.Join(dir, "token"), filepath.Join(dir, "wrong")
	order(1, "trip", "lending", "--reason", "a drill", "--token-file", wrong)
	order(1, "ack", "lending", "--reason", "nothing to take", "--token-file", token)
	order(0, "trip", "lending", "--reason", "a drill", "--token-file", token)
	if got := fetch(&shown, api+"/v1/circuits/lending"); got != http.StatusServiceUnavailable {
		t.Errorf("a tripped circuit answers %d", got)
	}
	order(1, "trip", "lending", "--reason", "again", "--token-file", token)
	until(t, &shown, func() bool {
		var status safeBuffer
		return run(ctx, []string{"headwatch", "status", "--api", api}, &status, &shown) == 0 && strings.Contains(status.String(), "gate fires at ")
	})
	order(1, "veto", "makers", "--reason", "it does not wait", "--token-file", token)
	order(1, "approve", "gates", "--reason", "there is none", "--token-file", token)
	order(1, "approve", "gate", "--incident", "lending-0", "--reason", "not this one", "--token-file", token)
	order(1, "veto", "gate", "--reason", "a drill", "--token-file", wrong)
	order(0, "veto", "gate", "--reason", "a drill", "--token-file", token)
	order(1, "approve", "gate", "--reason", "too late", "--token-file", token)
	until(t, &shown, func() bool {
		return run(ctx, []string{"headwatch", "ack", "lending", "--reason", "mine", "--token-file", token, "--api", api}, &shown, &shown) == 0
	})
	open := openIncident(t, api)
	order(0, "ack", open, "--reason", "mine", "--for", "30m", "--token-file", token)
	order(1, "ack", open, "--reason", "mine", "--for", "30h", "--token-file", token)
	order(0, "note", "lending", "--token-file", token, "the vendor says an hour")
	order(1, "note", "lending-0", "--token-file", token, "of nothing")
	order(0, "silence", "chain=two", "--for", "2h", "--reason", "a drill", "--token-file", token)
	order(1, "silence", "chain=too", "--for", "2h", "--reason", "a drill", "--token-file", token)
	order(2, "silence", "chain=two", "--reason", "a drill", "--token-file", token)
	order(2, "silence", "chain=two", "--for", "2h", "--until", "2027-01-01T10:00", "--reason", "a drill", "--token-file", token)
	order(1, "silence", "chain=two", "--for", "2h", "--reason", "a drill", "--token-file", wrong)
	order(0, "silences")
	order(1, "unsilence", "s-0", "--reason", "a drill", "--token-file", token)
	order(0, "incidents")
	order(0, "incidents", "--all", "--json")
	order(0, "incidents", "show", open)
	order(1, "incidents", "show", "lending-0")
	order(0, "explain", "lending", "--who")
	order(1, "explain", "lendin", "--who")
	for path, want := range map[string]int{
		"/i/" + open: http.StatusOK, "/i/lending-0": http.StatusNotFound, "/ack/" + strings.Repeat("A", 80): http.StatusNotFound,
		sentLink(t, &shown): http.StatusOK,
	} {
		if got := fetch(&shown, api+path); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	for _, channel := range []string{"on-call", "terminal", "nobody"} {
		if resp, err := http.Post(api+"/v1/inbound/"+channel, "application/json", strings.NewReader("{}")); err != nil || resp.StatusCode < 400 {
			t.Errorf("%s takes what is not signed: %v, %v", channel, resp, err)
		} else {
			_, _ = io.Copy(&shown, resp.Body)
			_ = resp.Body.Close()
		}
	}
	order(0, "hold", "lending", "--reason", "a drill", "--for", "1m", "--token-file", token)
	order(0, "reset", "lending", "--reason", "the drill is over", "--token-file", token)
	order(0, "status")
	order(0, "status", "--json")
	order(0, "status", "--costs")
	recorded := filepath.Join(dir, "recorded.jsonl")
	if code := run(ctx, []string{"headwatch", "record", "--config", config, "--for", "1500ms", recorded}, &shown, &shown); code != 0 {
		t.Errorf("record ended with %d", code)
	}
	if text, err := os.ReadFile(recorded); err != nil || len(text) < 1000 {
		t.Errorf("recorded %d bytes, %v", len(text), err)
	} else {
		_, _ = shown.Write(text)
	}
	order(0, "circuits", "lending")
	if code := run(ctx, []string{"headwatch", "check", "--config", config}, &shown, &shown); code != 0 {
		t.Errorf("check ended with %d", code)
	}
	for command, want := range map[string]int{"alert list": 0, "alert list --json": 0, "explain lending --who": 0, "rota": 1} { // whose calendar cannot be read
		if code := run(ctx, append(strings.Fields("headwatch "+command), "--config", config), &shown, &shown); code != want {
			t.Errorf("%s ended with %d, want %d", command, code, want)
		}
	}
	order(0, "explain")
	order(0, "explain", "lending", "--json")
	order(0, "explain", "lending", "--at", "0s")
	order(1, "explain", "lending", "--at", "1h")
	order(2, "explain", "lending", "--at", "2999-01-01T00:00")
	until(t, &shown, func() bool { // every channel has tried, and failed where it must
		return fetch(&shown, api+"/metrics") == http.StatusOK && failedAttempts(shown.String()) >= 14
	})
	incident := regexp.MustCompile(`lending-20[0-9]{6}T[0-9]{6}Z`).FindString(shown.String())
	for _, format := range []string{"md", "html", "json"} {
		order(0, "report", incident, "--format", format)
	}
	order(1, "report", "lending-0")
	order(0, "events", "--json")
	order(0, "events")
	for _, path := range []string{"/healthz", "/readyz", "/v1/chains", "/v1/circuits", "/v1/incidents", "/v1/version", "/v1/watchdog", "/v1/events?after=0&follow=false", "/nosuch"} {
		fetch(&shown, api+path)
	}
	cancel()
	running.Wait()
	order(1, "status")
	if code := run(t.Context(), []string{"headwatch", "report", incident, "--config", config}, &shown, &shown); code != 0 {
		t.Errorf("report without a running headwatch ended with %d", code)
	}

	all := shown.String()
	hidden := maps.Clone(planted)
	hidden["key of links"] = keyOfLinks(t, dir)
	for what, secret := range hidden {
		for _, form := range []string{
			secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)),
		} {
			if i := strings.Index(all, form); i >= 0 {
				t.Errorf("the %s was shown: ...%s", what, all[max(0, i-300):i])
			}
		}
	}
	if !strings.Contains(all, "timeout") && !strings.Contains(all, "refused") || len(all) < 10_000 {
		t.Errorf("the test saw too little to mean anything: %d bytes", len(all))
	}
}

// keyedProvider is a provider whose key is in the path, in front of a real node.
func keyedProvider(t *testing.T, chains *devnet.Net) string {
	target, err := url.Parse(chains.L2()[0].HTTP)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.URL.Path, r.Out.URL.RawQuery = "/", ""
	}})
	t.Cleanup(server.Close)
	return server.URL
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// fetch adds an answer to what was shown and gives its status, 0 when there is none.
func fetch(shown *safeBuffer, url string) int {
	resp, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	fmt.Fprintf(shown, "\n%s %v\n", url, resp.Header)
	_, _ = io.Copy(shown, resp.Body)
	return resp.StatusCode
}

// failedAttempts counts the channels whose failures the newest metrics hold.
func failedAttempts(shown string) int {
	newest := shown[strings.LastIndex(shown, "/metrics"):]
	return strings.Count(newest, "headwatch_delivery_failures_total{")
}

// until waits for what other processes bring about.
func until(t *testing.T, shown *safeBuffer, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("did not come about in a minute; shown so far:\n%s", shown.String())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

const secretConfig = `
[journal]
dir = "data"

[api]
listen = %q
public_url = "https://watch.example"
[[api.operator]]
name = "alice"
token_file = "token"

[log]
level = "debug"
format = "json"

[[chain]]
name = "one"
kind = "evm"
chain_id = 900
block_time = "2s"
[[chain.endpoint]]
name = "l1"
url = %q

[[chain]]
name = "two"
kind = "op-stack"
chain_id = 901
block_time = "1s"
l1 = "one"
quorum = 1
[[chain.endpoint]]
name = "path"
url = "%s/v3/%s"
[[chain.endpoint]]
name = "userinfo-and-query"
url = "%s/v3/%s?apikey=%s"
[[chain.endpoint]]
name = "dead"
url = "http://127.0.0.1:1/v2/%s"
ws = "ws://127.0.0.1:1/%s"
[[chain.endpoint]]
name = "untrusted"
url = "%s/v2/%s"

[[circuit]]
name = "lending"
chain = "two"
warn_after = "10s"
page_after = "20s"
trip_after = "30s"
recover_after = "5m"
hooks = ["makers", "command", "gate", "bus", "desk"]
alerts = [
  "chat", "on-call", "terminal", "slack-bot", "telegram", "jsm", "grafana", "incident-io", "prometheus", "discord", "mail", "phone", "ntfy", "programs",
]

[[hook]]
name = "makers"
kind = "webhook"
mode = "armed"
url = "%s/hook"
secrets = ["whsec_%s"]

[[hook]]
name = "command"
kind = "command"
mode = "armed"
command = ["/bin/sh", "-c", "env; echo $TOKEN; exit 1"]
env = { TOKEN = %q }

[[hook]]
name = "gate"
kind = "command"
mode = "confirm"
veto_for = "1h"
command = ["/bin/sh", "-c", "exit 1"]

[[hook]]
name = "bus"
kind = "nats"
mode = "armed"
url = "nats://watch:%s@127.0.0.1:1"

[[hook]]
name = "desk"
kind = "nats"
mode = "armed"
listen = %q
subscribers = { desk = %q }

[[alert]]
name = "chat"
kind = "slack"
url = "%s/services/%s"

[[alert]]
name = "on-call"
kind = "pagerduty"
url = "%s"
routing_key = %q
inbound = %q

[[alert]]
name = "terminal"
kind = "console"

[[signer]]
name = "guardian"
kind = "keystore"
keystore = "guardian.json"
passphrase = %q

[[signer]]
name = "spare"
kind = "key"
key = %q

[[signer]]
name = "vault"
kind = "remote"
address = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
url = "%s/v2/%s"

[[heartbeat]]
name = "dead-man"
kind = "healthchecks"
url = "%s/ping/%s"

[[peer]]
name = "other"
url = "%s/%s/"
`
