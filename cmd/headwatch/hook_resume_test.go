package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"headwatch/devnet"
)

// A person trips a circuit, its hook pauses, and the person has it taken back: after the circuit is closed, and not before.
func TestAPauseIsTakenBackByOrder(t *testing.T) {
	c := newTown(t)
	port := freePort(t) // host:port
	c.configure(fmt.Sprintf(`resume_signer = "admin"
[[signer]]
name = "admin"
kind = "key"
key = "${ADMIN}"
[api]
listen = %q
[[api.operator]]
name = "ada"
token = "a-token-of-the-operator"
[journal]
dir = %q`, port, t.TempDir()), `via = "both"`, `via = "l2"`)
	t.Setenv("ADMIN", hex.EncodeToString(crypto.FromECDSA(devnet.FundedKey())))
	t.Setenv("HEADWATCH_TOKEN", "a-token-of-the-operator")
	ctx, cancel := context.WithCancel(t.Context())
	var shown safeBuffer
	done := make(chan int)
	go func() { done <- run(ctx, []string{"headwatch", "run", "--config", c.config}, &shown, &shown) }()
	defer func() {
		cancel()
		if code := <-done; code != exitOK {
			t.Errorf("exit %d\n%s", code, shown.String())
		}
	}()
	order := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), append([]string{"headwatch"}, append(args, "--api", "http://"+port, "--reason", "a game day")...), &out, &out)
		return code, out.String()
	}
	until(t, &shown, func() bool { code, _ := order("trip", "lending"); return code == exitOK })
	until(t, &shown, func() bool { return strings.Contains(shown.String(), "PAUSED lending") })

	if code, out := order("hook", "resume", "pause", "--send"); code != exitError || !strings.Contains(out, "circuit lending is open: it must be closed first") {
		t.Errorf("while it is open: exit %d, %s", code, out)
	}
	if code, out := order("reset", "lending"); code != exitOK {
		t.Fatalf("reset: %s", out)
	}
	code, out := order("hook", "resume", "pause", "--send")
	if code != exitOK {
		t.Fatalf("exit %d, %s\n%s", code, out, shown.String())
	}
	c.wants(out, "pause: resume for lending-", "by ada is on record", "sent: l2: nonce", "effective: in effect: l2 in block")
	until(t, &shown, func() bool { return strings.Contains(shown.String(), " DONE lending: pause in effect") })
	if code, out := order("hook", "resume", "pause", "--send"); code != exitError || !strings.Contains(out, "the contract is not as the hook brings it") {
		t.Errorf("a second time: exit %d, %s", code, out)
	}
}
