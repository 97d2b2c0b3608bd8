package config

import (
	"fmt"
	"net/url"
)

// checkReach checks the ways by which people and their pagers reach this server.
func (d *document) checkReach(c *Config) {
	const server = "set api.listen: there is no server to answer"
	if at := path("api").key("public_url"); c.API.PublicURL != "" {
		u, err := url.Parse(c.API.PublicURL)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			d.fault(at, "public_url is not a web address", "begin it with https://")
		case u.User != nil || u.RawQuery != "" || u.Fragment != "":
			d.fault(at, "public_url has more than a host and a path", "messages carry it: leave out users, queries and fragments")
		case c.API.Listen == "":
			d.fault(at, "public_url leads nowhere", server)
		}
	}
	for i, a := range c.Alerts {
		at := path("alert").item(i).key("inbound")
		switch n := len(a.Inbound.Reveal()); {
		case a.Inbound.IsZero():
		case n < minInbound:
			d.fault(at, fmt.Sprintf("inbound is shorter than %d characters", minInbound), "take the secret that is shown where the webhook is set up")
		case c.API.Listen == "":
			d.fault(at, "nothing can come in", server)
		}
	}
}

// minInbound is the length in bytes under which a signing secret could be guessed.
const minInbound = 16
