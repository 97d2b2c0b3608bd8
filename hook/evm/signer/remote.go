package signer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/config"
)

// remote has another process sign, which holds the key: eth_signTransaction as web3signer and op-signer have it. What that
// process answers is not believed but checked.
type remote struct {
	address common.Address
	caller  *caller
	timeout time.Duration
}

func newRemote(c config.Signer) (Signer, error) {
	if !common.IsHexAddress(c.Address) {
		return nil, errors.New("address is missing: what a remote signer answers is checked against it")
	}
	caller, err := newCaller(c)
	if err != nil {
		return nil, err
	}
	return &remote{address: common.HexToAddress(c.Address), caller: caller, timeout: c.Timeout.D()}, nil
}

// Address implements Signer.
func (r *remote) Address() common.Address { return r.address }

// Sign implements Signer.
func (r *remote) Sign(ctx context.Context, tx *types.Transaction, chainID *big.Int) (*types.Transaction, error) {
	if err := signable(tx, chainID); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	answer, err := r.caller.call(ctx, "eth_signTransaction", argumentsOf(tx, r.address))
	if err != nil {
		return nil, err
	}
	signed, err := decode(answer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.caller.host, err)
	}
	if err := proven(tx, signed, r.address); err != nil {
		return nil, fmt.Errorf("%s: %w", r.caller.host, err)
	}
	return signed, nil
}

// Ready implements Signer. web3signer lists its accounts; op-signer does not and says by health_status that it is there, which
// it says only to a client whose certificate it knows.
func (r *remote) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	if err := r.caller.certified(time.Now()); err != nil {
		return err
	}
	answer, err := r.caller.call(ctx, "eth_accounts")
	if refusal, ok := errors.AsType[*refusal](err); ok && refusal.code == methodNotFound {
		if _, err = r.caller.call(ctx, "health_status"); err != nil {
			return fmt.Errorf("it lists no accounts: %w", err)
		}
		return nil
	}
	if err != nil {
		return err
	}
	var accounts []common.Address
	if err := json.Unmarshal(answer, &accounts); err != nil {
		return fmt.Errorf("%s: eth_accounts: the answer is no list of addresses", r.caller.host)
	}
	if !slices.Contains(accounts, r.address) {
		return fmt.Errorf("%s: the signer does not hold %s", r.caller.host, r.address)
	}
	return nil
}

// String says who signs, and where.
func (r *remote) String() string { return "signer " + r.address.Hex() + " at " + r.caller.host }

// Format gives String for every verb.
func (r *remote) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// arguments is a transaction as eth_signTransaction takes it. The call data goes under both of its names, which op-signer and
// geth accept when they are equal: older releases of web3signer know only data, op-signer prefers input. web3signer signs for
// the chain that it was started for, and without an access list, whatever it is asked.
type arguments struct {
	From       common.Address   `json:"from"`
	To         *common.Address  `json:"to,omitempty"`
	Gas        hexutil.Uint64   `json:"gas"`
	MaxFee     *hexutil.Big     `json:"maxFeePerGas"`
	Tip        *hexutil.Big     `json:"maxPriorityFeePerGas"`
	Value      *hexutil.Big     `json:"value"`
	Nonce      hexutil.Uint64   `json:"nonce"`
	Data       hexutil.Bytes    `json:"data"`
	Input      hexutil.Bytes    `json:"input"`
	AccessList types.AccessList `json:"accessList,omitempty"`
	ChainID    *hexutil.Big     `json:"chainId"`
}

func argumentsOf(tx *types.Transaction, from common.Address) arguments {
	return arguments{
		From: from, To: tx.To(), Gas: hexutil.Uint64(tx.Gas()), Nonce: hexutil.Uint64(tx.Nonce()),
		MaxFee: (*hexutil.Big)(tx.GasFeeCap()), Tip: (*hexutil.Big)(tx.GasTipCap()), Value: (*hexutil.Big)(tx.Value()),
		Data: tx.Data(), Input: tx.Data(), AccessList: tx.AccessList(), ChainID: (*hexutil.Big)(tx.ChainId()),
	}
}

// decode reads the raw transaction out of an answer: in hex by itself, as web3signer and op-signer have it, or as raw of an
// object, as geth has it. What the object says beside it is not looked at.
func decode(answer json.RawMessage) (*types.Transaction, error) {
	var raw hexutil.Bytes
	if trimmed := bytes.TrimSpace(answer); len(trimmed) > 0 && trimmed[0] == '{' {
		var object struct {
			Raw hexutil.Bytes `json:"raw"`
		}
		if err := json.Unmarshal(answer, &object); err != nil {
			return nil, errNoTransaction
		}
		raw = object.Raw
	} else if err := json.Unmarshal(answer, &raw); err != nil {
		return nil, errNoTransaction
	}
	signed := new(types.Transaction)
	if err := signed.UnmarshalBinary(raw); err != nil {
		return nil, errNoTransaction
	}
	return signed, nil
}

var errNoTransaction = errors.New("eth_signTransaction: the answer is no transaction")
