package config

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	// subjectForm keeps to characters that every NATS server, permission and stream takes for themselves.
	subjectForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	userForm    = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
)

// journalSubject is how the subjects of the journal's own stream begin: what is published there would become part of it.
const journalSubject = "hw"

// checkNATS checks a hook that publishes: where, as whom, and that nothing else lives on its subjects.
func (d *document) checkNATS(at path, h *Hook, c *Config) {
	if h.Kind != HookNATS {
		return
	}
	d.within(at.key("lease"), h.Lease, Duration(5*time.Second), Duration(5*time.Minute))
	switch first, _, _ := strings.Cut(h.Subject, "."); {
	case !subjectForm.MatchString(h.Subject) || len(h.Subject) > 100:
		d.fault(at.key("subject"), fmt.Sprintf("subject %q cannot begin a subject", h.Subject), `write up to 100 of a-z, A-Z, 0-9, - and _, with dots between: "risk.headwatch"`)
	case first == journalSubject:
		d.fault(at.key("subject"), "subjects that begin with hw are the journal's own", "use another")
	}
	if h.Mode == ModeConfirm {
		d.fault(at.key("mode"), "a nats hook has nothing to veto", "make it armed: it tells programs what was decided, and its leases cannot wait")
	}
	d.checkPair(at, h.Cert, h.CertKey)
	if h.Acts() {
		d.checkFilesOf(at, h)
	}
	if d.has(at.key("listen")) {
		d.checkListen(at, h)
		return
	}
	if d.has(at.key("subscribers")) {
		d.fault(at.key("subscribers"), "subscribers belongs to a hook with listen", "remove it, or serve them from this process with listen")
	}
	if !h.URL.IsZero() {
		for server := range strings.SplitSeq(h.URL.Reveal(), ",") {
			d.url(at, "url", NewSecret(strings.TrimSpace(server)), "nats", "tls", "ws", "wss")
		}
		return
	}
	if c.Journal.URL.IsZero() {
		d.missing(at, "url", "give the url of a NATS server, or serve subscribers from this process with listen: the journal inside it takes no connections")
	}
	for _, key := range []string{"credentials", "ca", "cert"} {
		if d.has(at.key(key)) {
			d.fault(at.key(key), key+" belongs to a hook with a url", "without one the hook connects as the journal does")
		}
	}
}

// checkFilesOf looks at the files that an armed hook needs.
func (d *document) checkFilesOf(at path, h *Hook) {
	for _, f := range []struct {
		key, name string
		look      func(string) error
	}{{"credentials", h.Credentials, private}, {"ca", h.CA, present}, {"cert", h.Cert, present}, {"cert_key", h.CertKey, private}} {
		if f.name != "" {
			d.file(at.key(f.key), f.name, f.look)
		}
	}
}

// checkListen checks a server for subscribers in this process. A password may cross the loopback in the clear, and no network.
func (d *document) checkListen(at path, h *Hook) {
	for _, key := range []string{"url", "url_file", "credentials"} {
		if d.has(at.key(key)) {
			d.fault(at.key(key), fmt.Sprintf("listen and %s are both given", key), "keep listen to serve subscribers from this process, url for a server elsewhere")
		}
	}
	host, port, err := net.SplitHostPort(h.Listen)
	n, notNumber := strconv.Atoi(port)
	switch {
	case err != nil || host == "" || notNumber != nil || n < 1 || n > 65535:
		d.fault(at.key("listen"), "listen is not host:port", `write it like "127.0.0.1:4222"`)
	case !loopback(host) && h.Cert == "":
		d.fault(at.key("listen"), "listen is reached from other machines, and there is no cert", "give cert and cert_key: passwords must not cross a network in the clear")
	}
	if h.CA != "" && h.Cert == "" {
		d.fault(at.key("ca"), "ca asks subscribers for certificates, and there is no cert", "give cert and cert_key: certificates are shown over TLS only")
	}
	if len(h.Subscribers) == 0 {
		d.missing(at, "subscribers", `name who may listen: subscribers = { market-maker = "${MARKET_MAKER_PASSWORD}" }`)
	}
	for name, password := range h.Subscribers {
		at := at.key("subscribers").key(name)
		switch {
		case !userForm.MatchString(name):
			d.fault(at, fmt.Sprintf("%q cannot be the name of a subscriber", name), "use up to 64 of a-z, A-Z, 0-9, -, _ and .")
		case len(password.Reveal()) < 16:
			d.fault(at, fmt.Sprintf("the password of %s is shorter than 16 characters", name), "openssl rand -hex 32 makes a good one")
		}
	}
}
