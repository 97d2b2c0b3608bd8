package devnet_test

import (
	"context"
	"fmt"
	"log"

	"headwatch"
	"headwatch/devnet"
)

func Example() {
	net, err := devnet.New(devnet.Config{})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- net.Run(ctx) }()

	sealed := make(chan devnet.Block, 100)
	net.OnBlock(func(b devnet.Block) { sealed <- b })
	for b := range sealed { // wait for a first block at every endpoint
		if b.Endpoint == "l2-c" {
			break
		}
	}
	_ = net.Freeze("l2-b")                   // one node stands still while the chain goes on
	_ = net.SetFault("l2-c", devnet.Garbage) // one provider answers with HTML
	net.StopL2()                             // and now they all stand still
	heads, _ := net.Heads("l2-a")
	fmt.Println(heads[headwatch.Unsafe].Number > 0, net.L2()[0].Rollup != "")
	net.ResumeL2(10) // back-fills ten blocks a second

	cancel()
	fmt.Println(<-ended)
	// Output:
	// true true
	// <nil>
}
