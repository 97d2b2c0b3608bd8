package evm

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// What each call of each preset means: how it is made, read back and taken back.
func TestPresets(t *testing.T) {
	for _, c := range []struct {
		hook               config.Hook
		call, read, resume string
	}{
		{config.Hook{Preset: "openzeppelin-pausable"}, "pause()", "paused()", "unpause()"},
		{config.Hook{Preset: "openzeppelin-access-manager", Args: []string{pool, "true"}}, "setTargetClosed(" + pool + ", true)", "isTargetClosed(" + pool + ")", "setTargetClosed(" + pool + ", false)"},
		{config.Hook{Preset: "compound-v2", Args: []string{pool, "true"}}, "_setBorrowPaused(" + pool + ", true)", "borrowGuardianPaused(" + pool + ")", "_setBorrowPaused(" + pool + ", false)"},
		{config.Hook{Preset: "compound-v2", Call: "_setMintPaused(address,bool)", Args: []string{pool, "true"}}, "_setMintPaused(" + pool + ", true)", "mintGuardianPaused(" + pool + ")", "_setMintPaused(" + pool + ", false)"},
		{config.Hook{Preset: "compound-v2", Call: "_setTransferPaused(bool)"}, "_setTransferPaused(true)", "transferGuardianPaused()", "_setTransferPaused(false)"},
		{config.Hook{Preset: "compound-v2", Call: "_setSeizePaused( bool )"}, "_setSeizePaused(true)", "seizeGuardianPaused()", "_setSeizePaused(false)"},
		{config.Hook{Preset: "superchain-config"}, "pause(" + nobody + ")", "paused(" + nobody + ")", "unpause(" + nobody + ")"},
		{config.Hook{Preset: "superchain-config", Args: []string{strings.ToLower(pool)}}, "pause(" + pool + ")", "paused(" + pool + ")", "unpause(" + pool + ")"},
		{config.Hook{Preset: "openzeppelin-pausable", Read: "stopped()", Resume: "start(uint8)", ResumeArgs: []string{"1"}}, "pause()", "stopped()", "start(1)"},
		{config.Hook{Preset: "aave-v3", ReadTo: pool}, "setPoolPause(true, 14400)", "", "setPoolPause(false, 14400)"},
		{config.Hook{Preset: "aave-v3", ReadTo: pool, Args: []string{"true", "60"}}, "setPoolPause(true, 60)", "", "setPoolPause(false, 60)"},
		{config.Hook{Preset: "aave-v3", ReadTo: pool, Call: "setPoolPause(bool)"}, "setPoolPause(true)", "", "setPoolPause(false)"},
		{config.Hook{Preset: "aave-v3", ReadTo: pool, Call: "setReservePause(address,bool)", Args: []string{guardian, "true"}}, "setReservePause(" + guardian + ", true)", "", "setReservePause(" + guardian + ", false)"},
		{config.Hook{Preset: "aave-v3", ReadTo: pool, Call: "setReservePause(address,bool,uint40)", Args: []string{guardian, "true", "9"}, ResumeArgs: []string{guardian, "false", "0"}}, "setReservePause(" + guardian + ", true, 9)", "", "setReservePause(" + guardian + ", false, 0)"},
	} {
		c.hook.To = vault
		e, w := effectOf(t, c.hook), &world{t: t}
		if got := text(e.Call(t.Context(), w)); got != vault+" "+c.call {
			t.Errorf("%s: calls %s, want %s", c.hook.Preset, got, c.call)
		}
		if got := text(e.Resume(t.Context(), w)); got != vault+" "+c.resume {
			t.Errorf("%s: resumes by %s, want %s", c.hook.Preset, got, c.resume)
		}
		if len(w.asked) > 0 {
			t.Errorf("%s: its call needs an answer of a contract", c.hook.Preset)
		}
		if c.read == "" {
			continue
		}
		holdsWhen(t, e, w, vault, c.read)
	}
}

// holdsWhen wants the effect to hold when the contract says true to a call, given as it is read, and not when it says false.
func holdsWhen(t *testing.T, e Effect, w *world, of, read string) {
	t.Helper()
	function, args := read, []string(nil)
	if name, arg, _ := strings.Cut(strings.TrimSuffix(read, ")"), "("); arg != "" {
		function, args = name+"(address)", []string{arg}
	}
	for _, says := range []string{"false", "true"} {
		w.says(of, function, args, says)
		if holds, err := e.Holds(t.Context(), w); err != nil || strconv.FormatBool(holds) != says {
			t.Errorf("%s is %s: holds %t, %v", read, says, holds, err)
		}
	}
}

// checks makes the check of an effect, "" when it finds nothing.
func checks(ctx context.Context, e Effect, w *world, sender string) string {
	if err := e.Check(ctx, w, common.HexToAddress(sender)); err != nil {
		return err.Error()
	}
	return ""
}

func TestPausableAsksForTheRoleWhereThereIsOne(t *testing.T) {
	const role = "0x65d7a28e3265b37a6474929f336521b332c1681b933f6cb9f3376673440d862a" // keccak256("PAUSER_ROLE")
	e, w := effectOf(t, config.Hook{Preset: "openzeppelin-pausable", To: vault}), &world{t: t}
	if got := checks(t.Context(), e, w, guardian); got != "" {
		t.Errorf("without roles: %s", got)
	}
	w.says(vault, "PAUSER_ROLE()(bytes32)", nil, role)
	w.says(vault, "hasRole(bytes32,address)", []string{role, guardian}, "true")
	w.says(vault, "hasRole(bytes32,address)", []string{role, stranger}, "false")
	if got := checks(t.Context(), e, w, guardian); got != "" {
		t.Error(got)
	}
	if got := checks(t.Context(), e, w, stranger); got != stranger+" does not hold PAUSER_ROLE of "+vault {
		t.Error(got)
	}
}

func TestAnAccessManagerIsClosedByAdminsWithoutDelay(t *testing.T) {
	e := effectOf(t, config.Hook{Preset: "openzeppelin-access-manager", To: vault, Args: []string{pool, "true"}})
	for _, c := range []struct{ member, own, targets, want string }{
		{"true", "0", "0", ""},
		{"false", "0", "0", guardian + " does not hold ADMIN_ROLE of " + vault},
		{"true", "60", "0", guardian + " must schedule what it does on " + vault + ": its delay is 60 s, that of " + pool + " 0 s"},
		{"true", "0", "432000", guardian + " must schedule what it does on " + vault + ": its delay is 0 s, that of " + pool + " 432000 s"},
	} {
		w := &world{t: t}
		w.says(vault, "hasRole(uint64,address)(bool,uint32)", []string{"0", guardian}, c.member, c.own)
		w.says(vault, "getTargetAdminDelay(address)(uint32)", []string{pool}, c.targets)
		if got := checks(t.Context(), e, w, guardian); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestAnAavePoolIsPausedWhenAllReservesAre(t *testing.T) {
	const paused, live = "1152921504606846976", "72057594037927936" // bit 60; bit 56: active
	e, w := effectOf(t, config.Hook{Preset: "aave-v3", To: configurator, ReadTo: pool}), &world{t: t}
	one := effectOf(t, config.Hook{Preset: "aave-v3", To: configurator, ReadTo: pool, Call: "setReservePause(address,bool)", Args: []string{stranger, "true"}})
	if holds, err := e.Holds(t.Context(), w); holds || err == nil {
		t.Errorf("a pool that does not answer: %t, %v", holds, err)
	}
	w.says(pool, "getReservesList()(address[])", nil, "[]")
	if holds, err := e.Holds(t.Context(), w); holds || err == nil {
		t.Errorf("a pool without reserves: %t, %v", holds, err)
	}
	w.says(pool, "getReservesList()(address[])", nil, `["`+guardian+`", "`+stranger+`"]`)
	for _, c := range []struct {
		first, second string
		all, one      bool
	}{{live, live, false, false}, {paused, live, false, false}, {live, paused, false, true}, {paused, paused, true, true}} {
		w.says(pool, "getConfiguration(address)(uint256)", []string{guardian}, c.first)
		w.says(pool, "getConfiguration(address)(uint256)", []string{stranger}, c.second)
		if holds, err := e.Holds(t.Context(), w); holds != c.all || err != nil {
			t.Errorf("%+v: the pool %t, %v", c, holds, err)
		}
		if holds, err := one.Holds(t.Context(), w); holds != c.one || err != nil {
			t.Errorf("%+v: the reserve %t, %v", c, holds, err)
		}
	}
}

func TestAnAavePoolIsPausedByItsAdmins(t *testing.T) {
	const provider, roles = "0xe20fCBdBfFC4Dd138cE8b2E6FBb6CB49777ad64D", "0x43955b0899Ab7232E3a454cf84AedD22Ad46FD33"
	e, w := effectOf(t, config.Hook{Preset: "aave-v3", To: configurator, ReadTo: pool}), &world{t: t}
	w.says(pool, "ADDRESSES_PROVIDER()(address)", nil, provider)
	w.says(provider, "getPoolConfigurator()(address)", nil, configurator)
	w.says(provider, "getACLManager()(address)", nil, roles)
	for _, c := range []struct{ emergency, admin, want string }{
		{"true", "false", ""},
		{"false", "true", ""},
		{"false", "false", guardian + " is neither emergency admin nor pool admin of the pool " + pool},
	} {
		w.says(roles, "isEmergencyAdmin(address)", []string{guardian}, c.emergency)
		w.says(roles, "isPoolAdmin(address)", []string{guardian}, c.admin)
		if got := checks(t.Context(), e, w, guardian); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	w.says(provider, "getPoolConfigurator()(address)", nil, vault)
	if got, want := checks(t.Context(), e, w, guardian), configurator+" is not the PoolConfigurator of the pool "+pool+", "+vault+" is"; got != want {
		t.Error(got)
	}
}

// Whatever is paused on a Comet already stays so: its one call sets all flags.
func TestTheFlagsOfACometAreKept(t *testing.T) {
	ours := []string{"false", "false", "true", "false", "true"}
	e := effectOf(t, config.Hook{Preset: "compound-v3", To: vault, Args: ours})
	for n := range 1 << len(cometFlags) {
		w, set, back, done := &world{t: t}, make([]string, 5), make([]string, 5), true
		for i, f := range cometFlags {
			is := n>>i&1 == 1
			w.says(vault, f, nil, strconv.FormatBool(is))
			set[i], back[i] = strconv.FormatBool(is || ours[i] == "true"), strconv.FormatBool(is && ours[i] != "true")
			done = done && (is || ours[i] != "true")
		}
		if got, want := text(e.Call(t.Context(), w)), vault+" pause("+strings.Join(set, ", ")+")"; got != want {
			t.Errorf("%05b: %s, want %s", n, got, want)
		}
		if got, want := text(e.Resume(t.Context(), w)), vault+" pause("+strings.Join(back, ", ")+")"; got != want {
			t.Errorf("%05b: %s, want %s", n, got, want)
		}
		if holds, err := e.Holds(t.Context(), w); holds != done || err != nil {
			t.Errorf("%05b: holds %t, %v", n, holds, err)
		}
	}
	if _, err := e.Call(t.Context(), &world{t: t}); err == nil {
		t.Error("flags that cannot be read are overwritten")
	}
}

func TestWhoeverTheContractNamesMayPauseIt(t *testing.T) {
	comet := effectOf(t, config.Hook{Preset: "compound-v3", To: vault})
	comptroller := effectOf(t, config.Hook{Preset: "compound-v2", To: vault, Args: []string{pool, "true"}})
	for _, c := range []struct {
		e      Effect
		second string
	}{{comet, "governor"}, {comptroller, "admin"}} {
		w := &world{t: t}
		if got := checks(t.Context(), c.e, w, guardian); !strings.Contains(got, "execution reverted") {
			t.Errorf("nobody answers: %s", got)
		}
		w.says(vault, "pauseGuardian()(address)", nil, guardian)
		if got := checks(t.Context(), c.e, w, guardian); got != "" {
			t.Error(got)
		}
		if got := checks(t.Context(), c.e, w, stranger); !strings.HasPrefix(got, stranger+" is not the pauseGuardian or "+c.second+" of "+vault) {
			t.Error(got)
		}
		w.says(vault, c.second+"()(address)", nil, stranger)
		if got := checks(t.Context(), c.e, w, stranger); got != "" {
			t.Error(got)
		}
	}
}

func TestAPauseOfTheSuperchainThatRanOutBlocksTheNext(t *testing.T) {
	e := effectOf(t, config.Hook{Preset: "superchain-config", To: vault})
	for _, c := range []struct{ pausable, paused, want string }{
		{"true", "false", ""},
		{"false", "true", ""},
		{"false", "false", vault + " cannot be paused: its last pause ran out and was never taken back; the guardian has to call unpause(" + nobody + ")"},
	} {
		w := &world{t: t}
		w.says(vault, "guardian()(address)", nil, guardian)
		w.says(vault, "pausable(address)", []string{nobody}, c.pausable)
		w.says(vault, "paused(address)", []string{nobody}, c.paused)
		if got := checks(t.Context(), e, w, guardian); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
		w.says(vault, "incidentResponder()(address)", nil, stranger)
		if got := checks(t.Context(), e, w, stranger); got != c.want {
			t.Errorf("%+v, incident responder: %s", c, got)
		}
		if got := checks(t.Context(), e, w, pool); got != pool+" is not the guardian or incidentResponder of "+vault {
			t.Errorf("%+v, nobody: %s", c, got)
		}
	}
}

func TestTheRightToPauseAtLidoIsUsedUpByAPause(t *testing.T) {
	e, w := effectOf(t, config.Hook{Preset: "lido-circuit-breaker", To: vault, Args: []string{pool}}), &world{t: t}
	if got := text(e.Call(t.Context(), w)); got != vault+" pause("+pool+")" {
		t.Error(got)
	}
	if got := text(e.Resume(t.Context(), w)); got != pool+" resume()" {
		t.Error(got)
	}
	holdsWhen(t, e, w, pool, "isPaused()")
	w.says(vault, "heartbeatExpiry(address)(uint256)", []string{guardian}, strconv.FormatInt(time.Now().Add(30*24*time.Hour).Unix(), 10))
	for pauser, want := range map[string]string{
		guardian: "",
		stranger: stranger + " may pause " + pool + ", and not " + guardian,
		nobody:   "nobody may pause " + pool + ": a pause used the right up, or it was never given; the DAO has to call registerPauser(" + pool + ", " + guardian + ")",
	} {
		w.says(vault, "getPauser(address)(address)", []string{pool}, pauser)
		if got := checks(t.Context(), e, w, guardian); got != want {
			t.Error(got)
		}
	}
}

func TestTheRightToPauseAtLidoNeedsHeartbeats(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	pauser := common.HexToAddress(guardian)
	for after, want := range map[time.Duration]string{
		30 * 24 * time.Hour:           "",
		heartbeatMargin:               "",
		heartbeatMargin - time.Second: "the right of " + guardian + " to pause ends at 2026-11-28T11:59:59Z: it has to call heartbeat() before",
		time.Second:                   "the right of " + guardian + " to pause ends at 2026-11-21T12:00:01Z: it has to call heartbeat() before",
		0:                             "the right of " + guardian + " to pause expired at 2026-11-21T12:00:00Z, and heartbeat() does not wake it: the DAO has to call registerPauser again",
	} {
		got := ""
		if err := heartbeat(strconv.FormatInt(now.Add(after).Unix(), 10), pauser, now); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%v: %s", after, got)
		}
	}
	if err := heartbeat(strings.Repeat("9", 70), pauser, now); err != nil {
		t.Errorf("a right for ever: %v", err)
	}
}

func TestACallThroughASafe(t *testing.T) {
	const safe = "0x73b047fe6337183A454c5217241D780a932777bD"
	for _, h := range []config.Hook{
		{Preset: "safe-module", Call: "pause()", Read: "paused()", Resume: "unpause()"},
		{Preset: "openzeppelin-pausable"},
	} {
		h.To, h.Safe, h.GasLimit = vault, safe, 500_000
		e, w := effectOf(t, h), &world{t: t}
		call, err := e.Call(t.Context(), w)
		if got := text(call, err); got != safe+" execTransactionFromModule("+vault+", pause())" {
			t.Error(got)
		}
		wrapped, _, err := mustSignature(t, "execTransactionFromModule(address,uint256,bytes,uint8)").encode([]string{vault, "0", "0x8456cb59", "0"})
		if err != nil || string(call.Data) != string(wrapped) {
			t.Errorf("%x, want %x, %v", call.Data, wrapped, err)
		}
		if got := text(e.Resume(t.Context(), w)); got != vault+" unpause()" {
			t.Error(got)
		}
		holdsWhen(t, e, w, vault, "paused()")

		w.says(vault, "paused()", nil, "false")
		w.says(safe, "isModuleEnabled(address)", []string{guardian}, "false")
		if got := checks(t.Context(), e, w, guardian); got != guardian+" is not a module of the Safe "+safe {
			t.Error(got)
		}
		w.says(safe, "isModuleEnabled(address)", []string{guardian}, "true")
		if got := checks(t.Context(), e, w, guardian); got != "pause() from the Safe "+safe+": execution reverted" {
			t.Errorf("the call inside reverts: %s", got)
		}
		w.takes(safe, Call{To: common.HexToAddress(vault), Data: common.FromHex("0x8456cb59")})
		if got := checks(t.Context(), e, w, guardian); got != "" {
			t.Error(got)
		}
	}
}

func mustSignature(t *testing.T, text string) signature {
	t.Helper()
	s, err := parseSignature(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
