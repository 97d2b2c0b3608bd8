package hook

import (
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook/evm"
)

// newEVM makes a hook that calls a contract, or keeps an uptime feed.
func newEVM(c config.Hook, d Deps) (delivery.Sender, error) {
	return evm.Open(c, evm.Deps{Config: d.Config, Journal: d.Journal, Accounts: d.Accounts, Signals: d.Signals, Log: d.Log})
}
