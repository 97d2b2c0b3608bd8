package config

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSizeReadsBinaryAndDecimalUnits(t *testing.T) {
	for text, want := range map[string]Size{
		"512MiB": 512 << 20, "1GiB": 1 << 30, "100MB": 100e6, "1kB": 1000, "0B": 0, "8388607TiB": 8388607 << 40,
	} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q gives %d, %v; want %d", text, s, err, want)
		}
	}
}

func TestSizeRefusesWhatIsNoSize(t *testing.T) {
	for _, text := range []string{"", "1024", "1 GiB", "-1GiB", "1.5GiB", "1G", "1gib", "GiB", "8388608TiB", "9999999999999999999B"} {
		s := Size(7)
		if err := s.UnmarshalText([]byte(text)); err == nil || s != 7 {
			t.Errorf("%q was read as %d", text, s)
		}
	}
}

func TestSizeReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Size(rapid.Int64Range(0, math.MaxInt64/10).Draw(t, "s"))
		var got Size
		text, _ := want.MarshalText()
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("%d is written as %s and read as %d, %v", want, text, got, err)
		}
	})
}
