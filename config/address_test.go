package config

import "testing"

func TestAnAddressMayCarryAChecksum(t *testing.T) {
	for _, c := range []struct{ text, wrong string }{
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", ""}, // of EIP-55
		{"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", ""},
		{"0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", ""},
		{"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "has a wrong checksum"},
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee", "has a wrong checksum"},
		{"0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "is not an address"},
		{"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "is not an address"},
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "is not an address"},
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd", "is not an address"},
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg", "is not an address"},
		{"", "is not an address"},
	} {
		if wrong, hint := AddressFault(c.text); wrong != c.wrong || (hint == "") != (wrong == "") {
			t.Errorf("%q: %q, %q, want %q", c.text, wrong, hint, c.wrong)
		}
	}
}
