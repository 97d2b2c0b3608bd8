// Package signer signs transactions, with a key in a file, in memory or in another process: one file a kind. Keys never leave
// the package: no function gives one away, nothing prints one, and what could be zeroed after use is.
package signer

import (
	"context"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Signer signs for one account. All methods may be called from several goroutines.
type Signer interface {
	// Address is the account's.
	Address() common.Address
	// Sign gives tx signed for the chain of that id. It obeys the deadline of ctx. Whatever signed it, the result has been
	// checked to be tx and nothing else, signed by Address.
	Sign(ctx context.Context, tx *types.Transaction, chainID *big.Int) (*types.Transaction, error)
	// Ready gives nil when it could sign now, else why not, without a secret. It signs nothing.
	Ready(ctx context.Context) error
}
