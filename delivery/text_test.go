package delivery_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"headwatch/delivery"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                           "plain",
		" two\r\nlines\t ":                "two  lines",
		"\x1b[31mred\x1b[0m":              "[31mred[0m",
		"right\u202eto left":              "rightto left",
		"zero\u200bwidth":                 "zerowidth",
		"bad \xff\xfe bytes":              "bad  bytes",
		"ends with \u2028":                "ends with",
		"0123456789":                      "0123456789",
		"0123456789a":                     "012345678…",
		"ääääääääää":                      "ääääääääää",
		"ääääääääääö":                     "äääääääää…",
		strings.Repeat("\x00", 100) + "x": "x",
	} {
		limit := 10
		if !strings.HasPrefix(in, "0") && !strings.HasPrefix(in, "ä") {
			limit = 100
		}
		if got := delivery.Clean(in, limit); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanTextIsPrintableBoundedAndStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 50).Draw(t, "limit")
		got := delivery.Clean(string(rapid.SliceOf(rapid.Byte()).Draw(t, "in")), limit)
		if n := utf8.RuneCountInString(got); n > limit {
			t.Fatalf("%d runes", n)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Fatalf("%q is not printable", got)
		}
		if again := delivery.Clean(got, limit); again != got {
			t.Fatalf("cleaned again, %q became %q", got, again)
		}
	})
}

func TestScrub(t *testing.T) {
	for _, tc := range []struct {
		in      string
		secrets []string
		want    string
	}{
		{"key=abcdef!", []string{"abcdef"}, "key=[redacted]!"},
		{"abcdef and abcdefgh", []string{"abcdef", "abcdefgh"}, "[redacted] and [redacted]"},
		{"1 of 3", []string{"1", "", "of"}, "1 of 3"},
		{"second line: BBBB", []string{"AAAA\nBBBB\n"}, "second line: [redacted]"},
		{"nothing", nil, "nothing"},
	} {
		if got := delivery.Scrub(tc.in, tc.secrets...); got != tc.want {
			t.Errorf("Scrub(%q, %q) = %q, want %q", tc.in, tc.secrets, got, tc.want)
		}
	}
}

func TestNoSecretSurvivesScrub(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[a-c]{4,8}`)
		secrets := rapid.SliceOfN(secret, 1, 3).Draw(t, "secrets")
		text := strings.Join(rapid.SliceOf(rapid.OneOf(secret, rapid.SampledFrom(secrets), rapid.Just(" "))).Draw(t, "text"), "")
		got := delivery.Scrub(text, secrets...)
		for _, s := range secrets {
			if strings.Contains(got, s) {
				t.Fatalf("%q still holds %q", got, s)
			}
		}
	})
}
