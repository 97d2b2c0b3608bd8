package config

import "fmt"

// sharedAlerts lists alerts that reach several people: when one of them is on call, the others are woken too.
func (d *document) sharedAlerts(c *Config) (all []string) {
	owner := map[string]string{}
	for i, p := range c.People {
		for j, a := range p.Tell {
			if first, taken := owner[a]; taken && first != p.Name {
				line, _ := d.position(path("person").item(i).key("tell").item(j))
				all = append(all, fmt.Sprintf("%s:%d: person %q: alert %q also reaches %s, who is woken whenever %s is on call", d.name, line, p.Name, a, first, p.Name))
			} else {
				owner[a] = p.Name
			}
		}
	}
	return all
}
