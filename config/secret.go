package config

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// Secret is a value that must not be shown: a key, a token, a URL that may hold one. Every way of printing or encoding
// it gives a placeholder; only Reveal gives the value, so a search for Reveal finds every place where a secret is used.
//
// The value is behind a pointer, because package fmt asks nothing of what it prints in a field that is not exported, or with
// the verb %p: it then shows an address. Two secrets of the same value would not be ==, so none can be compared: compare what
// they Reveal.
type Secret struct {
	_     [0]func()
	value *string
}

const redacted = "[redacted]"

// NewSecret wraps a value.
func NewSecret(v string) Secret {
	if v == "" {
		return Secret{}
	}
	return Secret{value: &v}
}

// Reveal gives the value, to be handed to the wire and to nothing else.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == nil }

func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString keeps %#v from showing the value.
func (s Secret) GoString() string { return "config.Secret(" + s.String() + ")" }

// Format keeps every verb of package fmt from showing the value.
func (s Secret) Format(f fmt.State, verb rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText keeps encoders from showing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON keeps encoders from showing the value.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// hostname is Host without the port, in lower case.
func (s Secret) hostname() string {
	u, err := url.Parse(s.Reveal())
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// Host gives the host and port of a secret URL, the only part of it that may be shown; "" when it is not a URL.
func (s Secret) Host() string {
	u, err := url.Parse(s.Reveal())
	if err != nil {
		return ""
	}
	return u.Host
}

// The shortest segments of a path and values of a query that are taken for a key: "v2", "rpc" and "1" are none.
const (
	minSegment = 6
	minValue   = 4
)

// URLParts gives all of a secret URL that may be a key, for whoever shows what the other side wrote and must blot out what it
// repeats: the URL itself, its user, its path and its query, whole and in parts.
func (s Secret) URLParts() []string {
	all := []string{s.Reveal()}
	u, err := url.Parse(s.Reveal())
	if err != nil {
		return all
	}
	add := func(part string, shortest int) {
		if len(part) >= shortest {
			all = append(all, part)
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		name := u.User.Username()
		all = append(all, name, password, u.User.String(), base64.StdEncoding.EncodeToString([]byte(name+":"+password)))
	}
	add(u.RequestURI(), minSegment)
	add(u.Path, minSegment)
	add(u.EscapedPath(), minSegment)
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		add(segment, minSegment)
		if plain, err := url.PathUnescape(segment); err == nil {
			add(plain, minSegment)
		}
	}
	add(u.RawQuery, minValue)
	for _, values := range u.Query() {
		for _, v := range values {
			add(v, minValue)
			add(url.QueryEscape(v), minValue)
		}
	}
	return all
}
