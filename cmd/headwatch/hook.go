package main

import (
	"github.com/urfave/cli/v3"
)

func hookCommand() *cli.Command {
	return &cli.Command{
		Name:  "hook",
		Usage: "look at the hooks of a configuration: list, check",
		Commands: []*cli.Command{
			hookListCommand(),
			hookCheckCommand(),
		},
	}
}
