package config

import "testing"

func TestFaultsOfAlertsInChats(t *testing.T) {
	const (
		bot  = "token = \"xoxb-1-2-abc\"\n"
		id   = "to = [\"C0123456789\"]\n"
		tg   = "token = \"123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc\"\n"
		chat = "to = [\"-1001234567890\"]\n"
	)
	for _, c := range []struct{ kind, lines, want string }{
		{"slack", `url = "https://hooks.slack.com/services/T/B/x"`, ``},
		{"slack", ``, `16:1: alert "chat": url is missing`},
		{"slack", bot + id, ``},
		{"slack", bot + "to = [\"#ops\"]\ninbound = \"8f742231b10e8888abcd99eee85a5123\"\nurl = \"https://slack.example/api\"", ``},
		{"slack", "token = \"xoxp-1\"\n" + id, `19:1: alert "chat": token is not that of a bot; copy the Bot User OAuth Token of the app, which begins with xoxb-`},
		{"slack", bot, `16:1: alert "chat": to is missing; write the channel's ID, which stands last in its details: to = ["C0123456789"]`},
		{"slack", bot + `to = ["C0123456789", "C0123456780"]`, `20:1: alert "chat": to names 2 of them, and an alert tells one channel; write an alert for each`},
		{"slack", bot + `to = ["@alice"]`, `20:1: alert "chat": "@alice" is not a channel; write the channel's ID, which stands last in its details: to = ["C0123456789"]`},
		{"slack", bot + id + `inbound = "short"`, `21:1: alert "chat": inbound is too short to be a signing secret; copy the Signing Secret from the app's basic information`},
		{"slack", bot + id + `url = "https://hooks.slack.com/services/T/B/x"`, `21:1: alert "chat": url is a webhook, and there is a token; keep token and to for one message an incident, or url to post every step by itself`},
		{"slack", bot + id + `url = "ftp://slack.example"`, `21:1: alert "chat": url has the wrong scheme; begin it with https:// or http://`},
		{"slack", "url = \"https://hooks.slack.com/services/T/B/x\"\n" + id, `20:1: alert "chat": to belongs to a bot, and there is no token; give the token of a bot, or remove to: a webhook has its own channel and no buttons`},
		{"slack", bot + id + `thread = 3`, `21:1: alert "chat": thread belongs to kind telegram, this is kind slack; remove it`},
		{"discord", `url = "https://discord.com/api/webhooks/1/x?thread_id=2"`, ``},
		{"discord", `url = "https://relay.example/anything"`, ``},
		{"discord", ``, `16:1: alert "chat": url is missing`},
		{"discord", `url = "https://discord.com/channels/1/2"`, `19:1: alert "chat": url is not that of a webhook; copy it from the channel's settings: Integrations, Webhooks, Copy Webhook URL`},
		{"discord", `url = "https://discord.com/api/webhooks/1/x/slack"`, `19:1: alert "chat": url is for messages in another program's form; remove the last part of its path`},
		{"telegram", tg + chat, ``},
		{"telegram", tg + "to = [\"@ops_channel\"]\nthread = 7\nurl = \"http://127.0.0.1:8081\"", ``},
		{"telegram", chat, `16:1: alert "chat": token is missing; @BotFather gives one to every bot`},
		{"telegram", "token = \"bot123:x\"\n" + chat, `19:1: alert "chat": token is not that of a bot; copy all of what @BotFather gave: digits, a colon and some 35 characters`},
		{"telegram", tg + `to = ["ops"]`, `20:1: alert "chat": "ops" is not a chat; write the chat's id, which is negative for a group, or the name of a public channel: to = ["-1001234567890"] or to = ["@ops"]`},
		{"telegram", tg + chat + `thread = 0`, `21:1: alert "chat": thread is 0; write the number of a topic, which stands in links to its messages: t.me/c/CHAT/TOPIC/MESSAGE`},
		{"telegram", tg + chat + `url = "ftp://x"`, `21:1: alert "chat": url has the wrong scheme; begin it with https:// or http://`},
	} {
		alert := "[[alert]]\nname = \"chat\"\nkind = \"" + c.kind + "\"\n" + c.lines // lines 16 to 18
		if got := faultsOf(t, altered(map[string]string{"#end": alert}), noEnv); got != c.want {
			t.Errorf("%s %s\ngot\n%s\nwant\n%s", c.kind, c.lines, got, c.want)
		}
	}
}
