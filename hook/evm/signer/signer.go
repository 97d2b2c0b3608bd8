// Package signer signs transactions, with a key in a file, in memory or in another process: one file a kind. Keys never leave
// the package: no function gives one away, nothing prints one, and what could be zeroed after use is. It decides nothing about
// a transaction and sends none.
package signer

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/config"
)

// Signer signs for one account. All methods may be called from several goroutines.
type Signer interface {
	// Address is the account's.
	Address() common.Address
	// Sign gives tx signed for the chain of that id. Only dynamic fee transactions (EIP-1559) are signed, and chainID must be
	// theirs. It obeys the deadline of ctx. Whatever signed it, the result has been checked to be tx and nothing else, signed
	// by Address: ErrAltered and ErrForeign say that it was not.
	Sign(ctx context.Context, tx *types.Transaction, chainID *big.Int) (*types.Transaction, error)
	// Ready gives nil when it could sign now, else why not, without a secret. It signs nothing.
	Ready(ctx context.Context) error
}

// kinds is every kind of signer there is.
var kinds = map[string]func(config.Signer) (Signer, error){
	config.SignerKeystore: newKeystore,
	config.SignerKey:      newKey,
	config.SignerRemote:   newRemote,
}

// New makes a configured signer. It reads the files that the configuration names and connects to nothing; a keystore as geth
// makes it takes it a second and 256 MiB. Its errors show no secret.
func New(c config.Signer) (Signer, error) {
	kind, ok := kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("signer %s: unknown kind %q", c.Name, c.Kind)
	}
	s, err := kind(c)
	if err != nil {
		return nil, fmt.Errorf("signer %s: %w", c.Name, err)
	}
	return s, nil
}
