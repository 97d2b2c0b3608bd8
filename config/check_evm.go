package config

import (
	"fmt"
	"time"
)

// Bounds of what a transaction may need: a portal sells 20 million gas in a block of L1.
const (
	leastGas     = 21_000
	mostGas      = 20_000_000
	mostConfirms = 100
	mostFee      = Ether(1_000_000) // gwei per unit of gas; more is a slip of the unit
	leastReplace = Duration(5 * time.Second)
	mostReplace  = Duration(10 * time.Minute)
)

// checkSending checks how a hook sends its transactions. What it calls is checked by the package that encodes it.
func (d *document) checkSending(at path, h *Hook) {
	if !h.OnChain() {
		return
	}
	if h.GasLimit != 0 && (h.GasLimit < leastGas || h.GasLimit > mostGas) {
		d.fault(at.key("gas_limit"), fmt.Sprintf("gas_limit is %d", h.GasLimit), fmt.Sprintf("make it %d to %d", leastGas, mostGas))
	}
	if h.MaxFee == 0 || h.MaxFee > mostFee {
		d.fault(at.key("max_fee"), fmt.Sprintf("max_fee is %v for a unit of gas", h.MaxFee), `write what you would pay on the worst day, such as "300 gwei"`)
	}
	if h.Confirmations < 1 || h.Confirmations > mostConfirms {
		d.fault(at.key("confirmations"), fmt.Sprintf("confirmations is %d", h.Confirmations), fmt.Sprintf("make it 1 to %d", mostConfirms))
	}
	d.within(at.key("replace_after"), h.ReplaceAfter, leastReplace, mostReplace)
	d.within(at.key("confirm_within"), h.ConfirmWithin, leastReplace, Duration(day))
	if h.ConfirmWithin <= h.ReplaceAfter {
		d.fault(at.key("confirm_within"), fmt.Sprintf("confirm_within is %v, not longer than replace_after %v", h.ConfirmWithin, h.ReplaceAfter),
			"leave time for a replacement or two")
	}
}
