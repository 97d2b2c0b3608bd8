package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
)

const maxCooldown = Duration(30 * day)

// checkGuard checks what bounds the hooks: how often they fire, who may fire them, who hears of it, and that no two undo each
// other.
func (d *document) checkGuard(c *Config) {
	d.notNegative("scarcity", "max_per_day", c.Scarcity.MaxPerDay)
	d.notNegative("scarcity", "max_per_chain_day", c.Scarcity.MaxPerChainDay)
	for i := range c.Hooks {
		h, at := &c.Hooks[i], path("hook").item(i)
		d.checkScarcity(at, h, c)
		d.checkBlastRadius(at, h, c)
		d.checkOpponents(at, h, c.Hooks[:i])
		d.checkPagers(h, c)
	}
}

func (d *document) notNegative(table path, key string, n int) {
	if n < 0 {
		d.fault(table.key(key), fmt.Sprintf("%s is %d", key, n), "make it a number of firings; 0 is no limit")
	}
}

func (d *document) checkScarcity(at path, h *Hook, c *Config) {
	d.within(at.key("veto_for"), h.VetoFor, Duration(10*time.Second), Duration(time.Hour))
	d.notNegative(at, "max_per_day", h.MaxPerDay)
	d.within(at.key("cooldown"), h.Cooldown, 0, maxCooldown)
	// What a limit counts must still be in the journal after a restart.
	if needed := max(Duration(day), h.Cooldown); h.Acts() && h.Scarce() && c.Journal.Keep < needed {
		d.fault(at.key("mode"), fmt.Sprintf("the journal forgets after %v (journal.keep) what the limits of this hook count", c.Journal.Keep),
			fmt.Sprintf("make keep at least %v", needed))
	}
}

// checkBlastRadius wants it said on purpose that several circuits fire a hook: when one of them closes, the others may still be
// open, and what follows a second trip may not be what follows the first. A publisher keeps the circuits apart.
func (d *document) checkBlastRadius(at path, h *Hook, c *Config) {
	lists := names(c.CircuitsWith(h.Name), func(x Circuit) string { return x.Name })
	key := at.key("blast_radius")
	d.references(key, "circuit", h.BlastRadius, names(c.Circuits, func(x Circuit) string { return x.Name }))
	for i, name := range h.BlastRadius {
		if c.Circuit(name) != nil && !slices.Contains(lists, name) {
			d.fault(key.item(i), fmt.Sprintf("circuit %q does not list this hook", name), "take it out, or add the hook to its hooks")
		}
	}
	if !h.Acts() || h.Kind == HookNATS || len(lists) < 2 && len(h.BlastRadius) == 0 {
		return
	}
	for _, name := range lists {
		if !slices.Contains(h.BlastRadius, name) {
			d.fault(key, fmt.Sprintf("circuits %s can fire this hook against each other", quoted(lists)),
				fmt.Sprintf("give each a hook of its own, or say that it is meant: blast_radius = [%s]", quoted(lists)))
			return
		}
	}
}

// checkOpponents finds an earlier hook that would undo what this one does.
func (d *document) checkOpponents(at path, h *Hook, earlier []Hook) {
	if h.Kind != HookEVM || !h.Acts() {
		return
	}
	for i := range earlier {
		o := &earlier[i]
		if o.Kind != HookEVM || !o.Acts() || o.Chain != h.Chain || !strings.EqualFold(o.To, h.To) {
			continue
		}
		switch {
		case o.Preset == h.Preset && o.Read == h.Read && slices.Equal(o.ReadArgs, h.ReadArgs) && slices.Equal(o.Args, h.Args) && o.Want != h.Want:
			d.fault(at.key("want"), fmt.Sprintf("want %q works against hook %q, which wants %q of the same contract", h.Want, o.Name, o.Want), "arm one of them")
		case undoes(h, o) || undoes(o, h):
			d.fault(at.key("call"), fmt.Sprintf("one of this hook and hook %q takes back what the other does", o.Name), "arm one of them: people resume")
		}
	}
}

// undoes reports whether a hook's call is what takes another one's back.
func undoes(h, other *Hook) bool {
	return h.Call != "" && spaceless(h.Call) == spaceless(other.Resume) && slices.Equal(h.Args, other.ResumeArgs)
}

func spaceless(signature string) string { return strings.ReplaceAll(signature, " ", "") }

// checkPagers wants somebody to be woken when a contract call is to be vetoed, was held back, or did not work.
func (d *document) checkPagers(h *Hook, c *Config) {
	if h.Kind != HookEVM || !h.Acts() {
		return
	}
	for i, x := range c.Circuits {
		if !slices.Contains(x.Hooks, h.Name) || len(x.Alerts) == 0 {
			continue
		}
		pages := func(name string) bool {
			a := c.Alert(name)
			return a == nil || a.From <= headwatch.LevelPage
		}
		if !slices.ContainsFunc(x.Alerts, pages) {
			d.fault(path("circuit").item(i).key("alerts"), fmt.Sprintf("nobody is paged when hook %q waits, or does not work", h.Name),
				`list an [[alert]] whose from is "page" or "warn"`)
		}
	}
}

func quoted(all []string) string {
	text := make([]string, len(all))
	for i, s := range all {
		text[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(text, ", ")
}
