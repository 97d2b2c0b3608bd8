package hook

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"headwatch/config"
	"headwatch/delivery"
)

// maxValue is the longest value in runes: names and reasons come from outside.
const maxValue = 1000

// environment is the whole environment of a command: where to find programs and a home, what the configuration adds, and
// the notice. Nothing else of the daemon's own environment is passed on: it holds the secrets of other channels.
// Every HEADWATCH_ variable is always set, and empty when there is nothing to say.
func environment(added map[string]config.Secret, id string, doc delivery.Document) []string {
	path := os.Getenv("PATH")
	if path == "" {
		path = "/usr/local/bin:/usr/bin:/bin"
	}
	env := []string{"PATH=" + path, "HOME=" + os.Getenv("HOME")}
	for _, name := range slices.Sorted(maps.Keys(added)) {
		env = append(env, name+"="+added[name].Reveal())
	}

	d := doc.Data
	var reasons []string
	for _, r := range d.Reasons {
		reasons = append(reasons, string(r))
	}
	set := func(name, value string) {
		env = append(env, "HEADWATCH_"+name+"="+delivery.Clean(value, maxValue))
	}
	set("EVENT", doc.Type)
	set("ID", id)
	set("CIRCUIT", d.Circuit)
	set("CHAIN", d.Chain)
	set("STATE", d.State.String())
	set("SEQ", strconv.FormatUint(d.Seq, 10))
	set("INCIDENT", d.Incident)
	set("OPENED", stamp(d.Opened))
	set("SINCE", stamp(d.Since))
	set("PHASE", d.Phase.String())
	set("LEVEL", d.Level.String())
	set("REASONS", strings.Join(reasons, ","))
	set("ACTOR", d.Actor)
	set("REASON", d.Reason)
	return env
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
