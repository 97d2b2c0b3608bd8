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

// gweiForm is the other way to write it: whole gwei.
var gweiForm = regexp.MustCompile(`^(\d{1,18}) ?gwei$`)

// UnmarshalText reads an amount with its unit. A number without a unit is refused.
func (e *Ether) UnmarshalText(b []byte) error {
	if whole := gweiForm.FindStringSubmatch(string(b)); whole != nil {
		n, err := strconv.ParseUint(whole[1], 10, 64)
		*e = Ether(n)
		return err
	}
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

// String gives the amount without needless zeros, below a thousandth of an ether in gwei.
func (e Ether) String() string {
	if e > 0 && e < gwei/1000 {
		return fmt.Sprintf("%d gwei", uint64(e))
	}
	text := fmt.Sprintf("%d.%09d", e/gwei, e%gwei)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".") + " ETH"
}
