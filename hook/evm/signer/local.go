package signer

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// local signs in this process. The key is held for as long as the process lives, so that the worst day needs no disk. It is
// in a closure, where neither printing nor reflection finds it.
type local struct {
	address common.Address
	sign    func(digest common.Hash) ([]byte, error)
}

// newLocal takes a key over. An account other than the configured one is an error: the role was given to another key.
func newLocal(key *ecdsa.PrivateKey, address string) (Signer, error) {
	l := &local{address: crypto.PubkeyToAddress(key.PublicKey)}
	if address != "" && common.HexToAddress(address) != l.address {
		zero(key)
		return nil, fmt.Errorf("the key is that of %s, and address is %s", l.address, address)
	}
	l.sign = func(digest common.Hash) ([]byte, error) { return crypto.Sign(digest[:], key) }
	return l, nil
}

// Address implements Signer.
func (l *local) Address() common.Address { return l.address }

// Sign implements Signer.
func (l *local) Sign(ctx context.Context, tx *types.Transaction, chainID *big.Int) (*types.Transaction, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := signable(tx, chainID); err != nil {
		return nil, err
	}
	rules := types.LatestSignerForChainID(chainID)
	signature, err := l.sign(rules.Hash(tx))
	if err != nil {
		return nil, errors.New("sign: the key does not sign") // what the library says is not ours to vouch for
	}
	signed, err := tx.WithSignature(rules, signature)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if err := proven(tx, signed, l.address); err != nil {
		return nil, err
	}
	return signed, nil
}

// Ready implements Signer: the key has been there since the start.
func (l *local) Ready(context.Context) error { return nil }

// String says who signs.
func (l *local) String() string { return "signer " + l.address.Hex() }

// Format gives String for every verb.
func (l *local) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(l.String())) }

// zero overwrites a key that is not needed any more.
func zero(key *ecdsa.PrivateKey) {
	//lint:ignore SA1019 it is deprecated because whoever writes to it makes the key invalid
	clear(key.D.Bits())
}
