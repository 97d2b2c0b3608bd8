package config

import (
	"regexp"
	"strings"

	"github.com/ethereum/go-ethereum/common"
)

var addressForm = regexp.MustCompile(`^0x[0-9a-fA-F]{40}$`)

// AddressFault says what is wrong with a text that should be an address, and what to do; "" when nothing is. Letters of both
// cases are a checksum by EIP-55, which must be right: a slip would make a call to nobody, and that succeeds.
func AddressFault(text string) (wrong, hint string) {
	if !addressForm.MatchString(text) {
		return "is not an address", "write 0x and its 40 hex digits"
	}
	digits := text[2:]
	if digits != strings.ToLower(digits) && digits != strings.ToUpper(digits) && text != common.HexToAddress(text).Hex() {
		return "has a wrong checksum", "a digit is wrong, or its case: copy it again"
	}
	return "", ""
}

// address reports whether the value of a key is an address.
func (d *document) address(at path, text string) bool {
	wrong, hint := AddressFault(text)
	if wrong != "" {
		d.fault(at, at.last()+" "+wrong, hint)
	}
	return wrong == ""
}
