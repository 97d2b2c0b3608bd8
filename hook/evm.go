package hook

import (
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook/evm"
)

var (
	_ Inspector = (*evm.Hook)(nil)
	_ Beginner  = (*evm.Hook)(nil)
	_ Prober    = (*evm.Hook)(nil)
	_ Resumer   = (*evm.Hook)(nil)
	_ Runner    = (*evm.Hook)(nil)
	_ Prober    = (*evm.Uptime)(nil)
	_ Runner    = (*evm.Uptime)(nil)
)

// newEVM makes a hook that calls a contract, or keeps an uptime feed.
func newEVM(c config.Hook, d Deps) (delivery.Sender, error) {
	deps := evm.Deps{Config: d.Config, Journal: d.Journal, Accounts: d.Accounts, Signals: d.Signals, Log: d.Log, Transaction: d.Transaction}
	if d.Ledger != nil {
		deps.Orders = d.Ledger.Resumes
	}
	return evm.Open(c, deps)
}
