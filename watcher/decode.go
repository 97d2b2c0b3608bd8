package watcher

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
)

const (
	maxNumber = math.MaxInt64 // of a block
	maxTime   = 7258118400    // 1 January 2200: no timestamp of a block in this program's life is later
	maxAhead  = time.Hour     // of the local clock: more is no clock's error
)

// decodeAnswer takes the answer to one question into an observation, of which At must be set. It is the same for live and
// recorded answers. An error is a *headwatch.Fault whose text holds nothing of the answer but checked numbers.
func decodeAnswer(chain config.Chain, method string, params []json.RawMessage, result json.RawMessage, into *headwatch.Observation) error {
	switch method {
	case methodBlock:
		return readBlock(chain, params, result, into)
	case methodPush:
		return readPush(result, into)
	case methodSyncing:
		return readSyncing(result, into)
	case methodChainID:
		return readChainID(chain, result, into)
	case methodBalance, methodNonce:
		return readAccount(method, params, result, into)
	case methodTx:
		return readOrigin(result, into)
	case methodSyncStatus:
		return readSyncStatus(result, into)
	case methodRollupConfig:
		return readRollupConfig(chain, result, into)
	case methodBlockDetails:
		return readBlockDetails(result, into)
	}
	return faultf(headwatch.FaultOther, "no answer to this method is understood")
}

// block has what is read of a block, a header or a reference to a block. All else in them may be missing, odd or huge.
type block struct {
	Number       *quantity `json:"number"`
	Hash         hash      `json:"hash"`
	Parent       hash      `json:"parentHash"`
	Time         *quantity `json:"timestamp"`
	Transactions count     `json:"transactions"`
	TxCount      count     `json:"tx_count"` // in place of transactions in recordings
	GasUsed      amount    `json:"gasUsed"`
	Origin       *block    `json:"l1origin"`
	L1           *quantity `json:"l1BlockNumber"` // of Arbitrum
}

const zeroHash hash = "0x0000000000000000000000000000000000000000000000000000000000000000"

// absent reports whether there is no block: an op-node writes zeros for what it has not heard of.
func (b *block) absent() bool {
	return b == nil || ((b.Number == nil || *b.Number == 0) && (b.Hash == "" || b.Hash == zeroHash))
}

// head checks a block that was heard at an instant; what names it in a fault.
func (b *block) head(what string, at time.Time) (headwatch.Head, error) {
	switch {
	case b.Number == nil || b.Time == nil || b.Hash == "":
		return headwatch.Head{}, faultf(headwatch.FaultBadHead, "%s without number, hash or timestamp", what)
	case *b.Number > maxNumber:
		return headwatch.Head{}, faultf(headwatch.FaultBadHead, "%s has number %d", what, *b.Number)
	case *b.Time > maxTime:
		return headwatch.Head{}, faultf(headwatch.FaultBadHead, "%s has timestamp %d", what, *b.Time)
	}
	h := headwatch.Head{Number: uint64(*b.Number), Hash: string(b.Hash), Parent: string(b.Parent), Time: time.Unix(int64(*b.Time), 0).UTC()}
	if b.GasUsed.known {
		h.GasUsed = &b.GasUsed.n
	}
	if ahead := h.Time.Sub(at); ahead > maxAhead {
		return headwatch.Head{}, faultf(headwatch.FaultFutureHead, "%s is %s ahead of the clock here", what, headwatch.Brief(ahead.Truncate(time.Second)))
	}
	return h, nil
}

var errMalformed = errors.New("malformed")

// quantity is an unsigned number: "0x1f" as nodes write it, 31 as op-nodes do.
type quantity uint64

// UnmarshalJSON refuses what is not a whole number of 64 bits.
func (q *quantity) UnmarshalJSON(b []byte) error {
	text, base := strings.Trim(string(b), `"`), 10
	if digits, ok := strings.CutPrefix(text, "0x"); ok {
		text, base = digits, 16
	}
	n, err := strconv.ParseUint(text, base, 64)
	if err != nil {
		return errMalformed
	}
	*q = quantity(n)
	return nil
}

// amount is a quantity that may be missing or odd without making the rest worthless.
type amount struct {
	n     uint64
	known bool
}

// UnmarshalJSON never refuses: what is no number is not known.
func (a *amount) UnmarshalJSON(b []byte) error {
	var q quantity
	if q.UnmarshalJSON(b) == nil {
		*a = amount{uint64(q), true}
	}
	return nil
}

// hash is a block hash in lower case, checked: it is shown to people and compared between endpoints. null is "".
type hash string

// UnmarshalJSON refuses what is not 32 bytes of hex.
func (h *hash) UnmarshalJSON(b []byte) error {
	if isNull(b) {
		return nil
	}
	text := bytes.ToLower(bytes.Trim(b, `"`))
	if len(text) != len(zeroHash) || text[0] != '0' || text[1] != 'x' {
		return errMalformed
	}
	var sum [32]byte
	if _, err := hex.Decode(sum[:], text[2:]); err != nil {
		return errMalformed
	}
	*h = hash(text)
	return nil
}

func isNull(b json.RawMessage) bool { return len(b) == 0 || string(b) == "null" }

// unmarshal decodes what must be an object.
func unmarshal(result json.RawMessage, into any) error {
	if isNull(result) {
		return faultf(headwatch.FaultNull, "null")
	}
	if err := json.Unmarshal(result, into); err != nil {
		return secrets(nil).fault(err) // of these errors no word is passed on: there is nothing to take out
	}
	return nil
}
