package watcher

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
)

// Methods of an op-node.
const (
	methodSyncStatus   = "optimism_syncStatus"
	methodRollupConfig = "optimism_rollupConfig"
)

// opStack is the execution side of an OP Stack chain. Where no op-node tells it, the L1 origin is read from the latest
// block's first transaction.
func opStack(chain config.Chain) kind {
	k := evm(chain)
	if !chain.Serves(config.ServesRollup) {
		k.slow = append(k.slow, newQuestion(methodTx, raw("latest"), raw("0x0")).ifServed())
	}
	return k
}

// opNode is the consensus side of an OP Stack chain. A gateway may serve its status and not its configuration.
func opNode(config.Chain) kind {
	return kind{head: newQuestion(methodSyncStatus), chain: newQuestion(methodRollupConfig).ifServed()}
}

// syncStatus is what an op-node knows. Every field may be missing, and is zeroed until the node has heard of a block.
type syncStatus struct {
	HeadL1    *block `json:"head_l1"`
	CurrentL1 *block `json:"current_l1"`
	SafeL1    *block `json:"safe_l1"`
	FinalL1   *block `json:"finalized_l1"`
	Unsafe    *block `json:"unsafe_l2"`
	Safe      *block `json:"safe_l2"`
	Finalized *block `json:"finalized_l2"`
}

func readSyncStatus(result json.RawMessage, into *headwatch.Observation) error {
	var s syncStatus
	if err := unmarshal(result, &s); err != nil {
		return err
	}
	for _, r := range []struct {
		tag  headwatch.Tag
		name string
		ref  *block
	}{{headwatch.Unsafe, "unsafe_l2", s.Unsafe}, {headwatch.Safe, "safe_l2", s.Safe}, {headwatch.Finalized, "finalized_l2", s.Finalized}} {
		if r.ref.absent() {
			continue
		}
		head, err := r.ref.head(r.name, into.At)
		if err != nil {
			return err
		}
		setHead(into, r.tag, head)
	}
	if !s.HeadL1.absent() {
		head, err := s.HeadL1.head("head_l1", into.At)
		if err != nil {
			return err
		}
		into.HeadL1 = &head
	}
	if len(into.Heads) == 0 && into.HeadL1 == nil {
		return faultf(headwatch.FaultNull, "a status without any head")
	}
	var err error
	if into.Origin, err = s.origin(s.Unsafe, into.At); err != nil {
		return err
	}
	into.SafeOrigin, err = s.origin(s.Safe, into.At)
	return err
}

// origin gives the L1 origin of a head, nil where there is none. It is a reference of number and hash alone; its time is
// taken from the L1 blocks that the status names, heard at an instant.
func (s *syncStatus) origin(of *block, at time.Time) (*headwatch.Head, error) {
	if of.absent() || of.Origin.absent() {
		return nil, nil
	}
	b := of.Origin
	if b.Number == nil || *b.Number > maxNumber || b.Hash == "" {
		return nil, faultf(headwatch.FaultBadHead, "l1origin without a possible number or hash")
	}
	head := &headwatch.Head{Number: uint64(*b.Number), Hash: string(b.Hash)}
	if t, ok := timeOf(head.Number, s.HeadL1, s.CurrentL1, s.SafeL1, s.FinalL1); ok && t.Sub(at) <= maxAhead {
		head.Time = t
	}
	return head, nil
}

func readRollupConfig(chain config.Chain, result json.RawMessage, into *headwatch.Observation) error {
	var c struct {
		ID     *quantity `json:"l2_chain_id"`
		Window amount    `json:"seq_window_size"`
	}
	if err := unmarshal(result, &c); err != nil {
		return err
	}
	into.Window = c.Window.n
	if c.ID == nil {
		return nil
	}
	return checkChain(chain, uint64(*c.ID), into)
}

// Selectors of the call in an L1 attributes deposit, by the upgrade that brought them. Bedrock's arguments are
// ABI-encoded words; Ecotone packed them, and the later ones only append to Ecotone's layout.
const (
	selectorBedrock = "015d8eb9"
	selectorEcotone = "440a5e20"
	selectorIsthmus = "098999be"
	selectorJovian  = "3db6be2b"
)

// attributesLen is where the L1 block's hash ends, in either layout; what follows concerns fees.
const attributesLen = 132

// readOrigin takes the L1 origin from an L1 attributes deposit. Another transaction, or an upgrade that is not known
// here, tells no origin: that is not a fault of the endpoint.
func readOrigin(result json.RawMessage, into *headwatch.Observation) error {
	if isNull(result) {
		return nil
	}
	var tx struct {
		Input string `json:"input"`
	}
	if err := unmarshal(result, &tx); err != nil {
		return err
	}
	input := strings.TrimPrefix(tx.Input, "0x")
	if len(input) < 2*attributesLen {
		return nil
	}
	call, err := hex.DecodeString(input[:2*attributesLen])
	if err != nil {
		return nil
	}
	var number, seconds uint64
	switch input[:8] {
	case selectorBedrock:
		number, seconds = binary.BigEndian.Uint64(call[28:36]), binary.BigEndian.Uint64(call[60:68])
	case selectorEcotone, selectorIsthmus, selectorJovian:
		seconds, number = binary.BigEndian.Uint64(call[20:28]), binary.BigEndian.Uint64(call[28:36])
	default:
		return nil
	}
	b := block{Number: (*quantity)(&number), Time: (*quantity)(&seconds), Hash: hash("0x" + hex.EncodeToString(call[100:132]))}
	head, err := b.head("L1 origin", into.At)
	if err != nil {
		return err
	}
	into.Origin = &head
	return nil
}
