package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

var sizeForm = regexp.MustCompile(`^(\d{1,18})([A-Za-z]+)$`)

// sizeUnits is in the order in which String prefers them.
var sizeUnits = []struct {
	name  string
	bytes int64
}{
	{"TiB", 1 << 40},
	{"GiB", 1 << 30},
	{"MiB", 1 << 20},
	{"KiB", 1 << 10},
	{"TB", 1e12},
	{"GB", 1e9},
	{"MB", 1e6},
	{"kB", 1e3},
	{"B", 1},
}

// UnmarshalText reads a whole number with its unit. A number without a unit is refused.
func (s *Size) UnmarshalText(b []byte) error {
	parts := sizeForm.FindSubmatch(b)
	if parts == nil {
		return fmt.Errorf("%q is not a size", b)
	}
	n, err := strconv.ParseInt(string(parts[1]), 10, 64)
	if err != nil {
		return fmt.Errorf("read number of %q: %w", b, err)
	}
	for _, u := range sizeUnits {
		if u.name != string(parts[2]) {
			continue
		}
		if n > math.MaxInt64/u.bytes {
			return fmt.Errorf("%q is more than a size can be", b)
		}
		*s = Size(n * u.bytes)
		return nil
	}
	return fmt.Errorf("%q has an unknown unit", b)
}

// MarshalText writes what String gives.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String gives the number in the largest unit that needs no fraction.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return "0B"
}
