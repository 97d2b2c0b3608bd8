package watcher

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
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

func FuzzBlockDetails(f *testing.F) {
	e := era{latest: 100, committed: 90, proven: 80, executed: 70}
	for _, n := range []uint64{60, 75, 85, 95} {
		f.Add([]byte(e.details(n)))
	}
	f.Fuzz(func(t *testing.T, result []byte) {
		at := time.Unix(1000, 0)
		o := headwatch.Observation{At: at}
		if err := decodeAnswer(eraChain, methodBlockDetails, nil, result, &o); err != nil {
			fault, _ := errors.AsType[*headwatch.Fault](err)
			if fault == nil {
				t.Fatalf("%T is not a fault", err)
			}
			wantFault(t, err, fault.Kind)
		}
		for _, h := range o.Heads {
			if h.Number > maxNumber || h.Time.Sub(at) > maxAhead || h.Hash != "" {
				t.Fatalf("delivered %+v", h)
			}
		}
	})
}

func FuzzFeed(f *testing.F) {
	f.Add([]byte(frame(25757171, time.Unix(1671691403, 0))))
	f.Add([]byte(confirmation))
	f.Add([]byte(`{"version":1,"messages":[null,{"sequenceNumber":1}]}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		number, made, err := readFeed(frame)
		if err != nil {
			fault, _ := errors.AsType[*headwatch.Fault](err)
			if fault == nil {
				t.Fatalf("%T is not a fault", err)
			}
			wantFault(t, err, fault.Kind)
			return
		}
		if number > maxNumber || made.Unix() > maxTime {
			t.Fatalf("delivered %d of %v", number, made)
		}
	})
}

func FuzzReading(f *testing.F) {
	// The path and the unit are the operator's; what an API answers is not.
	endpoints := []config.Endpoint{
		{Path: "time", Unit: config.UnitMillis, Below: []string{"levels.0.0.px", "levels.1.0.px"}},
		{Path: "result", Unit: config.UnitCounter},
		{Path: "t", Unit: config.UnitRFC3339},
		{Path: "a.#(b>1).t", Unit: config.UnitSeconds},
		{Path: "t", Unit: config.UnitNanos},
	}
	f.Add([]byte(book), uint8(0))
	f.Add([]byte(`{"result":"0x1f"}`), uint8(1))
	f.Add([]byte(`{"t":"2025-07-29T14:00:00Z"}`), uint8(2))
	f.Add([]byte(`{"a":[{"b":1},{"b":2,"t":1753797600.5}]}`), uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, which uint8) {
		at := time.Unix(1753797600, 0)
		o := headwatch.Observation{At: at}
		e := endpoints[int(which)%len(endpoints)]
		if err := readReading(e, text, &o); err != nil {
			if fault, _ := errors.AsType[*headwatch.Fault](err); fault == nil {
				t.Fatalf("%T is not a fault", err)
			}
			return
		}
		if r := o.Reading; (r.Count == nil) == r.Time.IsZero() || r.Time.Sub(at) > maxAhead {
			t.Fatalf("delivered %+v", o.Reading)
		}
	})
}
