package evm

import (
	"context"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/config"
)

// A node may answer with a receipt that geth's decoder takes and that lacks what is read of it.
func TestAReceiptWithoutItsLogsIsNoReceipt(t *testing.T) {
	const zero = "0x0000000000000000000000000000000000000000000000000000000000000000"
	for _, more := range []string{`"logs":[null],"blockNumber":"0x7"`, `"logs":[]`, `"logs":[],"blockNumber":"0x10000000000000000"`} {
		r := new(types.Receipt)
		text := `{"transactionHash":"` + zero + `","gasUsed":"0x1","cumulativeGasUsed":"0x1","logsBloom":"0x` + strings.Repeat("00", 256) + `",` + more + `}`
		if err := json.Unmarshal([]byte(text), r); err != nil {
			t.Fatal(err)
		}
		if got, ok := agreed([]reply[*types.Receipt]{{head: 9, value: r}}, func(r *types.Receipt) *types.Receipt { return r }); ok {
			t.Errorf("%s: %+v", more, got)
		}
	}
	r := &types.Receipt{BlockNumber: big.NewInt(7)}
	if got, ok := agreed([]reply[*types.Receipt]{{head: 9, value: r}}, func(r *types.Receipt) *types.Receipt { return r }); !ok || got.Depth != 3 {
		t.Errorf("%+v, %t", got, ok)
	}
}

// A defect that one answer finds is the trouble of that node, and of that way.
func TestAPanicEndsNoWatch(t *testing.T) {
	s := &Nodes{chain: config.Chain{Name: "l2"}, peers: 1, nodes: []*node{{name: "a", operator: "a", last: 1}}}
	_, err := quick(t.Context(), s, func(context.Context, *node) (int, error) { panic("a secret") })
	if err == nil || !strings.Contains(err.Error(), "a defect of headwatch") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	if _, _, err := begin(t.Context(), func(context.Context) (Call, uint64, error) { panic("a secret") })(); err == nil {
		t.Error("no trouble")
	}
	if w := alone("l2", func() way { panic("a secret") }); w.settled() || !w.Trouble || strings.Contains(w.Why, "secret") {
		t.Errorf("%+v", w)
	}
}
