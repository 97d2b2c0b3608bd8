package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// sound is a configuration without a fault. A test puts its lines in place of a marker, and is told by line and column.
const sound = `[[chain]]
preset = "ethereum"
#l1
[[chain]]
preset = "base"
#chain
[[circuit]]
name = "lending"
chain = "base"
#circuit
[[alert]]
name = "ops"
kind = "console"
#alert
#end
`

// altered puts lines in place of the markers; a circuit that names no alerts gets the one there is.
func altered(lines map[string]string) []byte {
	text := sound
	if !strings.Contains(lines["#circuit"], "alerts") {
		text = strings.Replace(text, "#circuit", "#circuit\nalerts = [\"ops\"]", 1)
	}
	for marker, line := range lines {
		text = strings.Replace(text, marker+"\n", line+"\n", 1)
	}
	return []byte(text)
}

// faultsOf gives the faults without the file's name, one a line.
func faultsOf(t *testing.T, data []byte, getenv func(string) (string, bool)) string {
	t.Helper()
	_, err := Parse("t", data, getenv)
	if err == nil {
		return ""
	}
	var bad *Error
	if !errors.As(err, &bad) {
		t.Fatalf("got %v, want faults", err)
	}
	return strings.ReplaceAll("\n"+err.Error(), "\nt:", "\n")[1:]
}

func TestSoundConfigurationHasNoFault(t *testing.T) {
	if got := faultsOf(t, altered(nil), noEnv); got != "" {
		t.Fatal(got)
	}
}

func TestImpossibleValuesAreFaultsAtTheirKey(t *testing.T) {
	const key32 = `"0123456789abcdef0123456789abcdef"`
	for _, c := range []struct{ marker, lines, want string }{
		// The ladder.
		{"#circuit", `warn_after = "0s"`, `10:1: circuit "lending": warn_after is 0s; make it longer`},
		{"#circuit", `recover_after = "0s"`, `10:1: circuit "lending": recover_after is 0s; make it longer`},
		{"#circuit", "page_after = 5\ntrip_after = \"20s\"", "10:1: circuit \"lending\": page_after is a number, not a duration; write it with its unit and in quotes, such as \"90s\", \"5m\", \"36h\" or \"90d\"\n11:1: circuit \"lending\": trip_after is 20s, shorter than warn_after 30s; make trip_after at least warn_after"},
		{"#circuit", `warn_after = "2s"`, `10:1: circuit "lending": warn_after is 2s, and a healthy chain stands still for its block_time 2s; make warn_after longer`},
		{"#circuit", `page_after = "29s"`, `10:1: circuit "lending": page_after is 29s, shorter than warn_after 30s; make page_after at least warn_after`},
		{"#circuit", `page_after = "10m"`, `10:1: circuit "lending": trip_after is 120s, shorter than page_after 10m; make trip_after at least page_after`},
		{"#circuit", `trip_after = "59s"`, `10:1: circuit "lending": trip_after is 59s, shorter than page_after 60s; make trip_after at least page_after`},
		{"#circuit", `trip_after = "60s"`, ``},
		{"#circuit", `recover_after = "1s"`, `10:1: circuit "lending": recover_after is 1s, shorter than the block_time 2s; make it at least block_time: life shows only in blocks`},
		{"#circuit", `recover_after = "2s"`, ``},
		{"#circuit", `rearm = "manually"`, `10:1: circuit "lending": rearm "manually" is unknown; did you mean manual?`},

		// Conditions.
		{"#circuit", `on = []`, ``},
		{"#circuit", "on = []\ntell = []", `10:1: circuit "lending": on and tell are both empty; a circuit that waits for nothing guards nothing`},
		{"#circuit", `on = ["wrong_chain"]`, `10:7: circuit "lending": wrong_chain never trips a circuit; list it in tell`},
		{"#circuit", `on = ["l1_head_stalled"]`, `10:7: circuit "lending": l1_head_stalled cannot hold on chain "base"; use unsafe_head_stalled`},
		{"#circuit", `tell = ["l1_head_stalled"]`, `10:9: circuit "lending": l1_head_stalled cannot hold on chain "base"; use unsafe_head_stalled`},
		{"#circuit", `tell = ["blind", "clock_skew", "wrong_chain", "endpoint_unreachable", "endpoint_lagging", "unsafe_head_slow"]`, ``},
		{"#circuit", "on = [\"unsafe_head_slow\"]\ntell = [\"unsafe_head_slow\"]", `10:7: circuit "lending": unsafe_head_slow is in on and in tell; keep one: what trips also warns and pages`},
		{"#circuit", `tell = ["blnd"]`, `10:9: circuit "lending": condition "blnd" does not exist; did you mean blind?`},
		{"#end", "[[circuit]]\nname = \"l1\"\nchain = \"ethereum\"\non = [\"unsafe_head_slow\"]\nalerts = [\"ops\"]", `19:7: circuit "l1": unsafe_head_slow cannot hold on chain "ethereum"; it is found on an L2 only`},
		{"#end", "[[circuit]]\nname = \"l1\"\nchain = \"ethereum\"\nalerts = [\"ops\"]", ``},

		// References.
		{"#circuit", `hooks = ["pause"]`, `10:10: circuit "lending": hook "pause" does not exist; there is none`},
		{"#circuit", `alerts = ["opps"]`, `10:11: circuit "lending": alert "opps" does not exist; did you mean ops?`},
		{"#circuit", `alerts = []`, `10:1: circuit "lending": alerts is empty; name at least one [[alert]]: otherwise nobody is told`},
		{"#chain", `l1 = "base"`, `6:1: chain "base": l1 is "base", the chain itself; name the chain that it settles on`},
		{"#chain", `l1 = "solana"`, `6:1: chain "base": l1 "solana" does not exist; add a [[chain]] named "solana", or set l1 to the chain that is meant`},
		{"#chain", `l1 = ""`, `6:1: chain "base": l1 is empty; name the chain that it settles on: no L2 is judged without that second clock`},
		{"#chain", "[[chain]]\npreset = \"zora\"\nl1 = \"base\"", `8:1: chain "zora": l1 "base" has an l1 of its own; name a layer 1`},
		{"#l1", `name = "mainnet"`, `4:1: chain "base": l1 "ethereum" does not exist; add a [[chain]] named "ethereum", or set l1 to the chain that is meant`},

		// Chains and endpoints.
		{"#chain", `kind = "evn"`, `6:1: chain "base": kind "evn" is unknown; did you mean evm?`},
		{"#chain", `stale_after = "31s"`, `6:1: chain "base": stale_after is 31s, longer than warn_after 30s of circuit "lending"; make it at most warn_after, or leave it out`},
		{"#chain", `stale_after = "2s"`, `6:1: chain "base": stale_after is 2s, and a healthy chain stands still for its block_time 2s; make it longer`},
		{"#chain", `quorum = 4`, `6:1: chain "base": quorum is 4, and 3 operators can vote; make it 1 to 3`},
		{"#chain", `quorum = 0`, `6:1: chain "base": quorum is 0, and 3 operators can vote; make it 1 to 3`},
		{"#chain", `reorg_depth = 0`, `6:1: chain "base": reorg_depth is 0; make it at least 1`},
		{"#chain", `reorg_depth = -1`, `6:1: chain "base": reorg_depth is -1; make it at least 1`},
		{"#chain", `proof_of_life = 4`, `6:1: chain "base": proof_of_life is 4, and 3 operators can show a head; make it 1 to 3`},
		{"#chain", `endpoint = []`, `6:1: chain "base": endpoint is empty; add a [[chain.endpoint]] with its url`},
		{"#chain", "[[chain.endpoint]]\nurl = \"https://a.example\"\nserves = \"rollup\"", `6:1: chain "base": no endpoint serves eth; add one: the others alone do not show blocks`},
		{"#l1", "[[chain.endpoint]]\nurl = \"https://a.example\"\nserves = \"rollup\"", "3:1: chain \"ethereum\": no endpoint serves eth; add one: the others alone do not show blocks\n5:1: chain \"ethereum\" endpoint 1: a chain of kind evm has no endpoint that serves rollup; remove it"},
		{"#chain", "[[chain.endpoint]]\nurl = \"https://a.example\"\nserves = \"etth\"", `8:1: chain "base" endpoint 1: serves "etth" is unknown; did you mean eth?`},
		{"#chain", "[[chain.endpoint]]\nurl = \"https://a.example\"\n[[chain.endpoint]]\nurl = \"https://b.example\"\nws = \"wss://b.example\"\nserves = \"rollup\"", `10:1: chain "base" endpoint 2: ws belongs to an endpoint that serves eth or feed or api, this is an endpoint that serves rollup; remove it`},
		{"#chain", "[[chain.endpoint]]\nurl = \"wss://a.example\"", `7:1: chain "base" endpoint 1: url has the wrong scheme; begin it with https:// or http://`},
		{"#chain", "[[chain.endpoint]]\nurl = \"a.example\"", `7:1: chain "base" endpoint 1: url is not a URL with a host`},
		{"#chain", "[[chain.endpoint]]\nurl = \"https://a.example\"\nws = \"https://a.example\"", `8:1: chain "base" endpoint 1: ws has the wrong scheme; begin it with wss:// or ws://`},
		{"#chain", "[[chain.endpoint]]\nurl = \"https://a.example/1\"\n[[chain.endpoint]]\nurl = \"https://a.example/2\"", `8:1: chain "base" endpoint 2: the name is taken by the endpoint in line 6; names must differ`},
		{"#chain", "[[chain.endpoint]]\nurl = \"https://a.example\"\ninterval = \"999ms\"", `8:1: chain "base" endpoint 1: interval is 999ms; make it at least 1s`},
		{"#chain", "[[chain.endpoint]]\nurl = \"https://a.example\"\ntimeout = \"2s\"", `8:1: chain "base" endpoint 1: timeout is 2s, and the interval 2s; make it shorter than the interval`},
		{"#chain", "[[chain.endpoint]]\nurl = \"https://a.example\"\ntimeout = \"0s\"", `8:1: chain "base" endpoint 1: timeout is 0s, and the interval 2s; make it shorter than the interval`},
		{"#end", "[[chain]]\nname = \"bare\"", "16:1: chain \"bare\": kind is missing; set it, or a preset\n16:1: chain \"bare\": chain_id is missing; set it, or a preset\n16:1: chain \"bare\": block_time is missing; set it, or a preset\n16:1: chain \"bare\": endpoint is missing; add a [[chain.endpoint]] with its url"},

		// Hooks.
		{"#end", "[[hook]]\nname = \"h\"", `16:1: hook "h": kind is missing; use one of webhook, command, evm, uptime-feed, nats`},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"webhok\"", `18:1: hook "h": kind "webhok" is unknown; did you mean webhook?`},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"command\"\ncommand = [\"\"]", `19:1: hook "h": command is empty; write the program and its arguments: command = ["/usr/local/bin/pause", "--all"]`},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"command\"\ncommand = [\"true\"]\nmode = \"amred\"", `20:1: hook "h": mode "amred" is unknown; did you mean armed?`},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"webhook\"\nurl = \"https://a.example\"", ``},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"webhook\"\nurl = \"https://a.example\"\nmode = \"armed\"", `16:1: hook "h": secrets is missing; a webhook is signed, so that its receiver can refuse everybody else's: whsec_ and what ` + "`openssl rand -base64 24`" + ` prints`},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"webhook\"\nurl = \"https://a.example\"\nsecrets = [\"whsec_c2hvcnQ=\"]", `20:12: hook "h": secret 1 does not sign webhooks; it is whsec_ and the base64 of 24 to 64 random bytes, as ` + "`openssl rand -base64 24`" + ` prints them`},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"webhook\"\nurl = \"https://a.example\"\nsecrets = [\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\"]", `20:12: hook "h": secret 1 does not sign webhooks; it is whsec_ and the base64 of 24 to 64 random bytes, as ` + "`openssl rand -base64 24`" + ` prints them`},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"webhook\"\nurl = \"https://a.example\"\nmode = \"armed\"\nsecrets = [\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\"]", ``},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"webhook\"\nurl = \"https://a.example\"\ntimeout = \"61s\"", `20:1: hook "h": timeout is 61s; make it 1s to 60s`},
		{"#end", "[[hook]]\nname = \"h\"\nkind = \"webhook\"\nurl = \"https://a.example\"\ntimeout = \"999ms\"", `20:1: hook "h": timeout is 999ms; make it 1s to 60s`},

		// Alerts.
		{"#alert", `url = "https://a.example"`, `15:1: alert "ops": url belongs to kind pagerduty or jsm or grafana-irm or incident-io or slack or discord or telegram or email or twilio or ntfy or webhook, this is kind console; remove it`},
		{"#alert", `coalesce = "0s"`, `15:1: alert "ops": coalesce is 0s; make it at least 1s`},
		{"#alert", `from = "none"`, `15:1: alert "ops": from "none" is unknown; use one of warn, page, trip`},
		{"#alert", `link = "wiki.example"`, `15:1: alert "ops": link is not a web address; begin it with https://`},
		{"#end", "[[alert]]\nname = \"a\"\nkind = \"pagerduty\"", `16:1: alert "a": routing_key is missing`},
		{"#end", "[[alert]]\nname = \"a\"\nkind = \"pagerduty\"\nrouting_key = \"short\"", `19:1: alert "a": routing_key has not 32 characters; copy the integration key of an Events API v2 integration`},
		{"#end", "[[alert]]\nname = \"a\"\nkind = \"pagerduty\"\nrouting_key = " + key32, ``},
		{"#end", "[[alert]]\nname = \"a\"\nkind = \"slack\"", `16:1: alert "a": url is missing`},
		{"#end", "[[alert]]\nname = \"a\"\nkind = \"slack\"\nurl = \"https://a.example\"\nrouting_key = " + key32, `20:1: alert "a": routing_key belongs to kind pagerduty, this is kind slack; remove it`},
		{"#end", "[[alert]]\nname = \"a\"\nkind = \"webhook\"\nurl = \"https://a.example\"\nsecrets = [\"x\"]", `20:12: alert "a": secret 1 does not sign webhooks; it is whsec_ and the base64 of 24 to 64 random bytes, as ` + "`openssl rand -base64 24`" + ` prints them`},

		// The rest.
		{"#end", "[journal]\nkeep = \"59m\"", `17:1: journal: keep is 59m; make it at least 1h`},
		{"#end", "[journal]\nmax_size = \"1000kB\"", `17:1: journal: max_size is 1MB; make it at least 1MiB`},
		{"#end", "[journal]\ndir = \"\"", `17:1: journal: dir is empty; leave it out for "data" beside this file`},
		{"#end", "[journal]\ndir = \"data\"\nurl = \"nats://localhost\"", `17:1: journal: dir and url are both given; keep dir for the journal inside this process, url for one on a server`},
		{"#end", "[journal]\nurl = \"nats://a:4222, tls://b:4222\"", ``},
		{"#end", "[journal]\nurl = \"nats://a:4222,http://b:4222\"", `17:1: journal: url has the wrong scheme; begin it with nats:// or tls:// or ws:// or wss://`},
		{"#end", "[api]\nlease = \"4s\"", `17:1: api: lease is 4s; make it 5s to 5m`},
		{"#end", "[api]\nlease = \"301s\"", `17:1: api: lease is 5m1s; make it 5s to 5m`},
		{"#end", "[api]\nlisten = \"\"", ``},
		{"#end", "[api]\nlisten = \"localhost:http\"", `17:1: api: listen is not host:port; write it like "127.0.0.1:9464"; "" is no server`},
		{"#end", "[[alert]]\nname = \"w\"\nkind = \"webhook\"\nurl = \"https://a.example\"", `16:1: alert "w": secrets is missing; a webhook is signed, so that its receiver can refuse everybody else's: whsec_ and what ` + "`openssl rand -base64 24`" + ` prints`},
		{"#end", "[api]\nlisten = \"localhost:65536\"", `17:1: api: listen is not host:port; write it like "127.0.0.1:9464"; "" is no server`},
		{"#end", "[[api.operator]]\ntoken = \"0123456789abcdef\"", `16:1: api operator 1: name is missing`},
		{"#end", "[[api.operator]]\nname = \"al\"", `16:1: api operator "al": token is missing; give token or token_file`},
		{"#end", "[[api.operator]]\nname = \"al\"\ntoken = \"0123456789abcde\"", `18:1: api operator "al": token is shorter than 16 characters; openssl rand -hex 32 makes a good one`},
		{"#end", "[[api.operator]]\nname = \"al\"\ntoken = \"0123456789abcdef\"\n[[api.operator]]\nname = \"bo\"\ntoken = \"0123456789abcdef\"", `21:1: api operator "bo": another operator has the same token; an action must name one person`},
		{"#end", "[log]\nlevel = \"inf\"", `17:1: log: level "inf" is unknown; did you mean info?`},
		{"#end", "[log]\nformat = \"jso\"", `17:1: log: format "jso" is unknown; did you mean json?`},
	} {
		t.Run(fmt.Sprintf("%s %.60s", c.marker, c.lines), func(t *testing.T) {
			if got := faultsOf(t, altered(map[string]string{c.marker: c.lines}), noEnv); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestEveryRollupNeedsASecondClock(t *testing.T) {
	const missing = `16:1: chain "x": l1 is missing; name the chain that it settles on: no L2 is judged without that second clock`
	for kind, want := range map[string]string{
		KindEVM: "", KindPolygon: "", KindOPStack: missing, KindArbitrum: missing, KindZKsync: missing, KindLinea: missing, KindScroll: missing,
	} {
		lines := fmt.Sprintf("[[chain]]\nname = \"x\"\nkind = %q\nchain_id = 5\nblock_time = \"1s\"\n[[chain.endpoint]]\nurl = \"https://x.example\"", kind)
		if got := faultsOf(t, altered(map[string]string{"#end": lines}), noEnv); got != want {
			t.Errorf("%s\n got %s\nwant %s", kind, got, want)
		}
	}
}

func TestNamesAreWellFormedAndUsedOnce(t *testing.T) {
	for _, name := range []string{"a", "9", "base-lending", "a_b", strings.Repeat("x", 63)} {
		if got := faultsOf(t, altered(map[string]string{"#end": fmt.Sprintf("[[alert]]\nname = %q\nkind = \"console\"", name)}), noEnv); got != "" {
			t.Errorf("%q: %s", name, got)
		}
	}
	for _, name := range []string{"A", "-a", "_a", "a.b", "a b", "é", "a/b", "a*", strings.Repeat("x", 64)} {
		got := faultsOf(t, altered(map[string]string{"#end": fmt.Sprintf("[[alert]]\nname = %q\nkind = \"console\"", name)}), noEnv)
		if !strings.Contains(got, "17:1: ") || !strings.Contains(got, "cannot be a name") {
			t.Errorf("%q: %s", name, got)
		}
	}
	for lines, want := range map[string]string{
		"[[alert]]\nname = \"ops\"\nkind = \"console\"":                         "17:1: alert \"ops\": the name is taken by the alert in line 12; names must differ",
		"[[hook]]\nname = \"ops\"\nkind = \"command\"\ncommand = [\"true\"]":    "13:1: alert \"ops\": the name is taken by the hook in line 16; names must differ",
		"[[chain]]\npreset = \"base\"":                                          "16:1: chain \"base\": the name is taken by the chain in line 4; names must differ",
		"[[circuit]]\nname = \"lending\"\nchain = \"base\"\nalerts = [\"ops\"]": "17:1: circuit \"lending\": the name is taken by the circuit in line 7; names must differ",
		"[[api.operator]]\nname = \"headwatch\"\ntoken = \"0123456789abcdef\"":  "17:1: api operator \"headwatch\": \"headwatch\" is the name of the program itself; use another",
	} {
		if got := faultsOf(t, altered(map[string]string{"#end": lines}), noEnv); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

func TestAnEmptyFileMissesItsChainAndItsCircuit(t *testing.T) {
	want := "1:1: there is no chain to watch; add a [[chain]], for example with preset = \"base\"\n" +
		"1:1: there is no circuit; add a [[circuit]]: without one nobody is told and nothing is paused"
	if got := faultsOf(t, nil, noEnv); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
