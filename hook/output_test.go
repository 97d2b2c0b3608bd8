package hook

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func write(o *output, chunks ...string) string {
	for _, c := range chunks {
		if n, err := o.Write([]byte(c)); n != len(c) || err != nil {
			panic("short write")
		}
	}
	return o.text()
}

func TestOutputIsKeptWhole(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"paused\n":                        "paused",
		"one\ntwo\n\n":                    "one\ntwo",
		"\x1b[32mok\x1b[0m\r\n\ttabbed\n": "[32mok[0m\ntabbed",
		"the key is sesame!":              "the key is [redacted]!",
	} {
		if got := write(newOutput([]string{"sesame"}), in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestOutputKeepsItsBeginningAndItsEnd(t *testing.T) {
	o := newOutput(nil)
	got := write(o, "first\n", strings.Repeat("middle\n", 100_000), "last\n")
	if !strings.HasPrefix(got, "first\n") || !strings.HasSuffix(got, "\nlast") || !strings.Contains(got, left) || len(got) > 2*maxPart+len(left) {
		t.Errorf("%d bytes: %.20q ... %q", len(got), got, got[len(got)-20:])
	}
	if c := o.complaint(); !strings.HasSuffix(c, "last") || utf8.RuneCountInString(c) != maxComplaint+len(": ") {
		t.Errorf("complaint of %d runes: %q", utf8.RuneCountInString(c), c)
	}
	if held := cap(o.head) + cap(o.tail); held > 200_000 {
		t.Errorf("holds %d bytes", held)
	}
}

func TestShownOutputIsBoundedPrintableAndWithoutSecrets(t *testing.T) {
	// A part of the secret as long as this must not show either: it was cut at an edge.
	const secret, part = "0123456789abcdefghij", 8
	rapid.Check(t, func(t *rapid.T) {
		chunk := rapid.OneOf(
			rapid.Just(secret),
			rapid.Just(strings.Repeat(secret, 300)),
			rapid.Map(rapid.IntRange(0, 5000), func(n int) string { return strings.Repeat("x", n) }),
			rapid.Just("line\n"),
			rapid.Just("\xff\x00ü"),
		)
		got := write(newOutput([]string{secret, "other-secret"}), rapid.SliceOfN(chunk, 0, 12).Draw(t, "chunks")...)
		if len(got) > 2*maxPart+len(left) || !utf8.ValidString(got) {
			t.Fatalf("%d bytes, valid %v", len(got), utf8.ValidString(got))
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
			t.Fatalf("not printable at %d", i)
		}
		for i := range len(secret) - part {
			if strings.Contains(got, secret[i:i+part]) {
				t.Fatalf("shows %q of the secret", secret[i:i+part])
			}
		}
	})
}
