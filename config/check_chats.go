package config

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

var (
	slackChannel  = regexp.MustCompile(`^([CDGUW][A-Z0-9]{6,20}|#[^\s#@]{1,80})$`)
	telegramToken = regexp.MustCompile(`^[0-9]{5,20}:[A-Za-z0-9_-]{20,100}$`)
	telegramChat  = regexp.MustCompile(`^(-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,40})$`)
)

// checkChat checks the alerts that are told in a chat: where, as whom, and that what is copied from there was the right thing.
func (d *document) checkChat(at path, a *Alert) {
	switch a.Kind {
	case AlertSlack:
		d.checkSlack(at, a)
	case AlertDiscord:
		d.checkDiscord(at, a)
	case AlertTelegram:
		d.checkTelegram(at, a)
	}
}

func (d *document) checkSlack(at path, a *Alert) {
	if a.Token.IsZero() {
		for _, key := range []string{"to", "inbound"} {
			if d.has(at.key(key)) {
				d.fault(at.key(key), key+" belongs to a bot, and there is no token", "give the token of a bot, or remove "+key+": a webhook has its own channel and no buttons")
			}
		}
		return
	}
	if !strings.HasPrefix(a.Token.Reveal(), "xoxb-") {
		d.fault(at.key("token"), "token is not that of a bot", "copy the Bot User OAuth Token of the app, which begins with xoxb-")
	}
	d.one(at, a.To, "channel", slackChannel, `write the channel's ID, which stands last in its details: to = ["C0123456789"]`)
	if !a.Inbound.IsZero() && len(a.Inbound.Reveal()) < 16 {
		d.fault(at.key("inbound"), "inbound is too short to be a signing secret", "copy the Signing Secret from the app's basic information")
	}
	if !d.has(at.key("url")) {
		return
	}
	if a.URL.hostname() == "hooks.slack.com" {
		d.fault(at.key("url"), "url is a webhook, and there is a token", "keep token and to for one message an incident, or url to post every step by itself")
		return
	}
	d.url(at, "url", a.URL, "https", "http")
}

// checkDiscord finds addresses that were copied from the wrong place. One that cannot be read is reported elsewhere.
func (d *document) checkDiscord(at path, a *Alert) {
	u, err := url.Parse(a.URL.Reveal())
	if err != nil || !strings.HasSuffix(a.URL.hostname(), "discord.com") {
		return
	}
	switch {
	case !strings.Contains(u.Path, "/webhooks/"):
		d.fault(at.key("url"), "url is not that of a webhook", "copy it from the channel's settings: Integrations, Webhooks, Copy Webhook URL")
	case strings.HasSuffix(u.Path, "/slack"), strings.HasSuffix(u.Path, "/github"):
		d.fault(at.key("url"), "url is for messages in another program's form", "remove the last part of its path")
	}
}

func (d *document) checkTelegram(at path, a *Alert) {
	switch {
	case a.Token.IsZero():
		d.missing(at, "token", "@BotFather gives one to every bot")
	case !telegramToken.MatchString(a.Token.Reveal()):
		d.fault(at.key("token"), "token is not that of a bot", "copy all of what @BotFather gave: digits, a colon and some 35 characters")
	}
	d.one(at, a.To, "chat", telegramChat, `write the chat's id, which is negative for a group, or the name of a public channel: to = ["-1001234567890"] or to = ["@ops"]`)
	if d.has(at.key("thread")) && a.Thread < 1 {
		d.fault(at.key("thread"), fmt.Sprintf("thread is %d", a.Thread), "write the number of a topic, which stands in links to its messages: t.me/c/CHAT/TOPIC/MESSAGE")
	}
	if d.has(at.key("url")) {
		d.url(at, "url", a.URL, "https", "http")
	}
}

// one checks that to names one receiver in the form that it has there.
func (d *document) one(at path, to []string, what string, form *regexp.Regexp, hint string) {
	switch {
	case len(to) == 0:
		d.missing(at, "to", hint)
	case len(to) > 1:
		d.fault(at.key("to"), fmt.Sprintf("to names %d of them, and an alert tells one %s", len(to), what), "write an alert for each")
	case !form.MatchString(to[0]):
		d.fault(at.key("to"), fmt.Sprintf("%q is not a %s", to[0], what), hint)
	}
}
