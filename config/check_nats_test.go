package config

import "testing"

func TestFaultsOfANATSHook(t *testing.T) {
	const bus = "[[hook]]\nname = \"bus\"\nkind = \"nats\"\n" // lines 16 to 18
	for _, c := range []struct{ lines, want string }{
		{`url = "nats://a:4222,tls://b:4222"`, ``},
		{`url = "nats://a:4222,https://b"`, `19:1: hook "bus": url has the wrong scheme; begin it with nats:// or tls:// or ws:// or wss://`},
		{``, `16:1: hook "bus": url is missing; give the url of a NATS server, or serve subscribers from this process with listen: the journal inside it takes no connections`},
		{"[journal]\nurl = \"nats://a\"", ``},
		{"ca = \"ca.pem\"\n[journal]\nurl = \"nats://a\"", `19:1: hook "bus": ca belongs to a hook with a url; without one the hook connects as the journal does`},
		{"url = \"nats://a\"\nsubject = \"a b\"", `20:1: hook "bus": subject "a b" cannot begin a subject; write up to 100 of a-z, A-Z, 0-9, - and _, with dots between: "risk.headwatch"`},
		{"url = \"nats://a\"\nsubject = \"risk.>\"", `20:1: hook "bus": subject "risk.>" cannot begin a subject; write up to 100 of a-z, A-Z, 0-9, - and _, with dots between: "risk.headwatch"`},
		{"url = \"nats://a\"\nsubject = \"hw.x\"", `20:1: hook "bus": subjects that begin with hw are the journal's own; use another`},
		{"url = \"nats://a\"\nsubject = \"hwx\"", ``},
		{"url = \"nats://a\"\nlease = \"1s\"", `20:1: hook "bus": lease is 1s; make it 5s to 5m`},
		{"url = \"nats://a\"\nmode = \"confirm\"", `20:1: hook "bus": a nats hook has nothing to veto; make it armed: it tells programs what was decided, and its leases cannot wait`},
		{"url = \"tls://a\"\ncert = \"x.pem\"", `16:1: hook "bus": cert_key is missing; a certificate and its key go together`},
		{"url = \"tls://a\"\nca = \"/nosuch/ca.pem\"", ``},
		{"url = \"tls://a\"\nmode = \"armed\"\nca = \"/nosuch/ca.pem\"", `21:1: hook "bus": ca "/nosuch/ca.pem": no such file or directory`},
		{"url = \"nats://a\"\nsubscribers = { desk = \"0123456789abcdef\" }", `20:1: hook "bus": subscribers belongs to a hook with listen; remove it, or serve them from this process with listen`},
		{"listen = \"127.0.0.1:4222\"\nsubscribers = { desk = \"0123456789abcdef\" }", ``},
		{"listen = \"127.0.0.1:4222\"\nsubscribers = { desk = \"0123456789abcde\" }", `20:17: hook "bus": the password of desk is shorter than 16 characters; openssl rand -hex 32 makes a good one`},
		{"listen = \"127.0.0.1:4222\"\nsubscribers = { \"de sk\" = \"0123456789abcdef\" }", `20:17: hook "bus": "de sk" cannot be the name of a subscriber; use up to 64 of a-z, A-Z, 0-9, -, _ and .`},
		{`listen = "127.0.0.1:4222"`, `16:1: hook "bus": subscribers is missing; name who may listen: subscribers = { market-maker = "${MARKET_MAKER_PASSWORD}" }`},
		{"listen = \":4222\"\nsubscribers = { desk = \"0123456789abcdef\" }", `19:1: hook "bus": listen is not host:port; write it like "127.0.0.1:4222"`},
		{"listen = \"0.0.0.0:4222\"\nsubscribers = { desk = \"0123456789abcdef\" }", `19:1: hook "bus": listen is reached from other machines, and there is no cert; give cert and cert_key: passwords must not cross a network in the clear`},
		{"listen = \"0.0.0.0:4222\"\ncert = \"c\"\ncert_key = \"k\"\nsubscribers = { desk = \"0123456789abcdef\" }", ``},
		{"listen = \"127.0.0.1:4222\"\nca = \"c\"\nsubscribers = { desk = \"0123456789abcdef\" }", `20:1: hook "bus": ca asks subscribers for certificates, and there is no cert; give cert and cert_key: certificates are shown over TLS only`},
		{"listen = \"127.0.0.1:4222\"\nurl = \"nats://a\"\nsubscribers = { desk = \"0123456789abcdef\" }", `20:1: hook "bus": listen and url are both given; keep listen to serve subscribers from this process, url for a server elsewhere`},
	} {
		if got := faultsOf(t, altered(map[string]string{"#end": bus + c.lines}), noEnv); got != c.want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", c.lines, got, c.want)
		}
	}
}

func TestFilesOfANATSHookAreRelativeToTheConfiguration(t *testing.T) {
	c, err := Parse("/etc/headwatch/config.toml", altered(map[string]string{
		"#end": "[[hook]]\nname = \"bus\"\nkind = \"nats\"\nurl = \"nats://a\"\ncredentials = \"bus.creds\"\nca = \"/ca.pem\"\n",
	}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if h := c.Hook("bus"); h.Credentials != "/etc/headwatch/bus.creds" || h.CA != "/ca.pem" || h.Subject != "headwatch" || h.Lease != c.API.Lease {
		t.Errorf("got %+v", h)
	}
}
