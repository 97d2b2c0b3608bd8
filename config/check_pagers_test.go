package config

import (
	"strings"
	"testing"

	"headwatch"
)

func TestWhatAPagerNeeds(t *testing.T) {
	const (
		jsm     = "kind = \"jsm\"\ntoken = \"genie\"\n"
		twilio  = "kind = \"twilio\"\naccount = \"AC0123456789abcdef0123456789abcdef\"\ntoken = \"t\"\nsender = \"+15005550006\"\nto = [\"+15005550009\"]\n"
		manager = "kind = \"alertmanager\"\nurls = [\"http://10.0.0.1:9093\", \"https://am.example/prefix\"]\n"
	)
	for _, c := range []struct{ base, old, change, want string }{
		{jsm, "", "", ``},
		{jsm, "token = \"genie\"\n", "", `16:1: alert "p": token is missing; copy the key of an API integration of the team's operations`},
		{jsm, "token", "url = \"https://api.opsgenie.com\"\nto = [\"4513b7ea-3b91-438f-b7e4-e3e54af9147c\"]\ntoken", ``},
		{jsm, "token", "url = \"api.opsgenie.com\"\ntoken", `19:1: alert "p": url is not a URL with a host`},
		{jsm, "token", "to = [\"ops\"]\ntoken", `19:7: alert "p": "ops" is not the id of a team; it is the last part of the address of the team's page: 4513b7ea-3b91-438f-b7e4-e3e54af9147c`},
		{"kind = \"grafana-irm\"\n", "", "", `16:1: alert "p": url is missing`},
		{"kind = \"grafana-irm\"\nurl = \"https://a.example/integrations/v1/formatted_webhook/x/\"\n", "", "", ``},
		{"kind = \"incident-io\"\nurl = \"https://api.incident.io/v2/alert_events/http/x\"\n", "", "", `16:1: alert "p": token is missing; copy what follows Bearer in the settings of the HTTP alert source`},
		{"kind = \"incident-io\"\nurl = \"https://api.incident.io/v2/alert_events/http/x\"\ntoken = \"t\"\n", "", "", ``},
		{"kind = \"ntfy\"\nurl = \"https://ntfy.sh/nobody-guesses_this\"\n", "", "", ``},
		{"kind = \"ntfy\"\nurl = \"https://ntfy.sh/\"\n", "", "", `19:1: alert "p": url has no topic; write the address of the topic: https://ntfy.sh/ and a name that nobody guesses`},
		{"kind = \"ntfy\"\nurl = \"https://ntfy.sh/a.b\"\n", "", "", `19:1: alert "p": url has no topic; write the address of the topic: https://ntfy.sh/ and a name that nobody guesses`},
		{twilio, "", "", ``},
		{twilio, "to =", "voice = true\nto =", ``},
		{twilio, "\"+15005550006\"", "\"Headwatch\"", ``},
		{twilio, "\"+15005550006\"", "\"Headwatch\"\nvoice = true", `21:1: alert "p": sender is a name, and a name cannot call; write a plus, the country and the number: +4915112345678`},
		{twilio, "\"+15005550006\"", "\"0049151\\n1\"", `21:1: alert "p": sender is no telephone number; write a plus, the country and the number: +4915112345678`},
		{twilio, "AC0", "", `19:1: alert "p": account is no Account SID; it is AC and 32 hexadecimal digits`},
		{twilio, "[\"+15005550009\"]", "[\"+15005550009\", \"015112345678\"]", `22:23: alert "p": "015112345678" is no telephone number; write a plus, the country and the number: +4915112345678`},
		{twilio, "[\"+15005550009\"]", "[\"+15005550006\"]", `22:7: alert "p": a number cannot call itself; sender is the number of the account`},
		{twilio, "to = [\"+15005550009\"]\n", "", `16:1: alert "p": to is missing; who is called or written to: ["+4915112345678"]`},
		{manager, "", "", ``},
		{manager, "urls", "labels = { team = \"protocol\" }\nurls", ``},
		{manager, "urls", "labels = { severity = \"low\" }\nurls", `19:12: alert "p": label severity is one that every alert has; choose another name`},
		{manager, "urls", "labels = { \"te-am\" = \"protocol\" }\nurls", `19:12: alert "p": "te-am" cannot be the name of a label`},
		{manager, "https://am.example/prefix", "am.example:9093", `19:33: alert "p": not a URL with a host`},
		{manager, "https://am.example/prefix", "https://am.example/api/v2/alerts", `19:33: alert "p": /api/v2/alerts is added to it; write what comes before`},
		{"kind = \"alertmanager\"\n", "", "", `16:1: alert "p": urls is missing; name every replica: ["http://10.0.0.1:9093", "http://10.0.0.2:9093"]`},
	} {
		lines := "[[alert]]\nname = \"p\"\n" + strings.Replace(c.base, c.old, c.change, 1)
		if got := faultsOf(t, altered(map[string]string{"#end": lines}), noEnv); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", lines, got, c.want)
		}
	}
}

func TestWhatWakesPeopleIsToldFromAPageOn(t *testing.T) {
	for kind, want := range map[string]headwatch.Level{
		AlertPagerDuty: headwatch.LevelPage, AlertJSM: headwatch.LevelPage, AlertGrafanaIRM: headwatch.LevelPage,
		AlertIncidentIO: headwatch.LevelPage, AlertTwilio: headwatch.LevelPage,
		AlertAlertmanager: headwatch.LevelWarn, AlertNtfy: headwatch.LevelWarn,
	} {
		a := Alert{Kind: kind}
		completeAlert(&a)
		if a.From != want {
			t.Errorf("%s: from %s", kind, a.From)
		}
		if known := kind == AlertPagerDuty || kind == AlertJSM || kind == AlertTwilio; a.URL.IsZero() == known {
			t.Errorf("%s: url %t", kind, known)
		}
	}
}
