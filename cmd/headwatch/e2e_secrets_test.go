package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"headwatch/config"
)

// notPlanted are the keys whose secrets the test cannot plant, and why.
var notPlanted = map[string]string{
	"Journal.URL": "dir takes its place; package journal has tests of its own",
}

// assertAllPlanted fails for a key that holds a secret and is not in the configuration that is tried, and for a secret in it that nobody
// looks for.
func assertAllPlanted(t *testing.T, file string) {
	t.Helper()
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	plantedIn(reflect.ValueOf(cfg).Elem(), "", set)
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if _, excused := notPlanted[key]; excused == set[key] {
			t.Errorf("%s holds a secret: planted %t, excused %t", key, set[key], excused)
		}
	}
	for kind := range map[string]bool{
		config.AlertPagerDuty: true, config.AlertJSM: true, config.AlertGrafanaIRM: true, config.AlertIncidentIO: true, config.AlertAlertmanager: true,
		config.AlertSlack: true, config.AlertDiscord: true, config.AlertTelegram: true, config.AlertEmail: true, config.AlertTwilio: true,
		config.AlertNtfy: true, config.AlertWebhook: true,
	} {
		if !slices.ContainsFunc(cfg.Alerts, func(a config.Alert) bool { return a.Kind == kind }) {
			t.Errorf("no alert of kind %s is tried", kind)
		}
	}
}

// plantedIn notes of each key under a value that holds secrets, as Type.Field, whether one holds a planted secret.
func plantedIn(v reflect.Value, key string, set map[string]bool) {
	if s, ok := reflect.TypeAssert[config.Secret](v); ok {
		set[key] = set[key] || slices.ContainsFunc(slices.Collect(maps.Values(planted)), func(p string) bool { return strings.Contains(s.Reveal(), p) })
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				plantedIn(v.Field(i), v.Type().Name()+"."+f.Name, set)
			}
		}
	case reflect.Slice, reflect.Array:
		plantedIn(reflect.Zero(v.Type().Elem()), key, set) // so that what has no table at all is seen
		for i := range v.Len() {
			plantedIn(v.Index(i), key, set)
		}
	case reflect.Map:
		plantedIn(reflect.Zero(v.Type().Elem()), key, set)
		for _, k := range v.MapKeys() {
			plantedIn(v.MapIndex(k), key, set)
		}
	case reflect.Pointer:
		if v.IsNil() {
			v = reflect.New(v.Type().Elem())
		}
		plantedIn(v.Elem(), key, set)
	}
}

// pagingConfig is every other kind of alert and calendar, with secrets from planted: OUTSIDE is a server that fails and says back what
// it is told, UNTRUSTED one whose certificate nobody signed.
func pagingConfig(outside, untrusted string) string {
	pairs := []string{"OUTSIDE", outside, "PASSWORDED", strings.Replace(outside, "//", "//user:"+planted["password of Alertmanager"]+"@", 1), "UNTRUSTED", untrusted}
	for name, value := range planted {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(`
[[alert]]
name = "slack-bot"
kind = "slack"
url = "OUTSIDE"
token = "{token of Slack}"
to = ["C0123456789"]
inbound = "{signing secret of Slack}"

[[alert]]
name = "telegram"
kind = "telegram"
url = "OUTSIDE"
token = "{token of Telegram}"
to = ["-1001234567890"]

[[alert]]
name = "jsm"
kind = "jsm"
url = "OUTSIDE"
token = "{key of Jira}"

[[alert]]
name = "grafana"
kind = "grafana-irm"
url = "OUTSIDE/{URL of Grafana}/"

[[alert]]
name = "incident-io"
kind = "incident-io"
url = "OUTSIDE/v2/alert_events"
token = "{token of incident.io}"

[[alert]]
name = "prometheus"
kind = "alertmanager"
urls = ["PASSWORDED", "OUTSIDE"]
token = "{token of Alertmanager}"

[[alert]]
name = "discord"
kind = "discord"
url = "OUTSIDE/api/webhooks/1/{token of Discord}"

[[alert]]
name = "mail"
kind = "email"
url = "smtp://127.0.0.1:1"
account = "headwatch"
token = "{password of mail}"
sender = "headwatch@example.com"
to = ["alice@example.com"]

[[alert]]
name = "phone"
kind = "twilio"
url = "OUTSIDE"
account = "AC0123456789abcdef0123456789abcdef"
token = "{token of Twilio}"
sender = "+15005550006"
to = ["+15005550009"]

[[alert]]
name = "ntfy"
kind = "ntfy"
url = "OUTSIDE/{topic of ntfy}"
token = "{token of ntfy}"

[[alert]]
name = "programs"
kind = "webhook"
url = "OUTSIDE/alerts"
secrets = ["whsec_{secret of an alert webhook}"]

[[person]]
name = "ada"
tell = ["phone"]

[[rota]]
name = "first-line"
calendar = "UNTRUSTED/{calendar of a rota}.ics"
fallback = ["ada"]

[[maintenance]]
name = "upgrades"
match = ["chain=two"]
reason = "planned"
calendar = "UNTRUSTED/{calendar of a window}.ics"
`)
}
