package config

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	teamID     = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	accountSID = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
	phone      = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) // E.164
	senderName = regexp.MustCompile(`^[A-Za-z0-9 ]{1,11}$`) // Twilio's alphanumeric sender ID
	ntfyTopic  = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)
	labelName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	ownLabels  = []string{"alertname", "job", "circuit", "chain", "incident", "level", "severity", "hook", "report", "dependant"}
)

const (
	maxTags = 20 // of an alert in Jira Service Management

	teamHelp  = "it is the last part of the address of the team's page: 4513b7ea-3b91-438f-b7e4-e3e54af9147c"
	topicHelp = "write the address of the topic: https://ntfy.sh/ and a name that nobody guesses"
	phoneHelp = "write a plus, the country and the number: +4915112345678"
)

// checkPager checks the keys of the kinds that ring.
func (d *document) checkPager(at path, a *Alert) {
	if d.has(at.key("url")) && slices.Contains([]string{AlertJSM, AlertTwilio}, a.Kind) {
		d.url(at, "url", a.URL, "https", "http")
	}
	switch a.Kind {
	case AlertJSM:
		d.token(at, a, "copy the key of an API integration of the team's operations")
		for i, id := range a.To {
			if !teamID.MatchString(id) {
				d.fault(at.key("to").item(i), fmt.Sprintf("%q is not the id of a team", id), teamHelp)
			}
		}
		if len(a.Labels) > maxTags {
			d.fault(at.key("labels"), fmt.Sprintf("%d labels, and an alert has at most %d tags", len(a.Labels), maxTags), "")
		}
	case AlertIncidentIO:
		d.token(at, a, "copy what follows Bearer in the settings of the HTTP alert source")
	case AlertNtfy:
		if u, err := url.Parse(a.URL.Reveal()); err == nil && u.Host != "" && !ntfyTopic.MatchString(u.Path[strings.LastIndexByte(u.Path, '/')+1:]) {
			d.fault(at.key("url"), "url has no topic", topicHelp)
		}
	case AlertTwilio:
		d.checkTwilio(at, a)
	case AlertAlertmanager:
		d.checkAlertmanager(at, a)
	}
}

func (d *document) token(at path, a *Alert, hint string) {
	if a.Token.IsZero() {
		d.missing(at, "token", hint)
	}
}

func (d *document) checkTwilio(at path, a *Alert) {
	d.token(at, a, "copy the Auth Token of Twilio's console")
	switch {
	case a.Account == "":
		d.missing(at, "account", "copy the Account SID of Twilio's console")
	case !accountSID.MatchString(a.Account):
		d.fault(at.key("account"), "account is no Account SID", "it is AC and 32 hexadecimal digits")
	}
	switch named := senderName.MatchString(a.Sender); {
	case a.Sender == "":
		d.missing(at, "sender", "give a number of the account")
	case a.Voice && named && !phone.MatchString(a.Sender):
		d.fault(at.key("sender"), "sender is a name, and a name cannot call", phoneHelp)
	case !named && !phone.MatchString(a.Sender):
		d.fault(at.key("sender"), "sender is no telephone number", phoneHelp)
	}
	if len(a.To) == 0 {
		d.missing(at, "to", "who is called or written to: [\"+4915112345678\"]")
	}
	for i, number := range a.To {
		switch {
		case !phone.MatchString(number):
			d.fault(at.key("to").item(i), fmt.Sprintf("%q is no telephone number", number), phoneHelp)
		case number == a.Sender:
			d.fault(at.key("to").item(i), "a number cannot call itself", "sender is the number of the account")
		}
	}
}

func (d *document) checkAlertmanager(at path, a *Alert) {
	if len(a.URLs) == 0 {
		d.missing(at, "urls", `name every replica: ["http://10.0.0.1:9093", "http://10.0.0.2:9093"]`)
	}
	for i, s := range a.URLs {
		here := at.key("urls").item(i)
		switch u, err := url.Parse(s.Reveal()); {
		case err != nil || u.Host == "":
			d.fault(here, "not a URL with a host", "")
		case u.Scheme != "https" && u.Scheme != "http":
			d.fault(here, "the scheme is wrong", "begin it with https:// or http://")
		case strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/api/v2/alerts"):
			d.fault(here, "/api/v2/alerts is added to it", "write what comes before")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		switch here := at.key("labels").key(name); {
		case slices.Contains(ownLabels, name):
			d.fault(here, "label "+name+" is one that every alert has", "choose another name")
		case !labelName.MatchString(name):
			d.fault(here, fmt.Sprintf("%q cannot be the name of a label", name), "")
		}
	}
}
