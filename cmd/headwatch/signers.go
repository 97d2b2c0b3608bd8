package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"headwatch/config"
	"headwatch/hook/evm/signer"
)

// openSigners gives the account of each signer by its name, and warns of those that cannot be opened here: the machine of a
// check need not be the one that will run. Nothing is contacted.
func openSigners(cfg *config.Config) (accounts map[string]string, warnings []string) {
	accounts = map[string]string{}
	for _, c := range cfg.Signers {
		s, err := signer.New(c)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("%v: hooks that need it will not start", err))
			continue
		}
		accounts[c.Name] = s.Address().Hex()
	}
	return accounts, warnings
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
