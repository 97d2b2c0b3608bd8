package config

import (
	"net/mail"
	"net/url"
)

// Local reports whether the host of a secret URL is this machine.
func (s Secret) Local() bool { return loopback(s.hostname()) }

func (d *document) checkEmail(at path, a *Alert) {
	d.url(at, "url", a.URL, "smtp", "smtps")
	if u, err := url.Parse(a.URL.Reveal()); err == nil && u.User != nil {
		d.fault(at.key("url"), "url holds a user", "write it to account, and the password to token")
	}
	if a.Sender == "" {
		d.missing(at, "sender", `the address that the messages come from: "headwatch@example.com"`)
	} else if !isAddress(a.Sender) {
		d.fault(at.key("sender"), "sender is no address", `write "headwatch@example.com" or "Headwatch <headwatch@example.com>"`)
	}
	if len(a.To) == 0 {
		d.missing(at, "to", `who is told: ["on-call@example.com"]`)
	}
	for i, to := range a.To {
		if !isAddress(to) {
			d.fault(at.key("to").item(i), "to has what is no address", `write "on-call@example.com"`)
		}
	}
	if (a.Account == "") != a.Token.IsZero() {
		d.fault(at.key("account"), "account and token belong together", "give both, or neither where the server asks for none")
	}
}

func isAddress(a string) bool {
	_, err := mail.ParseAddress(a)
	return err == nil
}
