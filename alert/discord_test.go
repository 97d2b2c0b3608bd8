package alert

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// As in https://discord.com/developers/docs/topics/rate-limits, and what it must not do to us.
var discordThrottles = map[string]time.Duration{
	`{"message":"You are being rate limited.","retry_after":64.57,"global":false}`:          64570 * time.Millisecond,
	`{"message":"You are being rate limited.","retry_after":1336.57,"global":true}`:         5 * time.Minute,
	`{"message":"The resource is being rate limited.","retry_after":0.0004,"global":false}`: time.Millisecond,
	`{"message":"The resource is being rate limited.","retry_after":-1,"global":false}`:     0,
	`{"message":"The resource is being rate limited.","retry_after":"soon","global":false}`: 0,
}

// discordWithin holds a request to the limits of a message, counted in UTF-16.
func discordWithin(t *rapid.T, request []byte) {
	var m discordMessage
	if err := json.Unmarshal(request, &m); err != nil {
		t.Fatal(err)
	}
	length := func(s string) int { return len(utf16.Encode([]rune(s))) }
	total := 0
	for _, f := range m.Embeds[0].Fields {
		total += length(f.Name) + length(f.Value)
		if f.Name == "" || f.Value == "" || length(f.Name) > 256 || length(f.Value) > 1024 {
			t.Fatalf("field %q of %d", f.Name, length(f.Value))
		}
	}
	if length(m.Content) > 2000 || len(m.Embeds[0].Fields) > 25 || total > 6000 || m.Mentions.Parse == nil || len(m.Mentions.Parse) != 0 {
		t.Fatalf("content %d, %d fields with %d, mentions %q", length(m.Content), len(m.Embeds[0].Fields), total, m.Mentions.Parse)
	}
	if strings.Contains(m.Content, "@everyone") || strings.Contains(m.Content, "://") || strings.Count(m.Content, "**") > 2 {
		t.Fatalf("markup in %q", m.Content)
	}
}

func TestDiscordMessagesAreTheGoldenOnes(t *testing.T) {
	for name, n := range map[string]headwatch.Notice{
		"trip": deliverytest.Notice(headwatch.StepTrip, "ops"), "ack": deliverytest.Notice(headwatch.StepAck, "ops"),
	} {
		_, body := posted(t, config.AlertDiscord, 200, `{"id":"1"}`, func(s delivery.Sender) (string, error) {
			return s.Send(t.Context(), s.Route(), n)
		})
		golden(t, "discord-"+name+".json", []byte(body))
	}
}

func TestDiscordIsAskedToWaitAndTheThreadStays(t *testing.T) {
	var query string
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.RawQuery
		_, _ = w.Write([]byte(`{"id":"1"}`))
	}))
	defer receiver.Close()
	s, err := New(conf(config.AlertDiscord, config.NewSecret(receiver.URL+"/api/webhooks/1/x?thread_id=42&wait=false")), deps)
	if err != nil {
		t.Fatal(err)
	}
	if detail, err := s.Send(t.Context(), s.Route(), deliverytest.Notice(headwatch.StepTrip, "ops")); err != nil || detail != "message 1" {
		t.Errorf("%q, %v", detail, err)
	}
	if query != "thread_id=42&wait=true" {
		t.Errorf("asked for %q", query)
	}
}

func TestWhatAStrangerWritesDoesNothingInDiscord(t *testing.T) {
	for in, want := range map[string]string{
		"@everyone":                 "@\u2060everyone",
		"<@&1> <#2> <t:3>":          `\<@` + "\u2060" + `&1\> \<\#2\> \<t:3\>`,
		"[free](https://evil.test)": `\[free\](https:/` + "\u2060/\u2060" + `evil.test)`,
		"a_b *c* ~~d~~ `e` ||f||":   `a\_b \*c\* \~\~d\~\~ ` + "\\`e\\`" + ` \|\|f\|\|`,
		`\`:                         `\\`,
	} {
		if got := fit(in, 100, discordRune); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestOnlyWhatRingsRingsInDiscord(t *testing.T) {
	var loud []string
	for _, n := range story() {
		if discordBody(n, testWriter.message(n)).Flags == 0 {
			loud = append(loud, string(n.Kind))
		}
	}
	for _, kind := range headwatch.ReportKinds() {
		n := deliverytest.Report(kind, "ops")
		if (discordBody(n, testWriter.message(n)).Flags == 0) != kind.Urgent() {
			t.Errorf("report %s", kind)
		}
	}
	if want := []string{"warn", "page", "trip", "escalate", "relapse"}; !slices.Equal(loud, want) {
		t.Errorf("%q ring, want %q", loud, want)
	}
}
