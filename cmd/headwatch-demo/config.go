package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"headwatch/devnet"
)

// blockTime is of the L2.
const blockTime = time.Second

// The demo's thresholds: the same ladder as in production, about ten times as fast.
const (
	warnAfter    = 4 * time.Second
	pageAfter    = 7 * time.Second
	tripAfter    = 10 * time.Second
	recoverAfter = 8 * time.Second
)

// ladder is the thresholds of a circuit.
type ladder struct{ warn, page, trip, recover time.Duration }

// setting is what a configuration needs to know.
type setting struct {
	dir     string
	listen  string // of headwatch's API
	net     *devnet.Net
	street  *street
	secret  string // that signs webhooks
	routing string
	ladder  ladder

	guardian *guardian // nil for no pause hook
}

func newSetting(dir string, net *devnet.Net, s *street) (*setting, error) {
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	guardian, err := newGuardian(dir)
	if err != nil {
		return nil, err
	}
	return &setting{
		dir: dir, listen: listen, net: net, street: s, secret: newSecret(), routing: strings.Repeat("0", 32),
		ladder: ladder{warnAfter, pageAfter, tripAfter, recoverAfter}, guardian: guardian,
	}, nil
}

func newSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// write puts the configuration where a person can read it, and its secrets beside it. It gives its path.
func (s *setting) write() (string, error) {
	for name, secret := range map[string]string{webhookFile: s.street.url + "/webhook", secretsFile: s.secret, chatFile: s.street.url + "/chat", pagerFile: s.routing} {
		if err := writeSecret(s.dir, name, secret); err != nil {
			return "", err
		}
	}
	var endpoints strings.Builder
	for _, e := range s.net.L2() {
		fmt.Fprintf(&endpoints, "\n[[chain.endpoint]]\nname = %q\nurl = %q\nws = %q\n", e.Name, e.HTTP, e.WS)
	}
	l1 := s.net.L1()
	hooks, pause := []string{"market-makers"}, ""
	if s.guardian != nil {
		hooks, pause = append(hooks, pauseHook), s.guardian.config(s.net)
	}
	text := fmt.Sprintf(`# The configuration of the demo. See config.toml in the repository for every key and what it means.

[journal]
dir = "data"

[api]
listen = %q

[log]
level = "info"
format = "json"

[[chain]]
name = "l1"
kind = "evm"
chain_id = %d
block_time = "2s"
stale_after = "10s"

[[chain.endpoint]]
name = %q
url = %q
ws = %q

[[chain]]
name = "l2"
kind = "op-stack"
chain_id = %d
block_time = "1s"
l1 = "l1"
portal = %q
quorum = 2
%s
[[circuit]]
name = "lending"
chain = "l2"
warn_after = "%s"
page_after = "%s"
trip_after = "%s"
recover_after = "%s"
hooks = ["%s"]
alerts = ["chat", "on-call"]

[[hook]]
name = "market-makers"
kind = "webhook"
mode = "armed"
url_file = %q
secrets_file = %q

[[alert]]
name = "chat"
kind = "slack"
url_file = %q

[[alert]]
name = "on-call"
kind = "pagerduty"
url = "%s"
routing_key_file = %q
%s`, s.listen, devnet.L1ChainID, l1.Name, l1.HTTP, l1.WS, devnet.L2ChainID, s.net.Portal(), endpoints.String(),
		s.ladder.warn, s.ladder.page, s.ladder.trip, s.ladder.recover, strings.Join(hooks, `", "`), webhookFile, secretsFile,
		chatFile, s.street.url, pagerFile, pause)
	path := filepath.Join(s.dir, "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write the configuration: %w", err)
	}
	return path, nil
}
