package hook

import (
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook/evm"
)

// newEVM makes a hook that calls a contract, or keeps an uptime feed.
func newEVM(c config.Hook, d Deps) (delivery.Sender, error) {
	deps := evm.Deps{Config: d.Config, Journal: d.Journal, Accounts: d.Accounts, Signals: d.Signals, Log: d.Log}
	if d.Ledger != nil {
		deps.Orders = d.Ledger.Resumes
	}
	return evm.Open(c, deps)
}
