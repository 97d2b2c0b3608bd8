package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/urfave/cli/v3"

	"headwatch/config"
	"headwatch/hook/evm"
)

// handoverPatience bounds how long nodes are asked for what a call depends on.
const handoverPatience = 15 * time.Second

var handoverFormats = []string{"text", "hex", "json", "safe"}

func hookCalldataCommand() *cli.Command {
	return handoverCommand("calldata", "print the transactions of a hook, for a person or a Safe to send; nothing is sent", false)
}

func hookResumeCommand() *cli.Command {
	return handoverCommand("resume", "print the transaction that takes a hook's pause back, for those who may send it; sent only with --send", true)
}

func handoverCommand(name, usage string, resume bool) *cli.Command {
	var flags []cli.Flag
	if resume {
		flags = []cli.Flag{
			&cli.BoolFlag{Name: "send", Usage: "have the running headwatch send it with resume_signer, and wait for the end; needs --reason and your token"},
			&cli.StringFlag{Name: "reason", Aliases: []string{"r"}, Usage: "with --send: why, for the journal (`TEXT`)"},
			apiFlag(), tokenFlag(),
		}
	}
	return &cli.Command{
		Name:      name,
		Usage:     usage,
		ArgsUsage: "HOOK",
		Flags: append(flags,
			configFlag(),
			&cli.StringFlag{Name: "format", Value: "text", Usage: "text, hex (the data, a line each), json, or safe: a file for the Safe transaction builder"},
			&cli.StringFlag{Name: "via", Usage: "l2 or l1-deposit (default: as the hook does; resume: l2)"},
			&cli.StringFlag{Name: "from", Usage: "`ADDRESS` that will send it"},
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			if c.Bool("send") {
				return sendResume(ctx, c)
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			h, o, err := handover(c, cfg, resume)
			if err != nil {
				return usageError{fmt.Errorf("%s: %w", c.FullName(), err)}
			}
			ctx, cancel := context.WithTimeout(ctx, handoverPatience)
			defer cancel()
			all, err := evm.Transactions(ctx, cfg, *h, o)
			if err != nil {
				return fmt.Errorf("hook %s: %w", h.Name, err)
			}
			return printHandover(c.Root().Writer, c.String("format"), h.Name, all, time.Now())
		},
	}
}

// handover reads what a person wants to send in place of which hook.
func handover(c *cli.Command, cfg *config.Config, resume bool) (*config.Hook, evm.Handover, error) {
	o := evm.Handover{Resume: resume, Via: c.String("via"), Inside: c.String("format") == "safe"}
	h, err := hookNamed(cfg, c.Args().First())
	if err != nil {
		return nil, o, err
	}
	if format := c.String("format"); !slices.Contains(handoverFormats, format) {
		return nil, o, fmt.Errorf("--format %s: %s", format, config.DidYouMean(format, handoverFormats))
	}
	if ways := []string{config.ViaL2, config.ViaL1Deposit}; o.Via != "" && !slices.Contains(ways, o.Via) {
		return nil, o, fmt.Errorf("--via %s: %s", o.Via, config.DidYouMean(o.Via, ways))
	}
	if from := c.String("from"); from != "" {
		if wrong, hint := config.AddressFault(from); wrong != "" {
			return nil, o, fmt.Errorf("--from %s; %s", wrong, hint)
		}
		o.From = common.HexToAddress(from)
	}
	return h, o, nil
}

func printHandover(out io.Writer, format, hook string, all []evm.Transaction, now time.Time) error {
	switch format {
	case "hex":
		for _, t := range all {
			fmt.Fprintln(out, t.Data)
		}
		return nil
	case "json":
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(map[string]any{"hook": hook, "transactions": all})
	case "safe":
		if len(all) > 1 {
			return usageError{errors.New("a file for the transaction builder is for one chain: add --via l2 or --via l1-deposit")}
		}
		return evm.WriteBatch(out, hook, all[0], now)
	}
	if len(all) > 1 {
		fmt.Fprintf(out, "%s: %d ways; one is enough, and whichever comes second changes nothing.\n", hook, len(all))
	}
	for i, t := range all {
		if i > 0 || len(all) > 1 {
			fmt.Fprintln(out)
		}
		textHandover(out, t)
	}
	return nil
}

func textHandover(out io.Writer, t evm.Transaction) {
	fmt.Fprintf(out, "%s\n", t.Text)
	fmt.Fprintf(out, "  chain  %s, id %d\n", t.Chain, t.ChainID)
	if t.From != "" {
		fmt.Fprintf(out, "  from   %s\n", t.From)
	}
	fmt.Fprintf(out, "  who    %s\n  to     %s\n  value  %s\n  data   %s\n", t.Who, t.To, t.Value, t.Data)
	for _, note := range t.Notes {
		fmt.Fprintf(out, "  note   %s\n", note)
	}
}
