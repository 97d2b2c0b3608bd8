package config

import (
	"slices"
	"testing"
	"time"

	"headwatch"
)

func TestDefaultsFollowFromWhatIsGiven(t *testing.T) {
	c, err := Parse("etc/config.toml", []byte(`
[[chain]]
name = "l1"
kind = "evm"
chain_id = 1
block_time = "12s"
[[chain.endpoint]]
url = "https://a.example:8545/v2"

[[chain]]
name = "l2"
kind = "op-stack"
chain_id = 2
block_time = "500ms"
l1 = "l1"
[[chain.endpoint]]
url = "https://A.example"
[[chain.endpoint]]
url = "https://b.example"
interval = "10s"
[[chain.endpoint]]
url = "https://c.example"
serves = "rollup"
[[chain.endpoint]]
url = "https://[::1]:8545"

[[circuit]]
name = "slow"
chain = "l2"
warn_after = "40s"
page_after = "60s"
trip_after = "90s"
recover_after = "1m"
alerts = ["ops", "pager"]
[[circuit]]
name = "fast"
chain = "l2"
warn_after = "20s"
page_after = "40s"
trip_after = "1000s"
recover_after = "1m"
alerts = ["ops"]
[[circuit]]
name = "l1"
chain = "l1"
tell = []
warn_after = "70s"
page_after = "70s"
trip_after = "70s"
recover_after = "1m"
alerts = ["ops"]

[[hook]]
name = "hook"
kind = "command"
command = ["true"]
[[alert]]
name = "ops"
kind = "console"
[[alert]]
name = "pager"
kind = "pagerduty"
routing_key = "0123456789abcdef0123456789abcdef"
`), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	l1, l2 := c.Chain("l1"), c.Chain("l2")
	second := time.Second
	for _, x := range []struct {
		what      string
		got, want any
	}{
		{"journal dir", c.Journal.Dir, "etc/data"},
		{"journal keep", c.Journal.Keep.D(), 90 * 24 * time.Hour},
		{"journal size", c.Journal.MaxSize, Size(1 << 30)},
		{"listen", c.API.Listen, "127.0.0.1:9464"},
		{"lease", c.API.Lease.D(), 30 * second},
		{"log level", c.Log.Level, "info"},
		{"log format", c.Log.Format, "auto"},
		{"stale after the first threshold", l2.StaleAfter.D(), 20 * second},
		{"quorum of four", l2.Quorum, 3},
		{"quorum of one", l1.Quorum, 1},
		{"proof of life", l2.ProofOfLife, 1},
		{"skew", l2.MaxSkew.D(), 15 * second},
		{"name of a host and port", l1.Endpoints[0].Name, "a-example-8545"},
		{"name of a host", l2.Endpoints[0].Name, "a-example"},
		{"name of an address", l2.Endpoints[3].Name, "1-8545"},
		{"serves", l1.Endpoints[0].Serves, ServesEth},
		{"interval of a slow chain", l1.Endpoints[0].Interval.D(), 12 * second},
		{"timeout of a slow chain", l1.Endpoints[0].Timeout.D(), 5 * second},
		{"interval of a fast chain", l2.Endpoints[0].Interval.D(), second},
		{"timeout of a fast chain", l2.Endpoints[0].Timeout.D(), 800 * time.Millisecond},
		{"timeout of a given interval", l2.Endpoints[1].Timeout.D(), 5 * second},
		{"on of an L2", c.Circuits[0].On[0], headwatch.UnsafeHeadStalled},
		{"on of a layer 1", c.Circuits[2].On[0], headwatch.L1HeadStalled},
		{"tell", c.Circuits[0].Tell[0], headwatch.Blind},
		{"tell that is given empty", len(c.Circuits[2].Tell), 0},
		{"rearm", c.Circuits[0].Rearm, RearmAuto},
		{"mode", c.Hook("hook").Mode, ModeDryRun},
		{"timeout of a hook", c.Hook("hook").Timeout.D(), 15 * second},
		{"from", c.Alert("ops").From, headwatch.LevelWarn},
		{"from of a pager", c.Alert("pager").From, headwatch.LevelPage},
		{"host of the pager", c.Alert("pager").URL.Reveal(), "https://events.pagerduty.com"},
		{"timeout of an alert", c.Alert("ops").Timeout.D(), 15 * second},
		{"coalesce", c.Alert("ops").Coalesce.D(), time.Hour},
	} {
		if x.got != x.want {
			t.Errorf("%s: got %v, want %v", x.what, x.got, x.want)
		}
	}
}

func TestAChainWithoutCircuitsIsStaleAfterFiveBlocks(t *testing.T) {
	c, err := Parse("t", altered(map[string]string{"#chain": "[[chain]]\npreset = \"ink\""}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Chain("ethereum").StaleAfter.D(); got != time.Minute {
		t.Errorf("ethereum: %v", got)
	}
	if got := c.Chain("ink").StaleAfter.D(); got != 10*time.Second {
		t.Errorf("ink: %v", got)
	}
}

func TestAJournalOnAServerHasNoDirectory(t *testing.T) {
	c, err := Parse("t", altered(map[string]string{"#end": "[journal]\nurl = \"nats://localhost\""}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if c.Journal.Dir != "" {
		t.Errorf("got %q", c.Journal.Dir)
	}
}

func TestLookups(t *testing.T) {
	c := &Config{
		Chains: []Chain{{Name: "a"}, {Name: "b"}},
		Circuits: []Circuit{
			{Name: "1", Chain: "a", WarnAfter: 5, PageAfter: 7, TripAfter: 9},
			{Name: "2", Chain: "b", WarnAfter: 1, PageAfter: 1, TripAfter: 1},
			{Name: "3", Chain: "a", WarnAfter: 3, PageAfter: 7, TripAfter: 7},
		},
		Hooks:   []Hook{{Name: "h", Env: map[string]Secret{"A": NewSecret("e"), "B": {}}}},
		Alerts:  []Alert{{Name: "x", URL: NewSecret("u")}, {Name: "y", URL: NewSecret("u"), Secrets: []Secret{NewSecret("s")}}},
		Signers: []Signer{{Name: "k", Passphrase: NewSecret("p")}, {Name: "l", Key: NewSecret("0x1"), URL: NewSecret("u")}},
	}
	if got := c.Limits("a"); !slices.Equal(got, []time.Duration{3, 5, 7, 9}) {
		t.Errorf("limits %v", got)
	}
	if got := c.Limits("c"); len(got) != 0 {
		t.Errorf("limits of no chain %v", got)
	}
	if got := c.CircuitsOf("a"); len(got) != 2 || got[0].Name != "1" || got[1].Name != "3" {
		t.Errorf("circuits %v", got)
	}
	if c.Chain("b") != &c.Chains[1] || c.Circuit("3") != &c.Circuits[2] || c.Hook("h") != &c.Hooks[0] || c.Alert("y") != &c.Alerts[1] || c.Signer("l") != &c.Signers[1] {
		t.Error("a lookup gives a copy")
	}
	if c.Chain("c") != nil || c.Circuit("c") != nil || c.Hook("c") != nil || c.Alert("c") != nil || c.Signer("c") != nil {
		t.Error("a lookup finds what is not there")
	}
	if got := c.Secrets(); !slices.Equal(got, []string{"0x1", "e", "p", "s", "u"}) {
		t.Errorf("secrets %q", got)
	}
}
