package devnet

import (
	"encoding/json"
	"math/big"
	"os"
	"reflect"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

func TestAttributesOfARealChainSurviveDecodingAndEncoding(t *testing.T) {
	data, err := os.ReadFile("testdata/l1_attributes_tx.json")
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Result struct {
			To    common.Address
			Input hexutil.Bytes
		}
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		t.Fatal(err)
	}
	got, err := decodeAttributes(answer.Result.Input)
	if err != nil {
		t.Fatal(err)
	}
	want := attributes{
		Number:  45,
		Time:    1795253798,
		BaseFee: big.NewInt(2465749),
		Hash:    common.HexToHash("0xd8b3dc541b3502fec8140b8ba8e38b51b198094c5340fbf0fee9cc128e6550c9"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v, want %+v", got, want)
	}
	if again := hexutil.Encode(got.encode()); again != answer.Result.Input.String() {
		t.Errorf("encoded %s, want %s", again, answer.Result.Input)
	}
	if answer.Result.To != l1AttributesAddress {
		t.Errorf("sent to %s, the net uses %s", answer.Result.To, l1AttributesAddress)
	}
}

func TestDecodeAttributesRefusesOtherCalldata(t *testing.T) {
	good := attributes{BaseFee: big.NewInt(7)}.encode()
	for name, data := range map[string][]byte{
		"nothing":          nil,
		"another function": append([]byte{1, 2, 3, 4}, good[4:]...),
		"a word too few":   good[:len(good)-32],
		"a byte too many":  append(good[:len(good):len(good)], 0),
	} {
		if _, err := decodeAttributes(data); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
