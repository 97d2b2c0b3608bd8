package evm

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

// The file and its checksum are those of the builder's own test (apps/tx-builder/src/lib/checksum.test.js at 81f2251).
func TestTheChecksumOfABatchIsTheBuilders(t *testing.T) {
	const file = `{"version":"1.0","chainId":"4","createdAt":1646321521061,"meta":{"name":"test batch file","txBuilderVersion":"1.4.0","checksum":"",
"createdFromSafeAddress":"0xDF8a1Ce35c9a6ACE153B4e0767942f1E2291a1Aa","createdFromOwnerAddress":"0x49d4450977E2c95362C13D3a31a09311E0Ea26A6"},
"transactions":[{"to":"0x49d4450977E2c95362C13D3a31a09311E0Ea26A6","value":"0","contractMethod":{"inputs":[{"internalType":"address","name":"paramAddress","type":"address"}],"name":"testAddress","payable":false},"contractInputsValues":{"paramAddress":"0x49d4450977E2c95362C13D3a31a09311E0Ea26A6"}},
{"to":"0x49d4450977E2c95362C13D3a31a09311E0Ea26A6","value":"0","contractMethod":{"inputs":[{"internalType":"bool","name":"paramBool","type":"bool"}],"name":"testBool","payable":false},"contractInputsValues":{"paramAddress":"","paramBool":"false"}},
{"to":"0x49d4450977E2c95362C13D3a31a09311E0Ea26A6","value":"2000000000000000000","data":"0x42f4579000000000000000000000000049d4450977e2c95362c13d3a31a09311e0ea26a6"}]}`
	got, err := batchChecksum([]byte(file))
	if want := "0x4ecbfd364aa6759983915644e73f8bd411e85a2dc306f252a387c2728c4db64c"; err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

func TestABatchHoldsTheTransactionAndItsChecksum(t *testing.T) {
	var out bytes.Buffer
	err := WriteBatch(&out, "pause-pool", Transaction{
		ChainID: 8453, From: guardian, To: vault, Value: "0", Data: common.FromHex("0x8456cb59"), Text: "pause()",
	}, time.UnixMilli(1763741631000))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "version": "1.0",
  "chainId": "8453",
  "createdAt": 1763741631000,
  "meta": {
    "name": "pause-pool",
    "description": "pause()",
    "txBuilderVersion": "1.18.0",
    "createdFromSafeAddress": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "createdFromOwnerAddress": "",
    "checksum": "CHECKSUM"
  },
  "transactions": [
    {
      "to": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
      "value": "0",
      "data": "0x8456cb59",
      "contractMethod": null,
      "contractInputsValues": null
    }
  ]
}
`
	var file struct{ Meta struct{ Checksum string } }
	if err := json.Unmarshal(out.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	if got := string(bytes.Replace(out.Bytes(), []byte(file.Meta.Checksum), []byte("CHECKSUM"), 1)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// As the builder checks it: the checksum is of the file without it.
	bare := bytes.Replace(out.Bytes(), []byte(",\n    \"checksum\": \""+file.Meta.Checksum+"\""), nil, 1)
	if sum, err := batchChecksum(bare); err != nil || sum != file.Meta.Checksum {
		t.Errorf("%s, %v, and the file says %s", sum, err, file.Meta.Checksum)
	}
}
