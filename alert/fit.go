package alert

import (
	"strings"
	"unicode/utf16"
)

// fit writes each rune of a text as put has it, and stops before the limit without cutting what put made of one. It counts in
// UTF-16 units, in which the strictest receivers count; so no other count is over the limit.
func fit(s string, limit int, put func(rune) string) string {
	var b strings.Builder
	length := 0
	for _, r := range s {
		next := put(r)
		if length += units(next); length >= limit {
			b.WriteString("…")
			break
		}
		b.WriteString(next)
	}
	return b.String()
}

// same leaves a character as it is, for fit.
func same(r rune) string { return string(r) }

// units is the length of a text in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// joiner is an invisible character of no width. After a character that would make a link or a mention of what follows, it keeps the
// text as it reads and takes its power.
const joiner = "\u2060"
