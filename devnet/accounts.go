package devnet

import (
	"crypto/ecdsa"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// FundedKey is the key of an account that holds a million ether on both chains and that the net itself never uses. It is the
// admin of both markets. A transaction sent to any endpoint is sealed into the next block.
func FundedKey() *ecdsa.PrivateKey { return devKey("funded") }

// GuardianKey is the key of an account that holds a million ether on both chains and may pause both markets, and nothing
// else. The net itself uses it only for what it deposits at the portal.
func GuardianKey() *ecdsa.PrivateKey { return devKey("guardian") }

// systemKey signs the first transaction of each L2 block, userKey the steady traffic behind it, crowdKey what fills L1
// blocks in a spike.
func systemKey() *ecdsa.PrivateKey { return devKey("system") }
func userKey() *ecdsa.PrivateKey   { return devKey("user") }
func crowdKey() *ecdsa.PrivateKey  { return devKey("crowd") }

// traderKey signs for one of the users of the market, counted from 0.
func traderKey(i int) *ecdsa.PrivateKey { return devKey(fmt.Sprintf("trader %d", i)) }

// devKey derives a key from a name: the same in every run, a secret in none.
func devKey(name string) *ecdsa.PrivateKey {
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("devnet account " + name)))
	if err != nil {
		panic(err) // a hash is out of the curve's order once in 2^128
	}
	return key
}

func address(key *ecdsa.PrivateKey) common.Address { return crypto.PubkeyToAddress(key.PublicKey) }

// depositors lists the accounts for which the net can sign what they deposited at the portal.
func depositors() map[common.Address]*ecdsa.PrivateKey {
	known := map[common.Address]*ecdsa.PrivateKey{}
	for _, key := range []*ecdsa.PrivateKey{FundedKey(), GuardianKey()} {
		known[address(key)] = key
	}
	return known
}
