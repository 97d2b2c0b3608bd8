package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"headwatch"
	"headwatch/config"
	"headwatch/devnet"
)

const batcherConfig = `
[api]
listen = ""
[[chain]]
name = "l1"
kind = "evm"
chain_id = 900
block_time = "2s"
[[chain.endpoint]]
url = %q
[[chain]]
name = "l2"
kind = "op-stack"
chain_id = 901
block_time = "1s"
l1 = "l1"
batcher = %q
batcher_funds = "2000000 ETH"
[[chain.endpoint]]
url = %q
[[circuit]]
name = "c"
chain = "l2"
tell = ["batcher_low_funds"]
warn_after = "10s"
page_after = "20s"
trip_after = "30s"
recover_after = "10s"
alerts = ["ops"]
[[alert]]
name = "ops"
kind = "console"
`

// From the key in the file, over a real node of the L1, to the finding on the L2.
func TestTheFundsOfABatcherAreSeenOnTheL2(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	net, err := devnet.New(devnet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return net.Run(ctx) })

	address := crypto.PubkeyToAddress(devnet.FundedKey().PublicKey).Hex() // has capitals
	cfg, err := config.Parse("t", fmt.Appendf(nil, batcherConfig, net.L1().HTTP, address, net.L2()[0].HTTP), nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := wire(cfg, nil, nil, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	var detail string
	for _, chain := range n.chains {
		group.Go(func() error {
			return chain.Run(ctx, func(a headwatch.Assessment) error {
				if f := a.Find(headwatch.BatcherLowFunds); f != nil && a.Chain == "l2" {
					detail = f.Detail
					cancel()
				}
				return nil
			})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(detail, "1000000 ETH left, less than 2000000 ETH") {
		t.Errorf("the finding says %q", detail)
	}
}
