package watcher

import "testing"

func TestProvidersAreKnownByTheirHost(t *testing.T) {
	for host, want := range map[string]struct{ block, chain, pushed uint64 }{
		"base-mainnet.g.alchemy.com":           {20, 0, 80},
		"BASE-mainnet.G.alchemy.com:443":       {20, 0, 80},
		"mainnet.infura.io":                    {80, 80, 80},
		"x.base-mainnet.quiknode.pro":          {20, 20, 20},
		"x.celo-mainnet.quiknode.pro":          {40, 40, 40},
		"rpc.ankr.com":                         {200, 200, 100},
		"eth-mainnet.nodereal.io":              {15, 5, 15},
		"notalchemy.com":                       {1, 1, 1},
		"alchemy.com.example":                  {1, 1, 1},
		"127.0.0.1:8545":                       {1, 1, 1},
		"[::1]:8545":                           {1, 1, 1},
		"":                                     {1, 1, 1},
		"ethereum-mainnet.core.chainstack.com": {1, 1, 1},
	} {
		tariff := tariffOf(host)
		if b, c, p := tariff.call(methodBlock), tariff.call(methodChainID), tariff.notification(2000); b != want.block || c != want.chain || p != want.pushed {
			t.Errorf("%q: block %d, chain id %d, a notification of 2 kB %d, want %+v", host, b, c, p, want)
		}
	}
}

// A row below a shorter end of the same host would never be found.
func TestEveryTariffCanBeFound(t *testing.T) {
	for _, row := range tariffs {
		if found := tariffOf("x" + row.host); found.host != row.host {
			t.Errorf("%s is hidden behind %s", row.host, found.host)
		}
	}
}
