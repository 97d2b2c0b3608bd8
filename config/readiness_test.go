package config

import (
	"fmt"
	"slices"
	"testing"

	"headwatch"
)

// pausing is a hook of a mode, sound for every other check.
func pausing(mode string) string {
	return fmt.Sprintf(`[[hook]]
name = "pause"
kind = "evm"
mode = %q
to = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
call = "pause()"
read = "paused()"
signer = "guardian"
[[signer]]
name = "guardian"
kind = "remote"
address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
url = "https://signer.example"
`, mode)
}

func TestACircuitTellsOfItsHooksThatWouldFail(t *testing.T) {
	for _, c := range []struct {
		mode, circuit string
		want          []headwatch.Condition
	}{
		{ModeArmed, `hooks = ["pause"]`, []headwatch.Condition{headwatch.Blind, headwatch.HookNotReady}},
		{ModeConfirm, `hooks = ["pause"]`, []headwatch.Condition{headwatch.Blind, headwatch.HookNotReady}},
		{ModeDryRun, `hooks = ["pause"]`, []headwatch.Condition{headwatch.Blind}},
		{ModeOff, `hooks = ["pause"]`, []headwatch.Condition{headwatch.Blind}},
		{ModeArmed, ``, []headwatch.Condition{headwatch.Blind}},
		{ModeArmed, "hooks = [\"pause\"]\ntell = []", []headwatch.Condition{}},
		{ModeDryRun, "hooks = [\"pause\"]\ntell = [\"hook_not_ready\"]", []headwatch.Condition{headwatch.HookNotReady}},
	} {
		cfg, err := Parse("t", altered(map[string]string{"#circuit": c.circuit + "\nalerts = [\"ops\"]", "#end": pausing(c.mode)}), noEnv)
		if err != nil {
			t.Errorf("%s, %s: %v", c.mode, c.circuit, err)
			continue
		}
		if got := cfg.Circuits[0].Tell; !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: tells %v, want %v", c.mode, c.circuit, got, c.want)
		}
	}
}

func TestWaitingForAHookThatCannotBeTriedIsAFault(t *testing.T) {
	want := `10:9: circuit "lending": hook_not_ready cannot hold: no hook of the circuit can be tried without acting; list one of kind evm or uptime-feed in hooks`
	for _, hooks := range []string{"", "\nhooks = [\"bot\"]"} {
		got := faultsOf(t, altered(map[string]string{
			"#circuit": "tell = [\"hook_not_ready\"]\nalerts = [\"ops\"]" + hooks,
			"#end":     "[[hook]]\nname = \"bot\"\nkind = \"command\"\ncommand = [\"true\"]",
		}), noEnv)
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAChainIsToldOfTheHooksOfItsCircuitsThatMayFire(t *testing.T) {
	c := &Config{
		Circuits: []Circuit{
			{Name: "1", Chain: "a", Hooks: []string{"armed", "bot", "dry", "absent"}},
			{Name: "2", Chain: "a", Hooks: []string{"feed", "armed"}},
			{Name: "3", Chain: "b", Hooks: []string{"armed", "off"}},
		},
		Hooks: []Hook{
			{Name: "armed", Kind: HookEVM, Mode: ModeArmed},
			{Name: "feed", Kind: HookUptimeFeed, Mode: ModeConfirm},
			{Name: "dry", Kind: HookEVM, Mode: ModeDryRun},
			{Name: "off", Kind: HookEVM, Mode: ModeOff},
			{Name: "bot", Kind: HookWebhook, Mode: ModeArmed},
		},
	}
	for chain, want := range map[string][]string{"a": {"armed", "feed"}, "b": {"armed"}, "c": nil} {
		if got := c.Telling(chain); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", chain, got, want)
		}
	}
	if !c.Hook("dry").Tried() || c.Hook("off").Tried() || c.Hook("bot").Tried() {
		t.Error("what is tried is what acts on a chain and is not switched off")
	}
}
