package devnet

import (
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// attributes is what an L2 block says of L1 in its first transaction.
type attributes struct {
	Number   uint64
	Time     uint64
	BaseFee  *big.Int
	Hash     common.Hash
	Sequence uint64 // L2 blocks since the first one with this origin
}

// In bedrock's encoding: the selector of setL1BlockValues, then eight words.
const (
	attributesSelector = "\x01\x5d\x8e\xb9"
	attributesSize     = 4 + 8*32
	feeOverhead        = 2100
	feeScalar          = 1_000_000
)

func attributesOf(origin *types.Header) attributes {
	return attributes{
		Number:  origin.Number.Uint64(),
		Time:    origin.Time,
		BaseFee: origin.BaseFee,
		Hash:    origin.Hash(),
	}
}

// encode gives the calldata: number, timestamp, basefee, hash, sequenceNumber, batcherHash, overhead, scalar.
func (a attributes) encode() []byte {
	data := make([]byte, 0, attributesSize)
	data = append(data, attributesSelector...)
	word := func(v *big.Int) { data = append(data, common.BigToHash(v).Bytes()...) }
	word(new(big.Int).SetUint64(a.Number))
	word(new(big.Int).SetUint64(a.Time))
	word(a.BaseFee)
	word(a.Hash.Big())
	word(new(big.Int).SetUint64(a.Sequence))
	word(batcherAddress.Big())
	word(big.NewInt(feeOverhead))
	word(big.NewInt(feeScalar))
	return data
}

func decodeAttributes(data []byte) (attributes, error) {
	if len(data) != attributesSize || string(data[:4]) != attributesSelector {
		return attributes{}, errors.New("not the L1 attributes in bedrock encoding")
	}
	word := func(i int) common.Hash { return common.BytesToHash(data[4+32*i : 4+32*(i+1)]) }
	return attributes{
		Number:   word(0).Big().Uint64(),
		Time:     word(1).Big().Uint64(),
		BaseFee:  word(2).Big(),
		Hash:     word(3),
		Sequence: word(4).Big().Uint64(),
	}, nil
}
