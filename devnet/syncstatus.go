package devnet

import (
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
)

// rollupAPI answers as the op-node beside one endpoint would. Its exported methods are RPC methods.
type rollupAPI struct {
	net      *Net
	endpoint *endpoint
}

// The op-node writes numbers as plain integers.
type blockID struct {
	Hash   common.Hash `json:"hash"`
	Number uint64      `json:"number"`
}

type l1Ref struct {
	blockID
	ParentHash common.Hash `json:"parentHash"`
	Timestamp  uint64      `json:"timestamp"`
}

type l2Ref struct {
	l1Ref
	Origin         blockID `json:"l1origin"`
	SequenceNumber uint64  `json:"sequenceNumber"`
}

type syncStatus struct {
	CurrentL1          l1Ref `json:"current_l1"`
	CurrentL1Finalized l1Ref `json:"current_l1_finalized"`
	HeadL1             l1Ref `json:"head_l1"`
	SafeL1             l1Ref `json:"safe_l1"`
	FinalizedL1        l1Ref `json:"finalized_l1"`
	UnsafeL2           l2Ref `json:"unsafe_l2"`
	SafeL2             l2Ref `json:"safe_l2"`
	FinalizedL2        l2Ref `json:"finalized_l2"`
	PendingSafeL2      l2Ref `json:"pending_safe_l2"`
	CrossUnsafeL2      l2Ref `json:"cross_unsafe_l2"`
	LocalSafeL2        l2Ref `json:"local_safe_l2"`
}

type systemConfig struct {
	Batcher       common.Address `json:"batcherAddr"`
	Overhead      common.Hash    `json:"overhead"`
	Scalar        common.Hash    `json:"scalar"`
	GasLimit      uint64         `json:"gasLimit"`
	EIP1559Params hexutil.Bytes  `json:"eip1559Params"`
}

type rollupGenesis struct {
	L1           blockID      `json:"l1"`
	L2           blockID      `json:"l2"`
	L2Time       uint64       `json:"l2_time"`
	SystemConfig systemConfig `json:"system_config"`
}

type rollupConfig struct {
	Genesis           rollupGenesis  `json:"genesis"`
	BlockTime         uint64         `json:"block_time"`
	MaxSequencerDrift uint64         `json:"max_sequencer_drift"`
	SeqWindowSize     uint64         `json:"seq_window_size"`
	ChannelTimeout    uint64         `json:"channel_timeout"`
	L1ChainID         uint64         `json:"l1_chain_id"`
	L2ChainID         uint64         `json:"l2_chain_id"`
	RegolithTime      uint64         `json:"regolith_time"`
	BatchInbox        common.Address `json:"batch_inbox_address"`
	DepositContract   common.Address `json:"deposit_contract_address"`
	L1SystemConfig    common.Address `json:"l1_system_config_address"`
	ProtocolVersions  common.Address `json:"protocol_versions_address"`
}

// SyncStatus is optimism_syncStatus.
func (r *rollupAPI) SyncStatus() (*syncStatus, error) {
	r.net.mu.Lock()
	defer r.net.mu.Unlock()
	if r.net.closed {
		return nil, ErrClosed
	}
	l1, l2 := r.net.l1.node.chain, r.endpoint.node.chain
	head, safe, finalized := l1RefOf(l1.CurrentBlock()), l1RefOf(l1.CurrentSafeBlock()), l1RefOf(l1.CurrentFinalBlock())

	var refs [3]l2Ref
	for i, header := range []*types.Header{l2.CurrentBlock(), l2.CurrentSafeBlock(), l2.CurrentFinalBlock()} {
		at, err := r.net.attributesIn(l2.GetBlock(header.Hash(), header.Number.Uint64()))
		if err != nil {
			return nil, err
		}
		refs[i] = l2Ref{l1RefOf(header), blockID{at.Hash, at.Number}, at.Sequence}
	}
	return &syncStatus{
		CurrentL1:          head,
		CurrentL1Finalized: finalized,
		HeadL1:             head,
		SafeL1:             safe,
		FinalizedL1:        finalized,
		UnsafeL2:           refs[0],
		SafeL2:             refs[1],
		FinalizedL2:        refs[2],
		PendingSafeL2:      refs[1],
		CrossUnsafeL2:      refs[0],
		LocalSafeL2:        refs[1],
	}, nil
}

func l1RefOf(header *types.Header) l1Ref {
	return l1Ref{blockID{header.Hash(), header.Number.Uint64()}, header.ParentHash, header.Time}
}

// RollupConfig is optimism_rollupConfig. Of what it says the net keeps the genesis, the block time, the chain ids and
// the deposit contract; the rest is what a chain would usually say.
func (r *rollupAPI) RollupConfig() *rollupConfig {
	l1, l2 := r.net.l1.node.chain.Genesis(), r.endpoint.node.chain.Genesis()
	return &rollupConfig{
		Genesis: rollupGenesis{
			L1:     blockID{l1.Hash(), 0},
			L2:     blockID{l2.Hash(), 0},
			L2Time: l2.Time(),
			SystemConfig: systemConfig{
				Batcher:       batcherAddress,
				Overhead:      common.BigToHash(big.NewInt(feeOverhead)),
				Scalar:        common.BigToHash(big.NewInt(feeScalar)),
				GasLimit:      gasLimit,
				EIP1559Params: make(hexutil.Bytes, 8),
			},
		},
		BlockTime:         seconds(r.net.config.L2BlockTime),
		MaxSequencerDrift: 1800,
		SeqWindowSize:     3600,
		ChannelTimeout:    300,
		L1ChainID:         L1ChainID,
		L2ChainID:         L2ChainID,
		BatchInbox:        common.HexToAddress("0xff00000000000000000000000000000000000901"),
		DepositContract:   portalAddress,
		L1SystemConfig:    common.HexToAddress("0x6900000000000000000000000000000000000009"),
	}
}
