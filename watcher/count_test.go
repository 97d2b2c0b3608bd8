package watcher

import (
	"encoding/json"
	"testing"
)

func TestElementsAreCountedWithoutBuildingThem(t *testing.T) {
	for text, want := range map[string]struct{ n, length int }{
		`[]`: {0, 2}, `[ ]x`: {0, 3}, `[1]`: {1, 3}, `["a","b"] , 5`: {2, 9}, `[[1,2],{"a":[3,4]}]`: {2, 19},
		`["]",",","\"]","\\"]`: {4, 20}, `[null, null ,null]`: {3, 18},
		``: {-1, 0}, `[`: {-1, 0}, `[1,2`: {-1, 0}, `["a]`: {-1, 0}, `["a\"]`: {-1, 0}, `5`: {-1, 0}, `"[1]"`: {-1, 0}, `{}`: {-1, 0}, `]`: {-1, 0},
	} {
		n, length, ok := elements([]byte(text))
		if !ok {
			n = -1
		}
		if n != want.n || (ok && length != want.length) {
			t.Errorf("%s: got %d elements in %d bytes, want %d in %d", text, n, length, want.n, want.length)
		}
	}
}

func TestCondensingLeavesAllElseAlone(t *testing.T) {
	for text, want := range map[string]string{
		`{"result":{"a":1,"transactions":["0x1","0x2"],"b":[2]}}`:                 `{"result":{"a":1,"transactions":2,"b":[2]}}`,
		`[{"result":{"transactions":[]}},{"result":{"transactions":[{"a":[]}]}}]`: `[{"result":{"transactions":0}},{"result":{"transactions":1}}]`,
		`{"error":{"message":"no \"transactions\":[1,2] here"}}`:                  `{"error":{"message":"no \"transactions\":[1,2] here"}}`,
		`{"logsBloom":"0x\"00","withdrawals":[{"a":"]"}],"a":1}`:                  `{"logsBloom":"","withdrawals":1,"a":1}`,
		`{"logsBloom":null,"a":"logsBloom"}`:                                      `{"logsBloom":null,"a":"logsBloom"}`,
		`{"logsBloom":"cut`:                                                       `{"logsBloom":"cut`,
		`{"transactions":5}`:                                                      `{"transactions":5}`,
		`{"transactions":["cut`:                                                   `{"transactions":["cut`,
		``:                                                                        ``,
	} {
		if got := string(condense([]byte(text))); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// FuzzCondense: what is left of any JSON is JSON, and a block in it has the same head and the same count.
func FuzzCondense(f *testing.F) {
	for _, name := range []string{"op-geth.eth_getBlockByNumber.latest", "op-geth.eth_getBlockByNumber.with_forced_deposit"} {
		f.Add([]byte(fixture(f, name)))
	}
	f.Add([]byte(`{"logsBloom":"0x00","withdrawals":[{}],"transactions":[{"withdrawals":[],"logsBloom":"\"logsBloom\":"}]}`))
	f.Add([]byte(`{"transactions":[],"a":{"transactions":[1,"\"transactions\":[",{"transactions":[2,3]}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		var before, after block
		beforeErr := json.Unmarshal(text, &before)
		short := condense(append([]byte(nil), text...))
		if !json.Valid(short) || len(short) > len(text) {
			t.Fatalf("%s became %s", text, short)
		}
		if afterErr := json.Unmarshal(short, &after); (beforeErr == nil) != (afterErr == nil) {
			t.Fatalf("%v became %v", beforeErr, afterErr)
		}
		if before.Transactions != after.Transactions || before.Hash != after.Hash {
			t.Fatalf("%v became %v", before, after)
		}
	})
}
