package alert

import (
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"headwatch"
	"headwatch/config"
)

// pictures is set by `make pictures`, which has a browser draw what is written here.
var pictures = flag.String("pictures", "", "write pages that show messages as their receivers show them into this folder")

var (
	weblink  = regexp.MustCompile(`https://[^\s,<]+`)
	strong   = regexp.MustCompile(`\*\*(.+?)\*\*`)
	bold     = regexp.MustCompile(`\*(.+?)\*`)
	escaped  = regexp.MustCompile(`\\(.)`)
	codes    = strings.NewReplacer(":red_circle:", "🔴", ":large_orange_circle:", "🟠", ":large_yellow_circle:", "🟡", ":large_blue_circle:", "🔵", ":white_check_mark:", "✅")
	linkedAs = `<a href="$0">$0</a>`
)

// lookalike are the ways in which receivers make a text of what they are sent.
var lookalike = template.FuncMap{
	"code": codes.Replace,
	"mrkdwn": func(s string) template.HTML { // escaped as Slack wants it, which is as HTML does
		return template.HTML(weblink.ReplaceAllString(bold.ReplaceAllString(codes.Replace(s), "<b>$1</b>"), linkedAs))
	},
	"markdown": func(s string) template.HTML {
		s = strings.ReplaceAll(html.EscapeString(s), joiner, "")
		return template.HTML(weblink.ReplaceAllString(escaped.ReplaceAllString(strong.ReplaceAllString(s, "<strong>$1</strong>"), "$1"), linkedAs))
	},
	"entities": func(r telegramRequest) template.HTML {
		all, e := utf16.Encode([]rune(r.Text)), r.Entities[0]
		part := func(from, until int) string { return html.EscapeString(string(utf16.Decode(all[from:until]))) }
		return template.HTML(part(0, e.Offset) + "<b>" + part(e.Offset, e.Offset+e.Length) + "</b>" + weblink.ReplaceAllString(part(e.Offset+e.Length, len(all)), linkedAs))
	},
	"color": func(c int) template.CSS { return template.CSS(fmt.Sprintf("#%06x", c)) },
	"tag": func(tags []string) string {
		return map[string]string{"rotating_light": "🚨", "warning": "⚠️", "white_check_mark": "✅"}[strings.Join(tags, " ")]
	},
}

func TestPreviews(t *testing.T) {
	page, err := template.New("preview.html").Funcs(lookalike).ParseFiles("testdata/preview.html")
	if err != nil {
		t.Fatal(err)
	}
	dir := *pictures
	if dir == "" {
		dir = t.TempDir() // that they can be made is held without a browser
	}
	trip := shownStep(headwatch.StepTrip)
	decode := func(kind string, into any) {
		t.Helper()
		if err := json.Unmarshal(shownAs(t, kind, trip, nil).body, into); err != nil {
			t.Fatal(err)
		}
	}
	var data struct {
		Name          string
		Slack         slackRequest
		Replies       []slackRequest
		Discord       discordMessage
		Telegram      telegramRequest
		Ntfy          ntfyMessage
		PagerDuty     pagerDutyEvent
		SMS           string
		Subject, Mail string
	}
	data.Slack, data.Replies = shownSlack(t, headwatch.StepPage, headwatch.StepTrip, headwatch.StepEscalate)
	decode(config.AlertDiscord, &data.Discord)
	decode(config.AlertTelegram, &data.Telegram)
	decode(config.AlertNtfy, &data.Ntfy)
	decode(config.AlertPagerDuty, &data.PagerDuty)
	form, err := url.ParseQuery(string(shownAs(t, config.AlertTwilio, trip, func(c *config.Alert) { c.Voice = false }).body))
	if err != nil {
		t.Fatal(err)
	}
	m := writer{shownDeps(), shownRunbook}.message(trip)
	data.SMS, data.Subject, data.Mail = form.Get("Body"), m.headline, m.lines()
	for _, data.Name = range []string{"slack", "discord-telegram", "phone"} {
		var b strings.Builder
		if err := page.Execute(&b, data); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "TRIP base-lending") {
			t.Errorf("%s shows no trip", data.Name)
		}
		if err := os.WriteFile(filepath.Join(dir, data.Name+".html"), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
