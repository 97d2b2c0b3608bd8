package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

// fact is what a preset must say. It is written a second time on purpose: a slip in a preset watches the wrong chain.
type fact struct {
	id    uint64
	kind  string
	block time.Duration
	l1    string
}

var facts = map[string]fact{
	"abstract":         {2741, KindZKsync, time.Second, "ethereum"},
	"arbitrum-one":     {42161, KindArbitrum, 250 * time.Millisecond, "ethereum"},
	"arbitrum-sepolia": {421614, KindArbitrum, 250 * time.Millisecond, "sepolia"},
	"base":             {8453, KindOPStack, 2 * time.Second, "ethereum"},
	"base-sepolia":     {84532, KindOPStack, 2 * time.Second, "sepolia"},
	"blast":            {81457, KindOPStack, 2 * time.Second, "ethereum"},
	"bnb":              {56, KindEVM, 450 * time.Millisecond, ""},
	"bob":              {60808, KindOPStack, 2 * time.Second, "ethereum"},
	"celo":             {42220, KindOPStack, time.Second, "ethereum"},
	"ethereum":         {1, KindEVM, 12 * time.Second, ""},
	"fraxtal":          {252, KindOPStack, 2 * time.Second, "ethereum"},
	"gnosis":           {100, KindEVM, 5 * time.Second, ""},
	"hyperliquid":      {999, KindEVM, time.Second, "ethereum"},
	"ink":              {57073, KindOPStack, time.Second, "ethereum"},
	"linea":            {59144, KindLinea, time.Second, "ethereum"},
	"lisk":             {1135, KindOPStack, 2 * time.Second, "ethereum"},
	"mantle":           {5000, KindOPStack, 2 * time.Second, "ethereum"},
	"metal":            {1750, KindOPStack, 2 * time.Second, "ethereum"},
	"mode":             {34443, KindOPStack, 2 * time.Second, "ethereum"},
	"op-mainnet":       {10, KindOPStack, 2 * time.Second, "ethereum"},
	"op-sepolia":       {11155420, KindOPStack, 2 * time.Second, "sepolia"},
	"opbnb":            {204, KindOPStack, 250 * time.Millisecond, "bnb"},
	"polygon":          {137, KindPolygon, 1750 * time.Millisecond, "ethereum"},
	"scroll":           {534352, KindScroll, 3 * time.Second, "ethereum"},
	"sepolia":          {11155111, KindEVM, 12 * time.Second, ""},
	"soneium":          {1868, KindOPStack, 2 * time.Second, "ethereum"},
	"unichain":         {130, KindOPStack, time.Second, "ethereum"},
	"unichain-sepolia": {1301, KindOPStack, time.Second, "sepolia"},
	"worldchain":       {480, KindOPStack, 2 * time.Second, "ethereum"},
	"zksync-era":       {324, KindZKsync, time.Second, "ethereum"},
	"zora":             {7777777, KindOPStack, 2 * time.Second, "ethereum"},
}

func TestEveryPresetMakesAConfigurationWithOneCircuit(t *testing.T) {
	if got := Presets(); len(got) != len(facts) || !slices.IsSorted(got) {
		t.Fatalf("got presets %v", got)
	}
	for _, name := range Presets() {
		t.Run(name, func(t *testing.T) {
			busy := ""
			if p, err := presetNamed(name); err == nil && p.Chain.Idles() && !p.Chain.Serves(ServesSequencer) {
				busy = "busy = true\n" // its own user must say so, or add an endpoint at the sequencer
			}
			text := fmt.Sprintf("[[chain]]\npreset = %q\n"+busy+"[[circuit]]\nname = \"c\"\nchain = %[1]q\nalerts = [\"a\"]\n[[alert]]\nname = \"a\"\nkind = \"console\"\n", name)
			if l1 := facts[name].l1; l1 != "" {
				text += fmt.Sprintf("[[chain]]\npreset = %q\n", l1)
			}
			c, err := Parse("t", []byte(text), noEnv)
			if err != nil {
				t.Fatal(err)
			}
			if len(apart(c)) != 0 {
				t.Errorf("warnings %q", apart(c))
			}
			checkFacts(t, c.Chain(name), facts[name])
			checkLimits(t, c.Chain(name))
			checkThresholds(t, c.Chain(name), c.Circuits[0])
		})
	}
}

func checkFacts(t *testing.T, chain *Chain, want fact) {
	t.Helper()
	if got := (fact{chain.ChainID, chain.Kind, chain.BlockTime.D(), chain.L1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	hosts, heads := map[string]bool{}, 0
	for _, e := range chain.Endpoints {
		if e.Votes(chain.Kind) {
			hosts[e.URL.Host()] = true
			heads++
		}
	}
	if n := heads; n < 2 || n > 4 || len(hosts) != n || len(chain.Voters()) < 2 {
		t.Errorf("%d endpoints on the hosts %v", n, hosts)
	}
	for _, a := range []string{chain.Batcher, chain.Portal, chain.Inbox} {
		if a != "" && (chain.L1 == "" || common.HexToAddress(a).Hex() != a) {
			t.Errorf("%s on l1 %q has not the form and the checksum of an address", a, chain.L1)
		}
	}
}

func checkLimits(t *testing.T, chain *Chain) {
	t.Helper()
	if chain.Kind == KindOPStack && (chain.SafeLag == 0 || chain.FinalizedLag <= chain.SafeLag) {
		t.Errorf("safe_lag %v, finalized_lag %v", chain.SafeLag, chain.FinalizedLag)
	}
	if chain.ProvenLag > 0 && chain.FinalizedLag <= chain.ProvenLag {
		t.Errorf("proven_lag %v, finalized_lag %v", chain.ProvenLag, chain.FinalizedLag)
	}
	for _, lag := range []Duration{chain.SafeLag, chain.ProvenLag, chain.FinalizedLag} {
		if lag > 0 && lag.D() < 5*time.Minute {
			t.Errorf("a limit of %v is within what is normal on every chain", lag)
		}
	}
}

func checkThresholds(t *testing.T, chain *Chain, c Circuit) {
	t.Helper()
	if c.WarnAfter < 5*chain.BlockTime || c.WarnAfter.D() < 30*time.Second {
		t.Errorf("warns after %v, and a block takes %v", c.WarnAfter, chain.BlockTime)
	}
	if c.PageAfter <= c.WarnAfter || c.TripAfter <= c.PageAfter {
		t.Errorf("warns after %v, pages after %v, trips after %v", c.WarnAfter, c.PageAfter, c.TripAfter)
	}
	if c.TripAfter.D() < 90*time.Second {
		t.Errorf("trips after %v, within what a healthy chain stands still", c.TripAfter)
	}
	if c.RecoverAfter.D() < 5*time.Minute {
		t.Errorf("closes after %v of life", c.RecoverAfter)
	}
}

func TestEveryPresetSaysWhyAndWhere(t *testing.T) {
	source := regexp.MustCompile(`^[^:|\n]+: [^|\n]+$`)
	for _, name := range Presets() {
		p, err := presetNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := presetFiles.ReadFile("presets/" + name + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		if header, _, _ := strings.Cut(string(text), "\n\n"); strings.Count(header, "\n#\n") < 1 {
			t.Errorf("%s: the header gives no reason for the thresholds", name)
		}
		if len(p.Sources) < 2 {
			t.Errorf("%s has the sources %q", name, p.Sources)
		}
		for _, s := range p.Sources {
			if !source.MatchString(s) {
				t.Errorf("%s: source %q is not in the form where: what", name, s)
			}
		}
		for _, what := range []string{"id", "block time", "endpoints"} {
			if !slices.ContainsFunc(p.Sources, func(s string) bool { return strings.Contains(s, what) }) {
				t.Errorf("%s: no source for %s", name, what)
			}
		}
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

func TestL1OfAPresetIsAPreset(t *testing.T) {
	for name, want := range map[string]string{"base": "ethereum", "base-sepolia": "sepolia", "opbnb": "bnb", "ethereum": "", "atlantis": ""} {
		if got := L1Of(name); got != want {
			t.Errorf("%s settles on %q, want %q", name, got, want)
		}
	}
}

func TestAnUnknownPresetIsOneFault(t *testing.T) {
	for name, want := range map[string]string{
		"Base":   `18:1: chain "x": preset "Base" is unknown; did you mean base?`,
		"solana": `18:1: chain "x": preset "solana" is unknown; use one of ` + strings.Join(Presets(), ", "),
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
