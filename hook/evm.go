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
)

// newEVM makes a hook that calls a contract.
func newEVM(c config.Hook, d Deps) (delivery.Sender, error) {
	return evm.New(c, evm.Deps{Config: d.Config, Journal: d.Journal, Accounts: d.Accounts, Log: d.Log, Transaction: d.Transaction})
}
