package evm

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// The delayed inbox of Arbitrum (OffchainLabs/nitro-contracts: src/bridge/AbsInbox.sol and SequencerInbox.sol; OffchainLabs/nitro:
// arbos/parse_l2.go and system_tests/delayedinbox_test.go).
//
// It carries the signed transaction of L2 itself. So the same bytes go straight to the chain and through L1, have one hash and
// one nonce, and take effect once; nobody is aliased, and any account on L1 may carry them, a Safe too. The account that signed
// them pays for them on L2. The inbox may be paused, and then reverts; an allow list, where a chain has one, is held against
// tx.origin.
const (
	// It is not the cheaper sendL2MessageFromOrigin: only an account without code may send that, and its log does not hold the
	// message.
	inboxSignature = "sendL2Message(bytes)"
	inboxEvent     = "InboxMessageDelivered(uint256,bytes)"

	inboxMaxData  = 117_964 // bytes of a message; DataTooLarge beyond
	inboxSignedTx = 4       // L2MessageKind_SignedTx
)

// InboxCall wraps a signed transaction of an Arbitrum chain into the call of the chain's delayed inbox on L1. The transaction
// keeps its hash.
func InboxCall(inbox common.Address, signed []byte) (Call, error) {
	tx, err := carried(signed)
	if err != nil {
		return Call{}, err
	}
	if len(signed) >= inboxMaxData {
		return Call{}, fmt.Errorf("the signed transaction has %d bytes, and the inbox takes %d", len(signed), inboxMaxData-1)
	}
	message := append([]byte{inboxSignedTx}, signed...)
	return Call{
		To: inbox, Data: packCall(inboxSignature, numberWord(wordSize), bytesTail(message)),
		Text: "deliver " + tx.Hash().Hex() + " through the delayed inbox",
	}, nil
}

// Delivered is a signed transaction that a delayed inbox holds.
type Delivered struct {
	Message uint64 // its number among all messages to the chain
	Tx      *types.Transaction
}

// DeliveredIn gives the one signed transaction that a transaction on L1 put into the inbox. logs are those of its receipt.
func DeliveredIn(inbox common.Address, logs []*types.Log) (Delivered, error) {
	log, err := onlyLog(inbox, inboxEvent, logs)
	if err != nil {
		return Delivered{}, err
	}
	return ParseDelivered(log)
}

// ParseDelivered reads an InboxMessageDelivered log. Whether the inbox wrote it is for the caller to say. A message that is not
// a signed transaction is an error, and so is a log that a reorganisation removed.
func ParseDelivered(log *types.Log) (Delivered, error) {
	switch {
	case log.Removed:
		return Delivered{}, errors.New("the message is on no chain any more")
	case len(log.Topics) != 2 || log.Topics[0] != eventTopic(inboxEvent):
		return Delivered{}, errors.New("the log is no InboxMessageDelivered")
	}
	n := log.Topics[1].Big()
	if !n.IsUint64() {
		return Delivered{}, fmt.Errorf("read the delivered message: its number %v is out of range", n)
	}
	message, err := onlyBytes(log.Data)
	if err != nil {
		return Delivered{}, fmt.Errorf("read the delivered message: %w", err)
	}
	if len(message) == 0 || message[0] != inboxSignedTx {
		return Delivered{}, errors.New("the delivered message is no signed transaction")
	}
	tx, err := carried(message[1:])
	if err != nil {
		return Delivered{}, err
	}
	return Delivered{n.Uint64(), tx}, nil
}

// carried reads a signed transaction that ArbOS takes from the inbox.
func carried(signed []byte) (*types.Transaction, error) {
	tx := new(types.Transaction)
	if err := tx.UnmarshalBinary(signed); err != nil {
		return nil, fmt.Errorf("read the signed transaction: %w", err)
	}
	if tx.Type() == types.BlobTxType {
		return nil, errors.New("no Arbitrum chain takes a transaction with blobs")
	}
	return tx, nil
}
