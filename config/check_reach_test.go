package config

import "testing"

func TestWhereThisServerIsReached(t *testing.T) {
	const duty = "[[alert]]\nname = \"duty\"\nkind = \"pagerduty\"\nurl = \"https://a.example\"\nrouting_key = \"0123456789abcdef0123456789abcdef\"\n"
	for _, c := range []struct{ lines, want string }{
		{"[api]\npublic_url = \"https://watch.example\"", ""},
		{"[api]\npublic_url = \"http://watch.example:9464/headwatch/\"", ""},
		{"[api]\npublic_url = \"watch.example\"", `17:1: api: public_url is not a web address; begin it with https://`},
		{"[api]\npublic_url = \"ftp://watch.example\"", `17:1: api: public_url is not a web address; begin it with https://`},
		{"[api]\npublic_url = \"https://ada:secret@watch.example\"", `17:1: api: public_url has more than a host and a path; messages carry it: leave out users, queries and fragments`},
		{"[api]\npublic_url = \"https://watch.example/?key=x\"", `17:1: api: public_url has more than a host and a path; messages carry it: leave out users, queries and fragments`},
		{"[api]\nlisten = \"\"\npublic_url = \"https://watch.example\"", `18:1: api: public_url leads nowhere; set api.listen: there is no server to answer`},
		{duty + "inbound = \"0123456789abcdef\"", ""},
		{duty + "inbound = \"0123456789abcde\"", `21:1: alert "duty": inbound is shorter than 16 characters; take the secret that is shown where the webhook is set up`},
		{duty + "inbound = \"0123456789abcdef\"\n[api]\nlisten = \"\"", `21:1: alert "duty": nothing can come in; set api.listen: there is no server to answer`},
	} {
		if got := faultsOf(t, altered(map[string]string{"#end": c.lines}), noEnv); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.lines, got, c.want)
		}
	}
}
