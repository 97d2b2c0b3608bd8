package config

import (
	"net"
	"strconv"
	"strings"
	"time"
)

var (
	logLevels  = []string{"debug", "info", "warn", "error"}
	logFormats = []string{"auto", "console", "json"}
)

func (d *document) checkJournal(at path, j *Journal) {
	d.atLeast(at.key("keep"), j.Keep, Duration(time.Hour))
	if j.MaxSize < 1<<20 {
		d.fault(at.key("max_size"), "max_size is "+j.MaxSize.String(), "make it at least 1MiB")
	}
	if j.Dir == "" && j.URL.IsZero() {
		d.missing(at, "dir", `leave it out for "data" beside this file`)
	}
	if d.has(at.key("dir")) && (d.has(at.key("url")) || d.has(at.key("url_file"))) {
		d.fault(at.key("dir"), "dir and url are both given", "keep dir for the journal inside this process, url for one on a server")
	}
	if j.URL.IsZero() {
		return
	}
	for server := range strings.SplitSeq(j.URL.Reveal(), ",") {
		d.url(at, "url", NewSecret(strings.TrimSpace(server)), "nats", "tls", "ws", "wss")
	}
}

func (d *document) checkAPI(at path, a *API) {
	d.within(at.key("lease"), a.Lease, Duration(5*time.Second), Duration(5*time.Minute))
	if a.Listen != "" {
		_, port, err := net.SplitHostPort(a.Listen)
		if n, notNumber := strconv.Atoi(port); err != nil || notNumber != nil || n < 0 || n > 65535 {
			d.fault(at.key("listen"), "listen is not host:port", `write it like "127.0.0.1:9464"; "" is no server`)
		}
	}
	tokens := map[string]bool{}
	for i, o := range a.Operators {
		at := at.key("operator").item(i)
		switch token := o.Token; {
		case token.IsZero():
			d.missing(at, "token", "give token or token_file")
		case len(token.Reveal()) < 16:
			d.fault(at.key("token"), "token is shorter than 16 characters", "openssl rand -hex 32 makes a good one")
		case tokens[token.Reveal()]:
			d.fault(at.key("token"), "another operator has the same token", "an action must name one person")
		default:
			tokens[token.Reveal()] = true
		}
	}
}

func (d *document) checkLog(at path, l *Log) {
	d.choice(at.key("level"), l.Level, logLevels)
	d.choice(at.key("format"), l.Format, logFormats)
}
