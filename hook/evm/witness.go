package evm

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common/hexutil"
)

// verdict is what the operators of a chain's nodes say of whether a contract is as it was to be. Those that do not answer are
// counted too: on the side of nobody.
type verdict struct {
	peers int
	yes   []uint64 // heads of the operators that say so, at the least
	no    []uint64
}

// witness asks every node by itself.
func (s *Nodes) witness(ctx context.Context, e Effect) (verdict, error) {
	v := verdict{peers: s.peers}
	replies, err := poll(ctx, s, func(ctx context.Context, n *node, _ uint64) (bool, error) { return e.Holds(ctx, n) })
	for _, r := range replies {
		if r.value {
			v.yes = append(v.yes, r.head)
		} else {
			v.no = append(v.no, r.head)
		}
	}
	return v, err
}

// holds reports whether the contract is there in the eyes of more than half of all operators.
func (v verdict) holds() bool { return len(v.yes) > v.peers/2 }

// needless reports whether nothing needs to be sent: it holds, and nobody says otherwise. A node that lags may remember a pause
// that has been taken back since, and to send one too many costs a fee only.
func (v verdict) needless() bool { return v.holds() && len(v.no) == 0 }

// since reports whether it holds from a block on, in the eyes of more than half of all operators.
func (v verdict) since(block uint64) bool { return from(v.yes, block) > v.peers/2 }

// refuted reports whether it does not, although they have the block.
func (v verdict) refuted(block uint64) bool { return from(v.no, block) > v.peers/2 }

func from(heads []uint64, block uint64) int {
	n := 0
	for _, h := range heads {
		if h >= block {
			n++
		}
	}
	return n
}

// String is for people: "2 of 3 operators say so", and how many deny it if any do.
func (v verdict) String() string {
	if len(v.no) == 0 {
		return fmt.Sprintf("%d of %d operators say so", len(v.yes), v.peers)
	}
	return fmt.Sprintf("%d of %d operators say so, %d say otherwise", len(v.yes), v.peers, len(v.no))
}

// at gives the time of a block by its number or tag: the middle one of what the nodes say; zero when none does.
func (s *Nodes) at(ctx context.Context, block string) time.Time {
	replies, err := quick(ctx, s, func(ctx context.Context, n *node) (*big.Int, error) {
		var h *struct {
			Time hexutil.Uint64 `json:"timestamp"`
		}
		if err := n.get(ctx, &h, "eth_getBlockByNumber", block, false); err != nil {
			return nil, err
		}
		if h == nil {
			return nil, fmt.Errorf("%s: has no block %s", n.name, block)
		}
		return new(big.Int).SetUint64(uint64(h.Time)), nil
	})
	if err != nil {
		return time.Time{}
	}
	return time.Unix(middle(replies, func(t *big.Int) *big.Int { return t }).Int64(), 0).UTC()
}
