package evm

import (
	"flag"
	"testing"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "6") // those on the devnet wait for block times, not for the processor
	m.Run()
}
