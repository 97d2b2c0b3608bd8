package devnet

import (
	"bytes"
	"crypto/ecdsa"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rpc"

	"headwatch/contracts"
)

// stillNet is a net that nobody runs: a test seals its blocks one by one, on a clock of its own, with real nodes.
type stillNet struct {
	*Net
	t      *testing.T
	clock  uint64 // of L1
	l1, l2 *ethclient.Client
	rpc    *rpc.Client // of l2-a
}

func still(t *testing.T, users int) *stillNet {
	t.Helper()
	n, err := New(Config{L1BlockTime: time.Second, L2BlockTime: time.Second, SafeLag: 1, FinalizedLag: 4, Users: users})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.close(); err != nil {
			t.Error(err)
		}
	})
	s := &stillNet{Net: n, t: t, clock: n.sequencer.head().Time(), rpc: dial(t, n.L2()[0].HTTP)}
	s.l1, s.l2 = ethclient.NewClient(dial(t, n.L1().HTTP)), ethclient.NewClient(s.rpc)
	return s
}

func (s *stillNet) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// sealOnL1 takes L1 on by one block and one second.
func (s *stillNet) sealOnL1() {
	s.t.Helper()
	s.clock++
	s.must(s.sealL1(s.clock))
}

// sealOnL2 takes L2 on by one block and one second.
func (s *stillNet) sealOnL2() *types.Block {
	s.t.Helper()
	s.must(s.sealL2())
	s.must(s.follow())
	return s.sequencer.head()
}

// second takes both chains on.
func (s *stillNet) second() *types.Block {
	s.t.Helper()
	s.sealOnL1()
	return s.sealOnL2()
}

// send signs a transaction and hands it to one node's pool.
func (s *stillNet) send(to *node, key *ecdsa.PrivateKey, tx types.DynamicFeeTx) common.Hash {
	s.t.Helper()
	tx.ChainID = to.chain.Config().ChainID
	s.must(to.eth.TxPool().Sync())
	tx.Nonce = to.eth.TxPool().PoolNonce(address(key))
	if tx.GasTipCap == nil {
		tx.GasTipCap = big.NewInt(2 * params.GWei)
	}
	tx.GasFeeCap = new(big.Int).Add(tx.GasTipCap, big.NewInt(10*params.GWei))
	if tx.Gas == 0 {
		tx.Gas = 3_000_000
	}
	signed := types.MustSignNewTx(key, types.LatestSignerForChainID(tx.ChainID), &tx)
	s.must(errors.Join(to.eth.TxPool().Add([]*types.Transaction{signed}, true)...))
	return signed.Hash()
}

// deposit sends a call of an L2 contract to the portal. It executes with the L2 block of the next L1 block.
func (s *stillNet) deposit(key *ecdsa.PrivateKey, to common.Address, data []byte) common.Hash {
	s.t.Helper()
	return s.send(s.l1Node(), key, types.DynamicFeeTx{To: &portalAddress, Data: depositCall(s.t, to, 200_000, data)})
}

func (s *stillNet) l1Node() *node { return s.Net.l1.node }

// deploy gives the address of a contract on L2, made by FundedKey in the next block.
func (s *stillNet) deploy(c contracts.Contract, args ...any) *deployed {
	s.t.Helper()
	parsed := parseABI(s.t, c)
	input, err := parsed.Pack("", args...)
	s.must(err)
	hash := s.send(s.sequencer, FundedKey(), types.DynamicFeeTx{Data: append(slices.Clone(c.Bytecode), input...)})
	s.second()
	receipt, err := s.l2.TransactionReceipt(s.t.Context(), hash)
	s.must(err)
	if receipt.Status != types.ReceiptStatusSuccessful {
		s.t.Fatalf("deploy by %s: reverted", c.Compiler)
	}
	return &deployed{s, receipt.ContractAddress, parsed}
}

// deployed is a contract on L2.
type deployed struct {
	net     *stillNet
	address common.Address
	abi     abi.ABI
}

// pack gives calldata.
func (d *deployed) pack(method string, args ...any) []byte {
	d.net.t.Helper()
	data, err := d.abi.Pack(method, args...)
	d.net.must(err)
	return data
}

// read calls a method now, and gives what it returns or the name of the error that it reverts with.
func (d *deployed) read(method string, args ...any) (out []any, reverted string) {
	d.net.t.Helper()
	msg := ethereum.CallMsg{From: address(FundedKey()), To: &d.address, Data: d.pack(method, args...)}
	data, err := d.net.l2.CallContract(d.net.t.Context(), msg, nil)
	if err != nil {
		return nil, revertName(d.net.t, d.abi, err)
	}
	out, err = d.abi.Unpack(method, data)
	d.net.must(err)
	return out, ""
}

// revertName is the name of a custom error, or the message of any other.
func revertName(t *testing.T, contract abi.ABI, err error) string {
	t.Helper()
	withData, ok := errors.AsType[rpc.DataError](err)
	if !ok {
		t.Fatal(err)
	}
	text, _ := withData.ErrorData().(string)
	data, _ := hexutil.Decode(text)
	if len(data) < 4 {
		return err.Error()
	}
	custom, unknown := contract.ErrorByID([4]byte(data))
	if unknown != nil {
		return err.Error()
	}
	return custom.Name
}

func parseABI(t *testing.T, c contracts.Contract) abi.ABI {
	t.Helper()
	parsed, err := abi.JSON(bytes.NewReader(c.ABI))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// depositCall is the calldata of a deposit without value.
func depositCall(t *testing.T, to common.Address, gas uint64, data []byte) []byte {
	t.Helper()
	call, err := parseABI(t, contracts.DevPortal()).Pack("depositTransaction", to, new(big.Int), gas, false, data)
	if err != nil {
		t.Fatal(err)
	}
	return call
}

// selector is the calldata of a method without arguments.
func selector(signature string) []byte { return crypto.Keccak256([]byte(signature))[:4] }
