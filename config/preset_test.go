package config

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestEveryPresetMakesAConfigurationWithOneCircuit(t *testing.T) {
	ids := map[string]uint64{
		"ethereum": 1, "base": 8453, "op-mainnet": 10, "unichain": 130, "ink": 57073, "worldchain": 480, "zora": 7777777, "soneium": 1868,
		"mode": 34443, "celo": 42220,
	}
	if got := Presets(); len(got) != len(ids) || !slices.IsSorted(got) {
		t.Fatalf("got presets %v", got)
	}
	for _, name := range Presets() {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprintf("[[chain]]\npreset = %q\n[[circuit]]\nname = \"c\"\nchain = %[1]q\nalerts = [\"a\"]\n[[alert]]\nname = \"a\"\nkind = \"console\"\n", name)
			if name != "ethereum" {
				text += "[[chain]]\npreset = \"ethereum\"\n"
			}
			c, err := Parse("t", []byte(text), noEnv)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Warnings()) != 0 {
				t.Errorf("warnings %q", c.Warnings())
			}
			checkPreset(t, c.Chain(name), c.Circuits[0], ids[name])
		})
	}
}

func checkPreset(t *testing.T, chain *Chain, circuit Circuit, id uint64) {
	t.Helper()
	if chain.ChainID != id {
		t.Errorf("chain id %d, want %d", chain.ChainID, id)
	}
	if (chain.Kind == KindOPStack) != (chain.L1 == "ethereum") {
		t.Errorf("kind %s on l1 %q", chain.Kind, chain.L1)
	}
	hosts := map[string]bool{}
	for _, e := range chain.Endpoints {
		hosts[e.URL.Host()] = true
	}
	if n := len(chain.Endpoints); n < 2 || n > 4 || len(hosts) != n {
		t.Errorf("%d endpoints on the hosts %v", n, hosts)
	}
	if chain.L1 != "" && circuit.TripAfter.D() < 90*time.Second {
		t.Errorf("trips after %v, within what a healthy chain stands still", circuit.TripAfter)
	}
}

func TestPresetEndpointsDifferOverAllChains(t *testing.T) {
	seen := map[string]string{}
	for _, name := range Presets() {
		p, err := presetNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		d := newDocument("t", nil, noEnv)
		d.completeChain("chain", &p.Chain, nil)
		for _, e := range p.Chain.Endpoints {
			if other := seen[e.Name]; other != "" {
				t.Errorf("%s is an endpoint of %s and of %s", e.Name, other, name)
			}
			seen[e.Name] = name
		}
	}
}

func TestAnUnknownPresetIsOneFault(t *testing.T) {
	for name, want := range map[string]string{
		"Base":   `18:1: chain "x": preset "Base" is unknown; did you mean base?`,
		"solana": `18:1: chain "x": preset "solana" is unknown; use one of base, celo, ethereum, ink, mode, op-mainnet, soneium, unichain, worldchain, zora`,
	} {
		lines := fmt.Sprintf("[[chain]]\nname = \"x\"\npreset = %q\n[[circuit]]\nname = \"c\"\nchain = \"x\"\nalerts = [\"ops\"]", name)
		if got := faultsOf(t, altered(map[string]string{"#end": lines}), noEnv); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

func TestTheFileWinsOverThePreset(t *testing.T) {
	c, err := Parse("t", altered(map[string]string{
		"#chain":   "chain_id = 5\nblock_time = \"3s\"\nquorum = 1\n[[chain.endpoint]]\nurl = \"http://localhost\"",
		"#circuit": "trip_after = \"3m\"",
	}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	chain, circuit := c.Chain("base"), c.Circuits[0]
	if chain.ChainID != 5 || chain.BlockTime != Duration(3*time.Second) || chain.Kind != KindOPStack || len(chain.Endpoints) != 1 || chain.Quorum != 1 {
		t.Errorf("got %+v", chain)
	}
	if circuit.TripAfter != Duration(3*time.Minute) || circuit.WarnAfter != Duration(30*time.Second) {
		t.Errorf("got %+v", circuit)
	}
}
