package watcher

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/rpc"

	"headwatch"
	"headwatch/config"
)

const methodSendTx = "eth_sendRawTransaction"

// refusals are the words in which clients refuse a transaction for what it says, in lower case: whoever uses them has read
// it. The words are from smartcontractkit/chainlink-evm, pkg/client/errors.go, which classifies these errors for a living, and
// from the clients that are named.
var refusals = []struct{ words, clients string }{
	{"insufficient funds", "geth, op-geth, nitro, erigon, reth, scroll; zksync with: for gas + value"},
	{"insufficientfunds", "nethermind"},
	{"insufficient balance", "openethereum, and older geths with: for transfer"},
	{"upfront cost exceeds account balance", "besu, and linea's sequencer on it"},
	{"not enough balance to cover the fee", "zksync-era, api_server"},
	{"not enough funds for gas", "arbitrum before nitro"},
	{"lack of funds", "revm, InvalidTransaction::LackOfFundForMaxFee"},
	// The price or the gas that is offered is not enough either: read all the same.
	{"max fee per gas less than block base fee", "nitro, zksync"},
	{"transaction underpriced", "geth, op-geth, erigon"},
	{"feetoolow", "nethermind"},
	{"gas price below configured minimum gas price", "besu"},
	{"intrinsic gas too low", "geth, nitro, zksync"},
}

// refused reports whether an error is the refusal of a transaction that was read.
func refused(message string) bool {
	message = strings.ToLower(message[:min(len(message), maxQuoted)])
	for _, r := range refusals {
		if strings.Contains(message, r.words) {
			return true
		}
	}
	return false
}

// The unpayable transaction offers more gas and a higher price than any chain asks, and less in all than the 1 ETH above
// which geth refuses to pass a transaction on.
const (
	offeredGas   = 500_000
	offeredPrice = 200e9 // wei
)

// unpayable is a transaction that cannot be paid for: of nothing, from an account that a key made here and forgotten owns, to
// itself. It is of the oldest form that is bound to one chain (EIP-155), which every client knows.
func unpayable(chainID uint64) (string, error) {
	key, err := crypto.GenerateKey()
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	to := crypto.PubkeyToAddress(key.PublicKey)
	chain := new(big.Int).SetUint64(chainID)
	body := []any{uint64(0), big.NewInt(offeredPrice), uint64(offeredGas), to, new(big.Int), []byte{}}
	unsigned, err := rlp.EncodeToBytes(append(body, chain, uint(0), uint(0)))
	if err != nil {
		return "", fmt.Errorf("encode a transaction: %w", err)
	}
	sig, err := crypto.Sign(crypto.Keccak256(unsigned), key)
	if err != nil {
		return "", fmt.Errorf("sign a transaction: %w", err)
	}
	v := new(big.Int).Add(new(big.Int).Lsh(chain, 1), big.NewInt(int64(sig[64])+35))
	signed, err := rlp.EncodeToBytes(append(body, v, new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:64])))
	if err != nil {
		return "", fmt.Errorf("encode a transaction: %w", err)
	}
	return "0x" + hex.EncodeToString(signed), nil
}

// refusalProber asks a sequencer to refuse a transaction: the refusal is life, whether there is anything to seal or not. It
// belongs to one goroutine.
type refusalProber struct {
	url     config.Secret
	timeout time.Duration
	wire    *wire
	tx      string
	client  *rpc.Client // nil until the first probe
}

func newRefusalProber(chain config.Chain, e config.Endpoint, s secrets) (*refusalProber, error) {
	tx, err := unpayable(chain.ChainID)
	if err != nil {
		return nil, err
	}
	return &refusalProber{url: e.URL, timeout: e.Timeout.D(), wire: newWire(s), tx: tx}, nil
}

func (p *refusalProber) probe(ctx context.Context, _ bool) headwatch.Observation {
	asked := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	p.wire.server = server{}
	err := p.send(ctx)
	o := headwatch.Observation{At: time.Now(), Date: p.wire.server.date, Expires: p.wire.server.expires}
	o.Latency = o.At.Sub(asked)
	if o.Alive = err == nil; !o.Alive {
		o.Err = err
	}
	return o
}

// send gives nil when the sequencer refused the transaction, and a *headwatch.Fault otherwise.
func (p *refusalProber) send(ctx context.Context) error {
	if p.client == nil {
		client, err := rpc.DialOptions(ctx, p.url.Reveal(), rpc.WithHTTPClient(&http.Client{Transport: p.wire}))
		if err != nil {
			return p.wire.secrets.fault(err)
		}
		p.client = client
	}
	var hash string
	err := p.client.CallContext(ctx, &hash, methodSendTx, p.tx)
	if err == nil {
		return faultf(headwatch.FaultOther, "it accepted a transaction that cannot be paid for")
	}
	fault := p.wire.secrets.fault(err)
	e, answered := errors.AsType[rpc.Error](err)
	switch {
	case answered && fault.Kind != headwatch.FaultRateLimited && refused(e.Error()):
		return nil
	case answered && notServed(e), fault.Kind == headwatch.FaultHTTPStatus && strings.HasPrefix(fault.Detail, "4"):
		fault.Kind = headwatch.FaultOther // it refuses us, and says nothing of the sequencer
	}
	return fault
}

// notServed reports whether an endpoint does not take transactions, or not from us.
func notServed(e rpc.Error) bool {
	const methodNotFound, invalidParams = -32601, -32602
	return e.ErrorCode() == methodNotFound || e.ErrorCode() == invalidParams
}
