package devnet

import (
	"encoding/json"
	"os"
	"testing"
)

// shape is a JSON document without its values.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = shape(v[k])
		}
		return v
	case string:
		return "string"
	case float64:
		return "number"
	default:
		return v
	}
}

func TestRollupAnswersHaveTheShapeOfARealOpNodes(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	blocks(t, n, "l1", 4)
	for _, method := range []string{"syncStatus", "rollupConfig"} {
		data, err := os.ReadFile("testdata/" + method + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var want struct{ Result any }
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		var got any
		if err := dial(t, n.L2()[0].Rollup).CallContext(t.Context(), &got, "optimism_"+method); err != nil {
			t.Fatal(err)
		}
		g, _ := json.Marshal(shape(got))
		w, _ := json.Marshal(shape(want.Result))
		if string(g) != string(w) {
			t.Errorf("%s:\n got %s\nwant %s", method, g, w)
		}
	}
}

func TestSyncStatusTellsTheHeadsOfItsEndpoint(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	blocks(t, n, "l1", 6) // the finalized head has left the genesis
	if err := n.Freeze("l2-c"); err != nil {
		t.Fatal(err)
	}
	blocks(t, n, "l1", 2)
	n.StopL2()
	n.StopL1()
	for _, e := range n.L2() {
		client := dial(t, e.HTTP)
		var got syncStatus
		if err := dial(t, e.Rollup).CallContext(t.Context(), &got, "optimism_syncStatus"); err != nil {
			t.Fatal(err)
		}
		for tag, ref := range map[string]l2Ref{"latest": got.UnsafeL2, "safe": got.SafeL2, "finalized": got.FinalizedL2} {
			b := get(t, client, tag)
			if ref.Hash != b.Hash || ref.Number != uint64(b.Number) || ref.ParentHash != b.ParentHash || ref.Timestamp != uint64(b.Timestamp) {
				t.Errorf("%s: %s is %+v, the chain has %d %s", e.Name, tag, ref, b.Number, b.Hash)
			}
			at, err := decodeAttributes(b.Transactions[0].Input)
			if err != nil {
				t.Fatal(err)
			}
			if ref.Origin != (blockID{at.Hash, at.Number}) || ref.SequenceNumber != at.Sequence {
				t.Errorf("%s: %s has origin %+v, sequence %d, its attributes say %+v", e.Name, tag, ref.Origin, ref.SequenceNumber, at)
			}
		}
		if l1 := get(t, dial(t, n.L1().HTTP), "latest"); got.HeadL1.Hash != l1.Hash {
			t.Errorf("%s: head_l1 is %d, L1 has %d", e.Name, got.HeadL1.Number, l1.Number)
		}
	}
}
