package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"headwatch"
)

var (
	hookKinds = []string{HookWebhook, HookCommand, HookEVM, HookUptimeFeed, HookNATS}
	hookModes = []string{ModeOff, ModeDryRun, ModeConfirm, ModeArmed}
	hookKeys  = map[string][]string{
		"url": {HookWebhook, HookNATS}, "secrets": {HookWebhook}, "command": {HookCommand}, "env": {HookCommand},
		"chain": onChain, "via": onChain, "to": onChain, "signer": onChain, "gas_limit": onChain, "max_fee": onChain, "replace_after": onChain,
		"confirmations": onChain, "confirm_within": onChain,
		"preset": {HookEVM}, "call": {HookEVM}, "args": {HookEVM}, "read": {HookEVM}, "read_args": {HookEVM}, "read_to": {HookEVM}, "want": {HookEVM},
		"resume": {HookEVM}, "resume_args": {HookEVM}, "resume_signer": {HookEVM}, "safe": {HookEVM}, "lease": {HookUptimeFeed, HookNATS},
		"subject": {HookNATS}, "credentials": {HookNATS}, "ca": {HookNATS}, "cert": {HookNATS}, "cert_key": {HookNATS},
		"listen": {HookNATS}, "subscribers": {HookNATS},
	}
	onChain = []string{HookEVM, HookUptimeFeed}

	alertKinds = []string{
		AlertPagerDuty, AlertJSM, AlertGrafanaIRM, AlertIncidentIO, AlertAlertmanager, AlertSlack, AlertDiscord, AlertTelegram, AlertEmail,
		AlertTwilio, AlertNtfy, AlertWebhook, AlertConsole,
	}
	alertKeys = map[string][]string{
		"url": {
			AlertPagerDuty, AlertJSM, AlertGrafanaIRM, AlertIncidentIO, AlertSlack, AlertDiscord, AlertTelegram, AlertEmail, AlertTwilio,
			AlertNtfy, AlertWebhook,
		},
		"urls": {AlertAlertmanager}, "routing_key": {AlertPagerDuty}, "secrets": {AlertWebhook}, "body": {AlertWebhook},
		"token":   {AlertSlack, AlertTelegram, AlertJSM, AlertIncidentIO, AlertNtfy, AlertTwilio, AlertAlertmanager, AlertEmail},
		"inbound": {AlertPagerDuty, AlertSlack}, "to": {AlertSlack, AlertTelegram, AlertEmail, AlertTwilio, AlertJSM},
		"sender": {AlertEmail, AlertTwilio}, "account": {AlertEmail, AlertTwilio}, "thread": {AlertTelegram}, "voice": {AlertTwilio},
		"labels": {AlertAlertmanager, AlertJSM},
	}
	levels = []string{headwatch.LevelWarn.String(), headwatch.LevelPage.String(), headwatch.LevelTrip.String()}

	environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// signed is why a webhook that is sent needs a secret.
const signed = "a webhook is signed, so that its receiver can refuse everybody else's: whsec_ and what `openssl rand -base64 24` prints"

func (d *document) checkHook(at path, h *Hook) {
	d.deliveryTimeout(at.key("timeout"), h.Timeout)
	d.choice(at.key("mode"), h.Mode, hookModes)
	if !d.kind(at, h.Kind, hookKinds) {
		return
	}
	d.belong(at, "kind", h.Kind, hookKeys)
	switch h.Kind {
	case HookWebhook:
		d.url(at, "url", h.URL, "https", "http")
		d.signingSecrets(at.key("secrets"), h.Secrets)
		if h.Acts() && len(h.Secrets) == 0 {
			d.missing(at, "secrets", signed)
		}
	case HookCommand:
		if len(h.Command) == 0 || h.Command[0] == "" {
			d.missing(at, "command", `write the program and its arguments: command = ["/usr/local/bin/pause", "--all"]`)
		}
		for name := range h.Env {
			if !environmentName.MatchString(name) {
				d.fault(at.key("env").key(name), fmt.Sprintf("%q cannot be the name of an environment variable", name), "")
			}
		}
	}
}

func (d *document) checkAlert(at path, a *Alert) {
	d.deliveryTimeout(at.key("timeout"), a.Timeout)
	d.atLeast(at.key("coalesce"), a.Coalesce, Duration(time.Second))
	if u, err := url.Parse(a.Link); a.Link != "" && (err != nil || u.Host == "" || !slices.Contains([]string{"https", "http"}, u.Scheme)) {
		d.fault(at.key("link"), "link is not a web address", "begin it with https://")
	}
	if !d.kind(at, a.Kind, alertKinds) {
		return
	}
	d.belong(at, "kind", a.Kind, alertKeys)
	switch a.Kind {
	case AlertPagerDuty, AlertWebhook, AlertDiscord, AlertGrafanaIRM, AlertIncidentIO, AlertNtfy:
		d.url(at, "url", a.URL, "https", "http")
	case AlertEmail:
		d.checkEmail(at, a)
	case AlertSlack:
		if a.Token.IsZero() {
			d.url(at, "url", a.URL, "https", "http")
		}
	}
	d.checkPager(at, a)
	if a.Kind == AlertWebhook && len(a.Secrets) == 0 {
		d.missing(at, "secrets", signed)
	}
	switch {
	case a.Kind != AlertPagerDuty:
	case a.RoutingKey.IsZero():
		d.missing(at, "routing_key", "")
	case len(a.RoutingKey.Reveal()) != 32:
		d.fault(at.key("routing_key"), "routing_key has not 32 characters", "copy the integration key of an Events API v2 integration")
	}
	d.signingSecrets(at.key("secrets"), a.Secrets)
	d.checkChat(at, a)
}

func (d *document) kind(at path, kind string, known []string) bool {
	if kind == "" {
		d.missing(at, "kind", DidYouMean("", known))
		return false
	}
	return d.choice(at.key("kind"), kind, known)
}
