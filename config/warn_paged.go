package config

import (
	"fmt"

	"headwatch"
)

// Unpaged says why a page of a circuit would reach nobody who is not looking: whom it tells instead; "" when it would.
func (c *Config) Unpaged(x *Circuit) string {
	instead := "nobody"
	for _, name := range x.Alerts {
		switch a := c.Alert(name); {
		case a == nil || a.From > headwatch.LevelPage:
		case a.Kind == AlertConsole:
			instead = "only the console"
		default:
			return ""
		}
	}
	return instead
}

// unpaged lists the circuits whose page nobody would hear.
func (d *document) unpaged(c *Config) (all []string) {
	for i := range c.Circuits {
		x := &c.Circuits[i]
		if instead := c.Unpaged(x); instead != "" {
			line, _ := d.position(path("circuit").item(i))
			all = append(all, fmt.Sprintf("%s:%d: nobody would be paged: circuit %q tells %s when it pages; list an alert of another kind, from warn or page",
				d.name, line, x.Name, instead))
		}
	}
	return all
}
