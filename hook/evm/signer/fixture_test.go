package signer

import (
	"crypto/ecdsa"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"headwatch/config"
)

// The key of a development chain that everybody knows.
const (
	plainKey = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
	account  = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
	stranger = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
	chain    = 8453
)

func ownKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.HexToECDSA(plainKey)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// unsigned is a pause: every field has a value that no default would give it.
func unsigned() *types.DynamicFeeTx {
	to := common.HexToAddress("0x5FbDB2315678afecb367f032d93F642f64180aa3")
	return &types.DynamicFeeTx{
		ChainID: big.NewInt(chain), Nonce: 7, To: &to, Value: big.NewInt(11), Gas: 90_000, GasFeeCap: big.NewInt(3e9), GasTipCap: big.NewInt(1e8),
		Data:       common.FromHex("0x8456cb59"),
		AccessList: types.AccessList{{Address: to, StorageKeys: []common.Hash{{31: 1}}}},
	}
}

func sign(t *testing.T, tx types.TxData, key *ecdsa.PrivateKey) *types.Transaction {
	t.Helper()
	made := types.NewTx(tx)
	signed, err := types.SignTx(made, types.LatestSignerForChainID(made.ChainId()), key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func made(t *testing.T, c config.Signer) Signer {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func keySigner() config.Signer {
	return config.Signer{Name: "spare", Kind: config.SignerKey, Key: config.NewSecret(plainKey)}
}

func write(t *testing.T, name string, content []byte, mode os.FileMode) string {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.TempDir(), name)
	}
	if err := os.WriteFile(name, content, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}
