package main

import (
	"fmt"

	"github.com/urfave/cli/v3"

	"headwatch/config"
)

func hookCommand() *cli.Command {
	return &cli.Command{
		Name:   "hook",
		Usage:  "hooks that call contracts: whether they would work, what they send, and what takes it back",
		Action: listed(cli.ShowSubcommandHelp),
		Commands: []*cli.Command{
			hookListCommand(),
			hookCheckCommand(),
			hookCalldataCommand(),
			hookResumeCommand(),
		},
	}
}

// hookNamed gives the hook of a name, or says which there are.
func hookNamed(cfg *config.Config, name string) (*config.Hook, error) {
	if h := cfg.Hook(name); h != nil {
		return h, nil
	}
	names := make([]string, len(cfg.Hooks))
	for i, h := range cfg.Hooks {
		names[i] = h.Name
	}
	return nil, fmt.Errorf("hook %q does not exist; %s", name, config.DidYouMean(name, names))
}
