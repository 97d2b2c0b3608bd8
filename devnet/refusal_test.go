package devnet

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/watcher"
)

// A real geth reads the transaction of the active probe, and refuses it in words that are known.
func TestGethRefusesTheTransactionOfTheActiveProbe(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	heard := make(chan struct{}, 1)
	chain, err := watcher.New(config.Chain{
		Name: "l2", Kind: config.KindArbitrum, ChainID: L2ChainID, BlockTime: config.Duration(time.Second), L1: "l1",
		StaleAfter: config.Duration(30 * time.Second), Quorum: 1, ProofOfLife: 1,
		Endpoints: []config.Endpoint{{
			Name: "sequencer", Serves: config.ServesSequencer, URL: config.NewSecret(n.L2()[0].HTTP),
			Interval: config.Duration(time.Second), Timeout: config.Duration(10 * time.Second),
		}},
	}, watcher.Options{Observed: func(o headwatch.Observation) {
		if !o.Alive {
			t.Errorf("got %+v", o)
		}
		select {
		case heard <- struct{}{}:
		default:
		}
	}, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- chain.Run(ctx, func(headwatch.Assessment) error { return nil }) }()
	<-heard
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
