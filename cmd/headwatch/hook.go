package main

import "github.com/urfave/cli/v3"

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
