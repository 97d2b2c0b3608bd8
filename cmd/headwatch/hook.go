package main

import "github.com/urfave/cli/v3"

func hookCommand() *cli.Command {
	return &cli.Command{
		Name:  "hook",
		Usage: "hooks that call contracts: what they send, and what takes it back",
		Commands: []*cli.Command{
			hookCalldataCommand(),
			hookResumeCommand(),
		},
	}
}
