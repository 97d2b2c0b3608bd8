package delivery

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shortestSecret is the length in bytes under which a value is not searched for: replacing "1" or "no" would hide
// nothing and garble everything.
const shortestSecret = 4

// Clean makes one line of a text that came from outside: no control, formatting or invalid characters, at most limit runes.
func Clean(s string, limit int) string {
	return Cut(strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)), limit)
}

// Cut shortens a text to at most limit runes; the last one then says that something is missing.
func Cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}

// Scrub takes secrets out of a text that a receiver or a command wrote and that may repeat them. A secret of several
// lines is also found line by line. Values shorter than four bytes are left alone.
func Scrub(s string, secrets ...string) string {
	var parts []string
	for _, secret := range secrets {
		parts = append(parts, secret)
		for line := range strings.Lines(secret) {
			parts = append(parts, strings.TrimSpace(line))
		}
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return len(p) < shortestSecret })
	// The longest first: a secret that contains another one must go as a whole.
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(parts))
	for _, p := range parts {
		pairs = append(pairs, p, "[redacted]")
	}
	return strings.NewReplacer(pairs...).Replace(s)
}
