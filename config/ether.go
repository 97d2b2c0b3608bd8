package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const gwei = 1_000_000_000 // of one ether

// etherForm has at most nine digits on either side of the point: whole gwei, and less than a uint64 holds.
var etherForm = regexp.MustCompile(`^(\d{1,9})(?:\.(\d{1,9}))? ?ETH$`)

// UnmarshalText reads an amount with its unit. A number without a unit is refused.
func (e *Ether) UnmarshalText(b []byte) error {
	parts := etherForm.FindStringSubmatch(string(b))
	if parts == nil {
		return fmt.Errorf("%q is not an amount of ether", b)
	}
	n, err := strconv.ParseUint(parts[1]+(parts[2] + "000000000")[:9], 10, 64)
	if err != nil {
		return fmt.Errorf("read number of %q: %w", b, err)
	}
	*e = Ether(n)
	return nil
}

// MarshalText writes what String gives.
func (e Ether) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// String gives the amount without needless zeros.
func (e Ether) String() string {
	text := fmt.Sprintf("%d.%09d", e/gwei, e%gwei)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".") + " ETH"
}
