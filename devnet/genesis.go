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

	"headwatch/contracts"
)

const gasLimit = 30_000_000

// Addresses that the OP Stack gives to the L1 attributes contract, and that this net gives to its own.
var (
	l1AttributesAddress = common.HexToAddress("0x4200000000000000000000000000000000000015")
	batcherAddress      = common.HexToAddress("0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc")
	portalAddress       = common.HexToAddress("0x6900000000000000000000000000000000000001")
	marketAddress       = common.HexToAddress("0x6900000000000000000000000000000000000010")
	furnaceAddress      = common.HexToAddress("0x69000000000000000000000000000000000000fe")
)

// Portal is where deposits from L1 to L2 are made: contracts/devnet/DevPortal.sol, which keeps the rules of an
// OptimismPortal.
func (n *Net) Portal() common.Address { return portalAddress }

// Market is the address of a market on each chain: contracts/devnet/Market.sol. GuardianKey may pause it, FundedKey unpause.
func (n *Net) Market() common.Address { return marketAddress }

// genesisBlock describes the first block of a chain. Each node needs its own copy.
func (n *Net) genesisBlock(chainID int64) *core.Genesis {
	chain := *params.AllDevChainProtocolChanges
	chain.ChainID = big.NewInt(chainID)
	chain.AmsterdamTime, chain.BogotaTime = nil, nil // later than any chain that is watched
	chain.BlobScheduleConfig = params.DefaultBlobSchedule

	million := new(big.Int).Mul(big.NewInt(1_000_000), big.NewInt(params.Ether))
	alloc := types.GenesisAlloc{marketAddress: {Code: contracts.Market().DeployedBytecode, Storage: marketRoles()}}
	maps.Copy(alloc, core.SystemContractAllocs())
	keys := []*ecdsa.PrivateKey{FundedKey(), GuardianKey()}
	switch chainID {
	case L1ChainID:
		alloc[portalAddress] = types.Account{Code: contracts.DevPortal().DeployedBytecode}
		alloc[furnaceAddress] = types.Account{Code: []byte{0xfe}} // INVALID: takes all gas, and no time
		keys = append(keys, crowdKey())
	case L2ChainID:
		alloc[l1AttributesAddress] = types.Account{Code: contracts.DevL1Block().DeployedBytecode}
		keys = append(keys, systemKey(), userKey())
		for i := range n.config.Users {
			keys = append(keys, traderKey(i))
		}
	}
	for _, key := range keys {
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

// marketRoles is what the market's constructor would have written: `_roles[role].hasRole[account] = true`, with _roles in
// slot 1, behind _paused.
func marketRoles() map[common.Hash]common.Hash {
	const rolesSlot = 1
	entry := func(key, slot common.Hash) common.Hash { return crypto.Keccak256Hash(key[:], slot[:]) }
	grant := func(role common.Hash, key *ecdsa.PrivateKey) common.Hash {
		return entry(common.BytesToHash(address(key).Bytes()), entry(role, common.BytesToHash([]byte{rolesSlot})))
	}
	yes := common.BytesToHash([]byte{1})
	return map[common.Hash]common.Hash{
		grant(common.Hash{}, FundedKey()):                                 yes, // DEFAULT_ADMIN_ROLE
		grant(crypto.Keccak256Hash([]byte("PAUSER_ROLE")), GuardianKey()): yes,
	}
}
