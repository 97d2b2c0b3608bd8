package config

import (
	"cmp"
	"fmt"
	"slices"
)

// warnings lists the secrets that the file itself holds, then the endpoints that share a host, what is unwise about signers, and
// the circuits whose page nobody would hear. Of URLs only those of unsigned chat and webhook alerts count: they are all that a
// stranger needs to write there. Those of endpoints are often public, those of hooks are worth nothing without the signing secret.
func (d *document) warnings(c *Config) []string {
	var found []path
	add := func(table path, key string) { found = append(found, table.key(key)) }
	for i := range c.Hooks {
		add(path("hook").item(i), "secrets")
	}
	for i, a := range c.Alerts {
		at := path("alert").item(i)
		add(at, "secrets")
		add(at, "routing_key")
		if a.Kind == AlertSlack || a.Kind == AlertWebhook {
			add(at, "url")
		}
	}
	for i := range c.Heartbeats {
		add(path("heartbeat").item(i), "url") // who has it can keep a dead watchdog looking alive
	}
	for i := range c.Signers {
		add(path("signer").item(i), "passphrase")
		add(path("signer").item(i), "key")
	}
	for i := range c.API.Operators {
		add(path("api").key("operator").item(i), "token")
	}
	found = slices.DeleteFunc(found, func(at path) bool { return !d.writtenOut(at) })
	slices.SortFunc(found, func(a, b path) int { return cmp.Compare(d.offsets[a], d.offsets[b]) })
	secrets := names(found, func(at path) string {
		line, _ := d.position(at)
		key := at.last()
		return fmt.Sprintf("%s:%d: %s: %s is written in the file; prefer ${ENV} or %s_file", d.name, line, d.title(at), key, key)
	})
	return slices.Concat(secrets, d.sharedHosts(c), d.signerWarnings(c), d.unpaged(c), d.sharedAlerts(c), d.idleDuty(c))
}

// sharedHosts lists endpoints that vote each for itself although one host answers for both. Behind a loopback address there
// may be anything: tunnels to different providers share it.
func (d *document) sharedHosts(c *Config) (all []string) {
	for i := range c.Chains {
		chain, first := &c.Chains[i], map[string]*Endpoint{}
		for j := range chain.Endpoints {
			e := &chain.Endpoints[j]
			host := e.URL.hostname()
			if host == "" || loopback(host) || !e.Votes(chain.Kind) {
				continue
			}
			if other := first[host]; other == nil {
				first[host] = e
			} else if other.Operator != e.Operator {
				line, _ := d.position(path("chain").item(i).key("endpoint").item(j))
				all = append(all, fmt.Sprintf("%s:%d: chain %q: endpoints %q and %q are both at %s and vote each for itself; give them one operator",
					d.name, line, chain.Name, other.Name, e.Name, host))
			}
		}
	}
	return all
}

// writtenOut reports whether a secret, or any of a list of them, stands in the file in clear.
func (d *document) writtenOut(at path) bool {
	if d.literal[at] {
		return true
	}
	for i := 0; d.has(at.item(i)); i++ {
		if d.literal[at.item(i)] {
			return true
		}
	}
	return false
}
