package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"headwatch/config"
	"headwatch/hook/evm/signer"
)

// openSigners gives the account of each signer by its name. Its error has all that cannot be opened and that a hook needs, for
// which headwatch run would not start: a check that passed over it would let a deployment stop the watchdog that runs. Nothing is
// contacted.
func openSigners(cfg *config.Config) (accounts map[string]string, err error) {
	accounts = map[string]string{}
	var unusable []error
	for _, c := range cfg.Signers {
		switch s, err := signer.New(c); {
		case err == nil:
			accounts[c.Name] = s.Address().Hex()
		case used(cfg, c.Name):
			unusable = append(unusable, fmt.Errorf("%w: headwatch run will not start", err))
		}
	}
	return accounts, errors.Join(unusable...)
}

func used(cfg *config.Config, signer string) bool {
	return slices.ContainsFunc(cfg.Hooks, func(h config.Hook) bool { return h.Signer == signer || h.ResumeSigner == signer })
}

// screenSigners says who signs for what, a line a signer.
func screenSigners(out io.Writer, cfg *config.Config, accounts map[string]string) {
	for i, c := range cfg.Signers {
		if i == 0 {
			fmt.Fprintln(out)
		}
		kind := c.Kind
		if c.Kind == config.SignerRemote {
			kind += " at " + c.URL.Host()
		}
		if account := cmp.Or(accounts[c.Name], c.Address); account != "" {
			kind += ", account " + account
		}
		fmt.Fprintf(out, "signer %s  %s, %s\n", c.Name, kind, signsFor(cfg, c.Name))
	}
}

func signsFor(cfg *config.Config, name string) string {
	var uses []string
	for _, h := range cfg.Hooks {
		if h.Signer == name {
			uses = append(uses, h.Name)
		}
		if h.ResumeSigner == name {
			uses = append(uses, h.Name+" (resume)")
		}
	}
	if len(uses) == 0 {
		return "used by no hook"
	}
	return "signs for " + strings.Join(uses, ", ")
}
