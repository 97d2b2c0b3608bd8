package devnet

import (
	"crypto/ecdsa"
	"maps"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
)

const gasLimit = 30_000_000

// Addresses that the OP Stack gives to the L1 attributes contract and that this net gives to its batcher.
var (
	l1AttributesAddress = common.HexToAddress("0x4200000000000000000000000000000000000015")
	batcherAddress      = common.HexToAddress("0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc")
)

// FundedKey is the key of an account that holds a million ether on both chains and that the net itself never uses. A
// transaction sent to any endpoint is sealed into the next block.
func FundedKey() *ecdsa.PrivateKey { return devKey("funded") }

// systemKey signs the first transaction of each L2 block, userKey the steady traffic behind it.
func systemKey() *ecdsa.PrivateKey { return devKey("system") }
func userKey() *ecdsa.PrivateKey   { return devKey("user") }

// devKey derives a key from a name: the same in every run, a secret in none.
func devKey(name string) *ecdsa.PrivateKey {
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("devnet account " + name)))
	if err != nil {
		panic(err) // a hash is out of the curve's order once in 2^128
	}
	return key
}

func address(key *ecdsa.PrivateKey) common.Address { return crypto.PubkeyToAddress(key.PublicKey) }

// genesisBlock describes the first block of a chain. Each node needs its own copy.
func (n *Net) genesisBlock(chainID int64) *core.Genesis {
	chain := *params.AllDevChainProtocolChanges
	chain.ChainID = big.NewInt(chainID)
	chain.AmsterdamTime, chain.BogotaTime = nil, nil // later than any chain that is watched
	chain.BlobScheduleConfig = params.DefaultBlobSchedule

	million := new(big.Int).Mul(big.NewInt(1_000_000), big.NewInt(params.Ether))
	alloc := types.GenesisAlloc{}
	maps.Copy(alloc, core.SystemContractAllocs())
	for _, key := range []*ecdsa.PrivateKey{FundedKey(), systemKey(), userKey()} {
		alloc[address(key)] = types.Account{Balance: million}
	}
	return &core.Genesis{
		Config:     &chain,
		Timestamp:  uint64(n.genesis.Unix()),
		GasLimit:   gasLimit,
		BaseFee:    big.NewInt(params.GWei),
		Difficulty: new(big.Int),
		Alloc:      alloc,
	}
}
