package evm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// wordSize is that of everything in the contract ABI.
const wordSize = 32

// eventTopic gives the hash of an event's signature; its first four bytes are what a function is called by.
func eventTopic(signature string) common.Hash { return crypto.Keccak256Hash([]byte(signature)) }

// packCall gives the data of a call whose arguments are words, laid out already.
func packCall(signature string, words ...[]byte) []byte {
	hash := eventTopic(signature)
	data := hash[:4:4]
	for _, w := range words {
		data = append(data, w...)
	}
	return data
}

func numberWord(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, wordSize-8), n) }

// amountWord packs nil as 0.
func amountWord(n *big.Int) []byte {
	if n == nil {
		return numberWord(0)
	}
	return common.LeftPadBytes(n.Bytes(), wordSize)
}

func addressWord(a common.Address) []byte { return common.LeftPadBytes(a[:], wordSize) }

func flagWord(b bool) []byte {
	if b {
		return numberWord(1)
	}
	return numberWord(0)
}

// bytesTail packs bytes as they follow the words that point at them.
func bytesTail(data []byte) []byte {
	out := append(numberWord(uint64(len(data))), data...)
	return append(out, make([]byte, -len(data)&(wordSize-1))...)
}

// splitWords splits what a contract answers into its n words.
func splitWords(out []byte, n int) ([]*big.Int, error) {
	if len(out) != n*wordSize {
		return nil, fmt.Errorf("%d bytes in place of %d words", len(out), n)
	}
	list := make([]*big.Int, n)
	for i := range list {
		list[i] = new(big.Int).SetBytes(out[i*wordSize : (i+1)*wordSize])
	}
	return list, nil
}

// onlyBytes takes the one argument of an event, bytes, out of its data: packed as Solidity does it, and in no other way.
func onlyBytes(data []byte) ([]byte, error) {
	if len(data) < 2*wordSize || len(data)%wordSize != 0 {
		return nil, fmt.Errorf("%d bytes of event data", len(data))
	}
	head, content := data[:2*wordSize], data[2*wordSize:]
	offset, size := new(big.Int).SetBytes(head[:wordSize]), new(big.Int).SetBytes(head[wordSize:])
	if !offset.IsUint64() || offset.Uint64() != wordSize {
		return nil, errors.New("the event data does not begin with its offset")
	}
	if !size.IsUint64() || size.Uint64() > uint64(len(content)) || uint64(len(content))-size.Uint64() >= wordSize {
		return nil, fmt.Errorf("the event data says that it has %v bytes, and has %d", size, len(content))
	}
	return content[:size.Uint64()], nil
}

// onlyLog gives the one log of an event that a contract wrote.
func onlyLog(contract common.Address, event string, logs []*types.Log) (*types.Log, error) {
	var found *types.Log
	for _, log := range logs {
		if log.Address != contract || len(log.Topics) == 0 || log.Topics[0] != eventTopic(event) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("the transaction made more than one %s of %s", event, contract)
		}
		found = log
	}
	if found == nil {
		return nil, fmt.Errorf("the transaction made no %s of %s", event, contract)
	}
	return found, nil
}
