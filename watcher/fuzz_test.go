package watcher

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"headwatch"
)

// fuzzAnswer asserts what holds for any answer whatever: no panic, an error is a fault that is fit to be shown, and every
// head that is delivered can be true.
func fuzzAnswer(f *testing.F, method string, params []json.RawMessage) {
	at := time.Unix(1000, 0)
	f.Fuzz(func(t *testing.T, result []byte) {
		o := headwatch.Observation{At: at}
		if err := decodeAnswer(l2Chain, method, params, result, &o); err != nil {
			f, _ := errors.AsType[*headwatch.Fault](err)
			if f == nil {
				t.Fatalf("%T is not a fault", err)
			}
			wantFault(t, err, f.Kind)
			return
		}
		heads := []*headwatch.Head{o.Origin, o.SafeOrigin, o.HeadL1}
		for _, h := range o.Heads {
			heads = append(heads, &h)
		}
		for _, h := range heads {
			if h == nil {
				continue
			}
			if h.Number > maxNumber || h.Time.Sub(at) > maxAhead || len(h.Hash) != len(zeroHash) || (h.UserTxs != nil && *h.UserTxs < 0) {
				t.Fatalf("delivered %+v", h)
			}
		}
	})
}

func FuzzBlock(f *testing.F) {
	f.Add([]byte(fixture(f, "op-geth.eth_getBlockByNumber.latest")))
	f.Add([]byte(fixture(f, "op-geth.eth_getBlockByNumber.with_forced_deposit")))
	f.Add([]byte(fixture(f, "geth-l1.eth_getBlockByNumber.latest")))
	f.Add([]byte(`{"number":5,"hash":` + hashA + `,"timestamp":900,"tx_count":3}`))
	fuzzAnswer(f, methodBlock, latest)
}

func FuzzSyncStatus(f *testing.F) {
	f.Add([]byte(fixture(f, "op-node.optimism_syncStatus")))
	f.Add([]byte(`{"unsafe_l2":{"hash":` + hashA + `,"number":"0x9","timestamp":900,"l1origin":{"hash":` + hashB + `,"number":3}}}`))
	fuzzAnswer(f, methodSyncStatus, nil)
}

func FuzzAttributes(f *testing.F) {
	f.Add([]byte(fixture(f, "op-geth.l1_attributes_tx")))
	for _, selector := range []string{selectorBedrock, selectorEcotone, selectorIsthmus, selectorJovian} {
		f.Add([]byte(`{"input":"` + attributes(selector) + `"}`))
	}
	fuzzAnswer(f, methodTx, nil)
}
