package delivery

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"headwatch/config"
)

// Route is where a channel sends and under which key. Printing it shows neither.
type Route struct {
	Kind string // of the channel: a route frozen by another kind is of no use to this one
	URL  config.Secret
	Key  config.Secret // empty when the kind has none

	// Rotates says that the key only lets in, and names nothing there. While the URL is the same, the one in force is used and not
	// the frozen one: a key that was changed or revoked must not hold up the rest of an incident.
	Rotates bool

	also []string // what else an answer might repeat
}

// At is the way to another address of the same receiver. What must not be shown of r is not shown of an answer from there.
func (r Route) At(address string) Route {
	r.also = r.secrets()
	r.URL = config.NewSecret(address)
	return r
}

type routeJSON struct {
	Kind string `json:"kind"`
	URL  string `json:"url"`
	Key  string `json:"key,omitempty"`
}

// Check reports a URL that cannot be posted to. The error does not show it.
func (r Route) Check() error {
	u, err := url.Parse(r.URL.Reveal())
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("url: want http:// or https:// and a host")
	}
	return nil
}

// Freeze gives the route with its secrets, for the journal and for nothing else.
func (r Route) Freeze() json.RawMessage {
	b, err := json.Marshal(routeJSON{r.Kind, r.URL.Reveal(), r.Key.Reveal()})
	if err != nil {
		return nil // unreachable: three strings
	}
	return b
}

// Thaw gives the frozen route, with the key in force where that rotates, or r where the journal has none or one of another kind.
func (r Route) Thaw(frozen json.RawMessage) Route {
	var w routeJSON
	if json.Unmarshal(frozen, &w) != nil || w.Kind != r.Kind {
		return r
	}
	thawed := Route{Kind: w.Kind, URL: config.NewSecret(w.URL), Key: config.NewSecret(w.Key), Rotates: r.Rotates}
	if r.Rotates && w.URL == r.URL.Reveal() { // and to no other: it may be a stranger's by now
		thawed.Key = r.Key
	}
	return thawed
}

// secrets gives every part of the route that an answer might repeat; of a key like "user:password" also each half, and both as
// basic authentication sends them.
func (r Route) secrets() []string {
	all := append(r.URL.URLParts(), r.Key.Reveal())
	all = append(all, r.also...)
	if user, password, ok := strings.Cut(r.Key.Reveal(), ":"); ok {
		all = append(all, user, password, base64.StdEncoding.EncodeToString([]byte(r.Key.Reveal())))
	}
	return all
}
