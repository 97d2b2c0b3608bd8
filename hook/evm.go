package hook

import (
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook/evm"
)

// newEVM makes a hook that calls a contract.
func newEVM(c config.Hook, d Deps) (delivery.Sender, error) {
	return evm.New(c, evm.Deps{Config: d.Config, Journal: d.Journal, Accounts: d.Accounts, Log: d.Log, Transaction: d.Transaction})
}
