package headwatch

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The names of the enumerations are part of every format that leaves the program: configuration, JSON, metrics, pages.
// An index is the value; a name is never reused for another meaning.
var (
	tagNames     = []string{"", "unsafe", "safe", "finalized", "proven"}
	phaseNames   = []string{"unknown", "live", "slow", "empty", "stalled", "catching_up"}
	verdictNames = []string{"none", "live", "stale"}
	stateNames   = []string{"unknown", "closed", "half_open", "open"}
	levelNames   = []string{"none", "warn", "page", "trip"}
)

func (t Tag) String() string     { return name(tagNames, t) }
func (p Phase) String() string   { return name(phaseNames, p) }
func (v Verdict) String() string { return name(verdictNames, v) }
func (s State) String() string   { return name(stateNames, s) }
func (l Level) String() string   { return name(levelNames, l) }

// MarshalText implements encoding.TextMarshaler.
func (t Tag) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalText implements encoding.TextMarshaler.
func (p Phase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalText implements encoding.TextMarshaler.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// MarshalText implements encoding.TextMarshaler.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText implements encoding.TextMarshaler.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText accepts the name that MarshalText gives and nothing else.
func (t *Tag) UnmarshalText(b []byte) error { return value(tagNames, "head", b, t) }

// UnmarshalText accepts the name that MarshalText gives and nothing else.
func (p *Phase) UnmarshalText(b []byte) error { return value(phaseNames, "phase", b, p) }

// UnmarshalText accepts the name that MarshalText gives and nothing else.
func (v *Verdict) UnmarshalText(b []byte) error { return value(verdictNames, "verdict", b, v) }

// UnmarshalText accepts the name that MarshalText gives and nothing else.
func (s *State) UnmarshalText(b []byte) error { return value(stateNames, "state", b, s) }

// UnmarshalText accepts the name that MarshalText gives and nothing else.
func (l *Level) UnmarshalText(b []byte) error { return value(levelNames, "level", b, l) }

// Brief writes a duration as time.Duration does, but for parts that say nothing at its end: 2m and 1h, not 2m0s and 1h0m0s.
func Brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func name[E ~uint8](names []string, v E) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("%d", uint8(v))
}

func value[E ~uint8](names []string, what string, b []byte, to *E) error {
	i := slices.Index(names, string(b))
	if i < 0 {
		return fmt.Errorf("%q is not a %s (one of %q)", b, what, names)
	}
	*to = E(i)
	return nil
}
