package signer

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"reflect"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

var (
	// ErrAltered says that what came back is not the transaction that was to be signed.
	ErrAltered = errors.New("the signer answered with another transaction")
	// ErrForeign says that what came back is not signed by the account of the signer.
	ErrForeign = errors.New("the signer did not sign with its account")
)

// signable refuses what this package does not sign.
func signable(tx *types.Transaction, chainID *big.Int) error {
	switch {
	case tx.Type() != types.DynamicFeeTxType:
		return fmt.Errorf("sign: a transaction of type %d; only dynamic fee transactions are signed", tx.Type())
	case chainID == nil || tx.ChainId().Cmp(chainID) != 0:
		return fmt.Errorf("sign: the transaction is for chain %v, not for chain %v", tx.ChainId(), chainID)
	}
	return nil
}

// proven gives nil when signed is tx in every field and signed by that account. The error names the first field that differs,
// not its value: it is whatever the signer made up.
func proven(tx, signed *types.Transaction, by common.Address) error {
	for _, field := range []struct {
		name string
		same bool
	}{
		{"type", tx.Type() == signed.Type()},
		{"chain id", tx.ChainId().Cmp(signed.ChainId()) == 0},
		{"nonce", tx.Nonce() == signed.Nonce()},
		{"to", reflect.DeepEqual(tx.To(), signed.To())},
		{"value", tx.Value().Cmp(signed.Value()) == 0},
		{"data", bytes.Equal(tx.Data(), signed.Data())},
		{"gas", tx.Gas() == signed.Gas()},
		{"max fee", tx.GasFeeCap().Cmp(signed.GasFeeCap()) == 0},
		{"priority fee", tx.GasTipCap().Cmp(signed.GasTipCap()) == 0},
		{"access list", sameAccess(tx.AccessList(), signed.AccessList())},
	} {
		if !field.same {
			return fmt.Errorf("%w: its %s differs", ErrAltered, field.name)
		}
	}
	rules := types.LatestSignerForChainID(tx.ChainId())
	// Every field has been compared by name. What is signed is compared as well, for a field that a later type adds.
	if rules.Hash(tx) != rules.Hash(signed) {
		return fmt.Errorf("%w: it differs", ErrAltered)
	}
	sender, err := types.Sender(rules, signed)
	switch {
	case err != nil:
		return fmt.Errorf("%w: the signature is not valid", ErrForeign)
	case sender != by:
		return fmt.Errorf("%w: it signed as %s, not as %s", ErrForeign, sender, by)
	}
	return nil
}

// sameAccess compares access lists; one without entries is none.
func sameAccess(a, b types.AccessList) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}
