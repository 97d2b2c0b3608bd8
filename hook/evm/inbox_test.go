package evm

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// The example of EIP-155, a signed transaction that anybody can look up.
const eip155 = "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"

// The log's topic and the call's selector are those of the deployed inboxes (nitro-contracts, IInboxBase and IDelayedMessageProvider).
func delivered(t testing.TB, call Call) *types.Log {
	t.Helper()
	return &types.Log{
		Address: call.To, Data: call.Data[4:], // both hold one argument, bytes
		Topics: []common.Hash{common.HexToHash("0xff64905f73a67fb594e0f940a8075a860db489ad991e032f48c81123eb52d60b"), common.BigToHash(big.NewInt(1_234_567))},
	}
}

// As nitro wraps it in its own test: the kind 4, then the transaction as it is.
func TestTheInboxCarriesTheSignedTransactionItself(t *testing.T) {
	inbox := common.HexToAddress("0x4Dbd4fc535Ac27206064B68FfCf827b0A60BAB3f")
	signed := hexutil.MustDecode(eip155)
	call, err := InboxCall(inbox, signed)
	if err != nil {
		t.Fatal(err)
	}
	const want = "0xb75436bb" +
		"0000000000000000000000000000000000000000000000000000000000000020" +
		"000000000000000000000000000000000000000000000000000000000000006f" +
		"04" +
		"f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83" +
		"0000000000000000000000000000000000"
	if hexutil.Encode(call.Data) != want || call.To != inbox || call.Value != nil {
		t.Errorf("got %s to %s with %v", hexutil.Encode(call.Data), call.To, call.Value)
	}
	got, err := DeliveredIn(inbox, []*types.Log{{Address: inbox}, delivered(t, call)})
	if err != nil {
		t.Fatal(err)
	}
	if got.Message != 1_234_567 || got.Tx.Hash() != crypto.Keccak256Hash(signed) {
		t.Errorf("message %d, transaction %s", got.Message, got.Tx.Hash())
	}
}

func TestTheInboxTakesOnlyWhatTheChainTakes(t *testing.T) {
	large, _ := types.NewTx(&types.DynamicFeeTx{Data: make([]byte, inboxMaxData)}).MarshalBinary()
	blob, _ := types.NewTx(&types.BlobTx{}).MarshalBinary()
	for name, signed := range map[string][]byte{
		"nothing": nil, "no transaction": {1, 2, 3}, "a transaction cut off": hexutil.MustDecode(eip155)[:50], "one too large": large, "one with blobs": blob,
	} {
		if call, err := InboxCall(common.Address{}, signed); err == nil {
			t.Errorf("%s: %s", name, call.Text)
		}
	}
	// The largest message that fits is taken.
	fits, _ := types.NewTx(&types.DynamicFeeTx{Data: make([]byte, inboxMaxData-len(large)+inboxMaxData-1)}).MarshalBinary()
	if len(fits) != inboxMaxData-1 {
		t.Fatalf("the largest has %d bytes", len(fits))
	}
	if _, err := InboxCall(common.Address{}, fits); err != nil {
		t.Error(err)
	}
}

func TestALogThatIsNoSignedTransactionIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*types.Log){
		"removed":             func(l *types.Log) { l.Removed = true },
		"another event":       func(l *types.Log) { l.Topics[0][0]++ },
		"no number":           func(l *types.Log) { l.Topics = l.Topics[:1] },
		"a huge number":       func(l *types.Log) { l.Topics[1][0] = 1 },
		"no data":             func(l *types.Log) { l.Data = nil },
		"an empty message":    func(l *types.Log) { l.Data = append(numberWord(32), numberWord(0)...) },
		"another kind":        func(l *types.Log) { l.Data[64] = 7 },
		"another transaction": func(l *types.Log) { l.Data[65] = 0 },
	} {
		call, err := InboxCall(common.Address{}, hexutil.MustDecode(eip155))
		if err != nil {
			t.Fatal(err)
		}
		log := delivered(t, call)
		spoil(log)
		if d, err := ParseDelivered(log); err == nil {
			t.Errorf("%s: taken as %+v", name, d)
		}
	}
}

// What is read can be sent again, and is then the same message.
func FuzzParseDelivered(f *testing.F) {
	call, err := InboxCall(common.Address{}, hexutil.MustDecode(eip155))
	if err != nil {
		f.Fatal(err)
	}
	topics := delivered(f, call).Topics
	f.Add(call.Data[4:])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDelivered(&types.Log{Topics: topics, Data: data})
		if err != nil {
			return
		}
		raw, err := d.Tx.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		message, err := onlyBytes(data)
		if err != nil || !bytes.Equal(message[1:], raw) {
			t.Errorf("%x was read as %x", data, raw)
		}
	})
}
