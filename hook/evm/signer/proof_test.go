package signer

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"pgregory.net/rapid"
)

// alterations is every way in which an answer can be another transaction, each signed with the right key.
var alterations = map[string]func(*types.DynamicFeeTx) types.TxData{
	"chain id": func(tx *types.DynamicFeeTx) types.TxData { tx.ChainID = big.NewInt(1); return tx },
	"nonce":    func(tx *types.DynamicFeeTx) types.TxData { tx.Nonce++; return tx },
	"to":       func(tx *types.DynamicFeeTx) types.TxData { to := common.HexToAddress(stranger); tx.To = &to; return tx },
	"value":    func(tx *types.DynamicFeeTx) types.TxData { tx.Value = big.NewInt(12); return tx },
	"data":     func(tx *types.DynamicFeeTx) types.TxData { tx.Data = common.FromHex("0x3f4ba83a"); return tx },
	"gas":      func(tx *types.DynamicFeeTx) types.TxData { tx.Gas--; return tx },
	"max fee":  func(tx *types.DynamicFeeTx) types.TxData { tx.GasFeeCap = big.NewInt(4e9); return tx },
	"priority fee": func(tx *types.DynamicFeeTx) types.TxData {
		tx.GasTipCap = big.NewInt(2e8)
		return tx
	},
	"access list": func(tx *types.DynamicFeeTx) types.TxData { tx.AccessList = nil; return tx },
	"type": func(tx *types.DynamicFeeTx) types.TxData {
		return &types.AccessListTx{
			ChainID: tx.ChainID, Nonce: tx.Nonce, GasPrice: tx.GasFeeCap, Gas: tx.Gas, To: tx.To, Value: tx.Value, Data: tx.Data, AccessList: tx.AccessList,
		}
	},
}

func TestAnotherTransactionIsNotTaken(t *testing.T) {
	asked := types.NewTx(unsigned())
	for field, alter := range alterations {
		err := proven(asked, sign(t, alter(unsigned()), ownKey(t)), common.HexToAddress(account))
		if !errors.Is(err, ErrAltered) || err.Error() != "the signer answered with another transaction: its "+field+" differs" {
			t.Errorf("%s: %v", field, err)
		}
	}
	creation := unsigned()
	creation.To = nil
	if err := proven(types.NewTx(creation), sign(t, unsigned(), ownKey(t)), common.HexToAddress(account)); !errors.Is(err, ErrAltered) {
		t.Errorf("a call for a creation: %v", err)
	}
	if err := proven(asked, sign(t, unsigned(), ownKey(t)), common.HexToAddress(account)); err != nil {
		t.Errorf("the transaction itself: %v", err)
	}
}

func TestAnEmptyAccessListIsNone(t *testing.T) {
	asked, answered := unsigned(), unsigned()
	asked.AccessList, answered.AccessList = types.AccessList{}, nil
	if err := proven(types.NewTx(asked), sign(t, answered, ownKey(t)), common.HexToAddress(account)); err != nil {
		t.Error(err)
	}
}

func TestTheSignatureOfAnotherAccountIsNotTaken(t *testing.T) {
	asked := types.NewTx(unsigned())
	other, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, signed := range map[string]*types.Transaction{"unsigned": asked, "foreign": sign(t, unsigned(), other), "high s": highS(t)} {
		if err := proven(asked, signed, common.HexToAddress(account)); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// highS is a transaction with the other of the two signatures that the curve allows, which no node takes (EIP-2).
func highS(t *testing.T) *types.Transaction {
	signed := sign(t, unsigned(), ownKey(t))
	v, r, s := signed.RawSignatureValues()
	data := unsigned()
	data.V, data.R, data.S = new(big.Int).Xor(v, big.NewInt(1)), r, new(big.Int).Sub(crypto.S256().Params().N, s)
	return types.NewTx(data)
}

// Whatever bytes of the answer are others, it is not taken.
func TestNoByteOfAnAnswerMayDiffer(t *testing.T) {
	asked, signed := types.NewTx(unsigned()), sign(t, unsigned(), ownKey(t))
	raw, err := signed.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		altered := append([]byte{}, raw...)
		altered[rapid.IntRange(0, len(raw)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		tx := new(types.Transaction)
		if tx.UnmarshalBinary(altered) != nil {
			return
		}
		if err := proven(asked, tx, common.HexToAddress(account)); err == nil {
			t.Fatalf("taken: %x", altered)
		} else if strings.Contains(err.Error(), "0x8456cb59") {
			t.Fatalf("shows what it was given: %v", err)
		}
	})
}
