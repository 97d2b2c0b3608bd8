package config

import (
	"cmp"
	"fmt"
	"slices"
)

// warnings lists the secrets that the file itself holds. Of URLs only those of unsigned chat and webhook alerts count: they
// are all that a stranger needs to write there. Those of endpoints are often public, those of hooks are worth nothing
// without the signing secret.
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
	for i := range c.API.Operators {
		add(path("api").key("operator").item(i), "token")
	}
	found = slices.DeleteFunc(found, func(at path) bool { return !d.writtenOut(at) })
	slices.SortFunc(found, func(a, b path) int { return cmp.Compare(d.offsets[a], d.offsets[b]) })
	return names(found, func(at path) string {
		line, _ := d.position(at)
		key := at.last()
		return fmt.Sprintf("%s:%d: %s: %s is written in the file; prefer ${ENV} or %s_file", d.name, line, d.title(at), key, key)
	})
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
