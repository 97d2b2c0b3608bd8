package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// withEndpoint is a chain of a kind with an endpoint that is as it must be, and another with these lines.
func withEndpoint(kind string, lines ...string) []byte {
	head := "[[chain.endpoint]]\nname = \"heads\"\nurl = \"https://a.example\"\n"
	if kind == KindAPI {
		head = "[[chain.endpoint]]\nname = \"first\"\nurl = \"https://a.example\"\nserves = \"api\"\npath = \"t\"\n"
	}
	facts := "chain_id = 7\nblock_time = \"2s\"\n"
	if kind == KindAPI {
		facts = ""
	}
	return altered(map[string]string{"#end": fmt.Sprintf("[[chain]]\nname = \"x\"\nkind = %q\nbusy = true\nl1 = \"ethereum\"\n", kind) +
		facts + head + "[[chain.endpoint]]\nname = \"aside\"\n" + strings.Join(lines, "\n")})
}

func TestEveryWayToAskHasItsKeys(t *testing.T) {
	const title = `chain "x" endpoint "aside": `
	api := func(lines ...string) []string {
		return append([]string{`serves = "api"`, `url = "https://b.example"`, `path = "time"`}, lines...)
	}
	for _, c := range []struct {
		kind  string
		lines []string
		want  string // without line and column
	}{
		{KindArbitrum, []string{`serves = "sequencer"`, `url = "https://b.example"`}, ""},
		{KindOPStack, []string{`serves = "sequencer"`, `url = "https://b.example"`}, ""},
		{KindArbitrum, []string{`serves = "sequencer"`}, title + "url is missing"},
		{KindArbitrum, []string{`serves = "sequencer"`, `url = "https://b.example"`, `ws = "wss://b.example"`}, title + "ws belongs to an endpoint that serves eth or feed or api, this is an endpoint that serves sequencer; remove it"},
		{KindAPI, []string{`serves = "sequencer"`, `url = "https://b.example"`}, title + "a chain of kind api has no endpoint that serves sequencer; remove it"},
		{KindAPI, []string{`url = "https://b.example"`}, title + "a chain of kind api has no endpoint that serves eth; remove it"},

		{KindArbitrum, []string{`serves = "feed"`, `ws = "wss://b.example"`}, ""},
		{KindArbitrum, []string{`serves = "feed"`}, title + "ws is missing"},
		{KindArbitrum, []string{`serves = "feed"`, `ws = "https://b.example"`}, title + "ws has the wrong scheme; begin it with wss:// or ws://"},
		{KindArbitrum, []string{`serves = "feed"`, `ws = "wss://b.example"`, `url = "https://b.example"`}, title + "url belongs to an endpoint that serves eth or rollup or sequencer or api, this is an endpoint that serves feed; remove it"},
		{KindScroll, []string{`serves = "feed"`, `ws = "wss://b.example"`}, title + "a chain of kind scroll has no endpoint that serves feed; remove it"},
		{KindScroll, []string{`serves = "rollup"`, `url = "https://b.example"`}, title + "a chain of kind scroll has no endpoint that serves rollup; remove it"},

		{KindAPI, api(), ""},
		{KindEVM, api(`unit = "counter"`, `fresh = "3s"`, `request = '{"a":1}'`, `below = ["a", "b"]`), ""},
		{KindEVM, []string{`serves = "api"`, `ws = "wss://b.example"`, `path = "time"`}, ""},
		{KindEVM, []string{`serves = "api"`, `path = "time"`}, title + "url is missing"},
		{KindEVM, api(`ws = "wss://b.example"`), title + "url and ws are both given; keep url to ask the API, or ws to be told by it"},
		{KindEVM, []string{`serves = "api"`, `url = "https://b.example"`}, title + `path is missing; say where the time or the counter stands in the answer: path = "time"`},
		{KindEVM, []string{`serves = "api"`, `url = "https://b.example"`, `path = ""`}, title + `path is empty; say where the time or the counter stands in the answer: path = "time"`},
		{KindEVM, api(`unit = "sec"`), title + `unit "sec" is unknown; use one of s, ms, ns, rfc3339, counter`},
		{KindEVM, api(`unit = "m"`), title + `unit "m" is unknown; use one of s, ms, ns, rfc3339, counter`},
		{KindEVM, api(`fresh = "999ms"`), title + "fresh is 999ms; make it at least 1s"},
		{KindEVM, api(`fresh = "2s"`), title + "fresh is 2s, and the API is asked every 2s; make it longer: a value is stale before the next one can come"},
		{KindEVM, []string{`serves = "api"`, `ws = "wss://b.example"`, `path = "time"`, `fresh = "1s"`}, ""},
		{KindEVM, api(`request = "{"`), title + "request is not JSON"},
		{KindEVM, api(`below = ["a"]`), title + "below has 1 paths; name two: the first number must be below the second"},
		{KindEVM, api(`below = []`), title + "below has 0 paths; name two: the first number must be below the second"},
		{KindEVM, api(`below = ["a", ""]`), title + "below has an empty path; name two: the first number must be below the second"},
		{KindEVM, []string{`url = "https://b.example"`, `path = "time"`}, title + "path belongs to an endpoint that serves api, this is an endpoint that serves eth; remove it"},
		{KindEVM, []string{`url = "https://b.example"`, `fresh = "30s"`}, title + "fresh belongs to an endpoint that serves api, this is an endpoint that serves eth; remove it"},
	} {
		got := faultsOf(t, withEndpoint(c.kind, c.lines...), noEnv)
		if _, after, ok := strings.Cut(got, ": "); ok {
			got = after
		}
		if got != c.want {
			t.Errorf("%s with %q\n got %s\nwant %s", c.kind, c.lines, got, c.want)
		}
	}
}

func TestEveryWayToAskHasItsPace(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  time.Duration
	}{
		{[]string{`url = "https://b.example"`}, 2 * time.Second},
		{[]string{`serves = "sequencer"`, `url = "https://b.example"`}, 10 * time.Second},
		{[]string{`serves = "feed"`, `ws = "wss://b.example"`}, 5 * time.Second},
		{[]string{`serves = "api"`, `url = "https://b.example"`, `path = "t"`}, 2 * time.Second},
		{[]string{`serves = "api"`, `url = "https://b.example"`, `path = "t"`, `interval = "7s"`}, 7 * time.Second},
	} {
		cfg, err := Parse("t", withEndpoint(KindArbitrum, c.lines...), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		if e := cfg.Chain("x").Endpoints[1]; e.Interval.D() != c.want || e.Timeout.D() <= 0 || e.Timeout >= e.Interval {
			t.Errorf("%q: interval %v, timeout %v", c.lines, e.Interval, e.Timeout)
		}
	}
}

func TestAPresetMaySetThePaceOfItsEndpoints(t *testing.T) {
	c, err := Parse("t", altered(map[string]string{"#end": "[[chain]]\npreset = \"hyperliquid\""}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	chain := c.Chain("hyperliquid")
	for _, e := range chain.Endpoints {
		if e.Interval.D() != 2*time.Second { // the chain seals a block a second, and its RPC takes 100 requests a minute
			t.Errorf("%s is asked every %v", e.Name, e.Interval)
		}
	}
	if chain.Quorum != 2 || len(chain.Voters()) != 2 {
		t.Errorf("quorum %d of %v", chain.Quorum, chain.Voters())
	}
}

func TestACircuitCannotWaitForASilenceThatSaysNothing(t *testing.T) {
	circuit := "[[circuit]]\nname = \"c\"\nchain = \"x\"\nalerts = [\"ops\"]\nwarn_after = \"30s\"\npage_after = \"60s\"\ntrip_after = \"2m\"\nrecover_after = \"5m\"\n"
	chain := "[[chain]]\nname = \"x\"\nkind = \"scroll\"\nl1 = \"ethereum\"\nchain_id = 7\nblock_time = \"3s\"\n%s\n[[chain.endpoint]]\nname = \"heads\"\nurl = \"https://a.example\"\n%s\n"
	for _, c := range []struct{ busy, endpoint, want string }{
		{"", "", `circuit "c": unsafe_head_stalled cannot hold on chain "x"; its silence cannot be told from idleness: add an endpoint that serves sequencer, or set busy = true if its users never pause`},
		{"busy = true", "", ""},
		{"", "[[chain.endpoint]]\nname = \"s\"\nurl = \"https://b.example\"\nserves = \"sequencer\"", ""},
	} {
		got := faultsOf(t, altered(map[string]string{"#end": circuit + "on = [\"unsafe_head_stalled\"]\n" + fmt.Sprintf(chain, c.busy, c.endpoint)}), noEnv)
		if _, after, ok := strings.Cut(got, ": "); ok {
			got = after
		}
		if got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
