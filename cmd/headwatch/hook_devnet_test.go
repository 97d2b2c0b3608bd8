package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"headwatch/devnet"
)

// town is a devnet with a configuration whose hook may pause the market on it.
type town struct {
	*testing.T
	net    *devnet.Net
	config string
}

func newTown(t *testing.T) *town {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	net, err := devnet.New(devnet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		if err := net.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	c := &town{T: t, net: net, config: filepath.Join(t.TempDir(), "config.toml")}
	c.configure("")
	return c
}

// configure writes the configuration with more keys of the hook.
func (c *town) configure(keys string, replaced ...string) {
	c.Helper()
	guardian := devnet.GuardianKey()
	text := fmt.Sprintf(`
[[chain]]
name = "l1"
kind = "evm"
chain_id = %d
block_time = "2s"
  [[chain.endpoint]]
  name = "one"
  url = %q
[[chain]]
name = "l2"
kind = "op-stack"
chain_id = %d
block_time = "1s"
l1 = "l1"
portal = %q
  [[chain.endpoint]]
  name = "two"
  url = %q
[[circuit]]
name = "lending"
chain = "l2"
warn_after = "30s"
page_after = "60s"
trip_after = "120s"
recover_after = "5m"
hooks = ["pause"]
alerts = ["ops"]
[[alert]]
name = "ops"
kind = "console"
[[signer]]
name = "guardian"
kind = "key"
key = "${GUARDIAN}"
[[hook]]
name = "pause"
kind = "evm"
mode = "armed"
via = "both"
to = %q
preset = "openzeppelin-pausable"
signer = "guardian"
confirmations = 1
%s
`, devnet.L1ChainID, c.net.L1().HTTP, devnet.L2ChainID, c.net.Portal(), c.net.L2()[0].HTTP, c.net.Market(), keys)
	text = strings.NewReplacer(replaced...).Replace(text)
	if err := os.WriteFile(c.config, []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
	c.Setenv("GUARDIAN", hex.EncodeToString(crypto.FromECDSA(guardian)))
}

// run runs a command and gives its exit code and what it wrote.
func (c *town) run(args ...string) (code int, out, errs string) {
	c.Helper()
	var o, e bytes.Buffer
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Minute)
	defer cancel()
	args = append([]string{"headwatch"}, append(args, "--config", c.config)...)
	code = run(ctx, args, &o, &e)
	if secret := os.Getenv("GUARDIAN"); strings.Contains(o.String()+e.String(), secret) {
		c.Error("the key was shown")
	}
	return code, o.String(), e.String()
}

// wants fails unless a text holds all of these.
func (c *town) wants(text string, parts ...string) {
	c.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			c.Errorf("%q is missing in\n%s", p, text)
		}
	}
}

func TestAHookIsCheckedAndDrilledOnRealChains(t *testing.T) {
	c := newTown(t)
	guardian := crypto.PubkeyToAddress(devnet.GuardianKey().PublicKey).Hex()

	code, out, errs := c.run("hook", "check", "pause")
	if code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	c.wants(out, "hook pause (armed): ready", "ok     signer: signs for "+guardian, "ok     call on l2 from "+guardian+": pause() would succeed",
		"ok     way through on l1: open", "ok     nonce on l1: 0, nothing waits before it", "ok     funds on l2")

	code, out, errs = c.run("drill", "pause", "--json")
	var d struct {
		Drill bool
		Would struct {
			Call  string
			Holds bool `json:"in_effect"`
			Sends []struct {
				Leg, Chain, From, To, Data string
				Gas                        uint64
			}
		}
		Told []struct{ Text string }
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	if !d.Drill || d.Would.Call != "pause()" || d.Would.Holds || len(d.Would.Sends) != 2 || len(d.Told) != 1 {
		t.Fatalf("drill %+v", d)
	}
	direct, deposit := d.Would.Sends[0], d.Would.Sends[1]
	if direct.Chain != "l2" || direct.To != c.net.Market().Hex() || direct.Data != "0x8456cb59" || !strings.EqualFold(direct.From, guardian) || direct.Gas < 21_000 {
		t.Errorf("direct: %+v", direct)
	}
	if deposit.Chain != "l1" || deposit.To != c.net.Portal().Hex() || !strings.HasPrefix(deposit.Data, "0xe9e05c42") || deposit.Gas < 60_000 {
		t.Errorf("deposit: %+v", deposit)
	}
	_, out, _ = c.run("drill", "pause")
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "DRILL") {
			t.Errorf("a line without the mark: %q", line)
		}
	}
	c.wants(out, "It would call pause()", "its hash is not known before", "TRIP lending", "DRILL: nothing of this has happened")
	if calls, err := c.net.MarketCalls(0); err != nil || len(calls) > 0 {
		t.Errorf("a drill that sends nothing sent %v, %v", calls, err)
	}
}

func TestWhatIsWrongWithAHookIsFoundOnRealChains(t *testing.T) {
	c := newTown(t)
	stranger := strings.Repeat("11", 32)
	c.configure(`max_fee = "1 gwei"`)
	t.Setenv("GUARDIAN", stranger)
	code, out, errs := c.run("hook", "check")
	if code != exitError {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	c.wants(out, "NOT READY", "pause() on l2 fails from", "execution reverted", "has 0 ETH on l1 and needs", "is less than twice today's fee on l1", "do: send it")
	c.wants(errs, "not ready: pause")

	c.configure("", fmt.Sprintf("portal = %q", c.net.Portal()), `portal = "0x00000000000000000000000000000000000000AA"`)
	code, out, _ = c.run("hook", "check", "pause")
	if code != exitError {
		t.Errorf("a portal that is none: exit %d\n%s", code, out)
	}
	c.wants(out, "whether the way through l1 is open cannot be read")
}

func TestADrillSendsOnlyOnTestnetsThatAreNamed(t *testing.T) {
	c := newTown(t)
	for _, x := range []struct {
		args []string
		want string
	}{
		{nil, "drill pause: this sends transactions; confirm with --yes-on l2 --yes-on l1"},
		{[]string{"--yes-on", "l2"}, "drill pause: this sends transactions; confirm with --yes-on l1"},
	} {
		if code, _, errs := c.run(append([]string{"drill", "pause", "--send"}, x.args...)...); code != exitUsage || !strings.Contains(errs, x.want) {
			t.Errorf("%q: exit %d, %s", x.args, code, errs)
		}
	}
	c.configure("", `via = "both"`, `via = "l2"`)
	code, out, errs := c.run("drill", "pause", "--send", "--yes-on", "l2")
	if code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	c.wants(out, "sent: ", "effective: ", "DRILL  done: ")
	code, out, _ = c.run("drill", "pause")
	if code != exitOK {
		t.Errorf("a contract that is paused already: exit %d\n%s", code, out)
	}
	c.wants(out, "in effect already: the hook would send nothing")

	c.configure("", fmt.Sprintf("chain_id = %d", devnet.L1ChainID), "chain_id = 1")
	code, _, errs = c.run("drill", "pause", "--send", "--yes-on", "l2", "--yes-on", "l1")
	if code != exitUsage || !strings.Contains(errs, "l1 is no testnet that headwatch knows") {
		t.Errorf("on a mainnet: exit %d, %s", code, errs)
	}
	if _, known := testnets[devnet.L2ChainID]; !known {
		t.Error("the devnet is no testnet")
	}
}

func TestARunningHeadwatchTellsOfAHookThatWouldFail(t *testing.T) {
	c := newTown(t)
	port := freePort(t) // host:port
	c.configure(fmt.Sprintf("[api]\nlisten = %q\n[journal]\ndir = %q", port, t.TempDir()), `warn_after = "30s"`, `warn_after = "2s"`)
	t.Setenv("GUARDIAN", strings.Repeat("11", 32)) // has no role
	ctx, cancel := context.WithCancel(t.Context())
	var shown safeBuffer
	done := make(chan int)
	go func() { done <- run(ctx, []string{"headwatch", "run", "--config", c.config}, &shown, &shown) }()
	until(t, &shown, func() bool { return strings.Contains(shown.String(), "WARN lending: l2 hook not ready (pause)") })
	var status bytes.Buffer
	if code := run(t.Context(), []string{"headwatch", "status", "--api", "http://" + port}, &status, &status); code != exitOK {
		t.Errorf("status: exit %d", code)
	}
	c.wants(status.String(), "headwatch is NOT READY", "hook pause: not ready, pause() on l2 fails from", "NO: pause() on l2 fails from")
	cancel()
	if code := <-done; code != exitOK {
		t.Errorf("exit %d\n%s", code, shown.String())
	}
}
