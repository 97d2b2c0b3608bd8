package evm

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
)

// draft is one signed transaction as the journal keeps it, under a slot of its own: the leg and a number from 1 on. Those of one
// hook, incident and leg have one nonce. Whatever has been kept may have been sent.
type draft struct {
	Incident string         `json:"incident"`
	Hook     string         `json:"hook"`
	Leg      string         `json:"leg"`
	Number   int            `json:"number"`
	ChainID  uint64         `json:"chain_id"`
	From     common.Address `json:"from"`
	Nonce    uint64         `json:"nonce"`
	Tip      *hexutil.Big   `json:"tip"` // per unit of gas, in wei
	Max      *hexutil.Big   `json:"max_fee"`
	Head     uint64         `json:"head"` // of the chain when it was signed
	At       time.Time      `json:"at"`
	Raw      hexutil.Bytes  `json:"raw"` // as it is sent

	hash common.Hash
}

// over says in the journal that nothing of a hook is under way for an incident any more.
type over struct {
	Incident string `json:"incident"`
	Hook     string `json:"hook"`
	Over     bool   `json:"over"`
}

// Slots that hold no draft.
const (
	overSlot  = "over"
	beganSlot = "began"
)

func (d draft) slot() string { return fmt.Sprintf("%s-%d", d.Leg, d.Number) }

// place is where the journal has it.
func (d draft) place() string { return fmt.Sprintf("%q %q %s", d.Incident, d.Hook, d.slot()) }

func (d draft) end() over { return over{d.Incident, d.Hook, true} }

func (d draft) account() account { return account{d.ChainID, d.From} }

func (d draft) offer() offer {
	return offer{Hash: d.hash, Nonce: d.Nonce, Fees: fees{Tip: d.Tip.ToInt(), Max: d.Max.ToInt()}, At: d.At, Head: d.Head}
}

// newDraft describes a signed transaction.
func newDraft(incident, hook, leg string, number int, tx *types.Transaction, from common.Address, head uint64, at time.Time) (draft, error) {
	raw, err := tx.MarshalBinary()
	if err != nil {
		return draft{}, fmt.Errorf("encode the transaction: %w", err)
	}
	return draft{
		Incident: incident, Hook: hook, Leg: leg, Number: number, ChainID: tx.ChainId().Uint64(), From: from, Nonce: tx.Nonce(),
		Tip: (*hexutil.Big)(tx.GasTipCap()), Max: (*hexutil.Big)(tx.GasFeeCap()), Head: head, At: at, Raw: raw, hash: tx.Hash(),
	}, nil
}

// readDraft reads what is kept, and believes nothing of it that its transaction does not say as well.
func readDraft(data []byte) (draft, error) {
	var d draft
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("read a kept transaction: %w", err)
	}
	var tx types.Transaction
	if err := tx.UnmarshalBinary(d.Raw); err != nil {
		return d, fmt.Errorf("read a kept transaction: %w", err)
	}
	from, err := types.Sender(types.LatestSignerForChainID(new(big.Int).SetUint64(d.ChainID)), &tx)
	if err != nil || from != d.From || tx.Nonce() != d.Nonce || d.Tip == nil || d.Max == nil {
		return d, errors.New("read a kept transaction: it is not the one that it is said to be")
	}
	d.hash = tx.Hash()
	return d, nil
}

// transaction decodes the signed transaction.
func (d draft) transaction() (*types.Transaction, error) {
	tx := new(types.Transaction)
	if err := tx.UnmarshalBinary(d.Raw); err != nil {
		return nil, fmt.Errorf("read a kept transaction: %w", err)
	}
	return tx, nil
}
