package signer

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"headwatch/config"
)

// keystoreFile is a keystore with costs that are fit for tests.
func keystoreFile(t *testing.T, passphrase string) []byte {
	t.Helper()
	file, err := keystore.EncryptKey(&keystore.Key{Address: common.HexToAddress(account), PrivateKey: ownKey(t)}, passphrase, 1<<4, 1)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAKeyAndAKeystoreSignForTheirAccount(t *testing.T) {
	file := write(t, "guardian.json", keystoreFile(t, "hunter2"), 0o600)
	for _, c := range []config.Signer{
		keySigner(),
		{Kind: config.SignerKey, Key: config.NewSecret("0x" + plainKey), Address: strings.ToLower(account)},
		{Kind: config.SignerKeystore, Keystore: file, Passphrase: config.NewSecret("hunter2")},
		{Kind: config.SignerKeystore, Keystore: file, Passphrase: config.NewSecret("hunter2"), Address: account},
	} {
		s := made(t, c)
		if got := s.Address(); got != common.HexToAddress(account) {
			t.Errorf("%s: address %s", c.Kind, got)
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("%s: not ready: %v", c.Kind, err)
		}
		tx := types.NewTx(unsigned())
		signed, err := s.Sign(t.Context(), tx, big.NewInt(chain))
		if err != nil {
			t.Fatal(err)
		}
		if want := sign(t, unsigned(), ownKey(t)); signed.Hash() != want.Hash() {
			t.Errorf("%s: signed %s, want %s", c.Kind, signed.Hash(), want.Hash())
		}
		if v, _, _ := tx.RawSignatureValues(); v.Sign() != 0 {
			t.Errorf("%s: the transaction that was given has been altered", c.Kind)
		}
	}
}

func TestOnlyWhatIsMeantForTheChainIsSigned(t *testing.T) {
	s := made(t, keySigner())
	legacy := types.NewTx(&types.LegacyTx{Nonce: 1, GasPrice: big.NewInt(1), Gas: 21_000})
	blob := types.NewTx(&types.BlobTx{})
	for _, c := range []struct {
		tx    *types.Transaction
		chain *big.Int
		want  string
	}{
		{types.NewTx(unsigned()), big.NewInt(1), "sign: the transaction is for chain 8453, not for chain 1"},
		{types.NewTx(unsigned()), nil, "sign: the transaction is for chain 8453, not for chain <nil>"},
		{types.NewTx(&types.DynamicFeeTx{}), big.NewInt(chain), "sign: the transaction is for chain 0, not for chain 8453"},
		{legacy, big.NewInt(chain), "sign: a transaction of type 0; only dynamic fee transactions are signed"},
		{blob, big.NewInt(0), "sign: a transaction of type 3; only dynamic fee transactions are signed"},
	} {
		if signed, err := s.Sign(t.Context(), c.tx, c.chain); err == nil || err.Error() != c.want || signed != nil {
			t.Errorf("got %v, %v, want %s", signed, err, c.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Sign(ended, types.NewTx(unsigned()), big.NewInt(chain)); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
}

func TestASignerThatCannotSignIsNotMade(t *testing.T) {
	good := keystoreFile(t, "hunter2")
	file := func(content string, mode os.FileMode) string { return write(t, "guardian.json", []byte(content), mode) }
	store := func(name string) config.Signer {
		return config.Signer{Name: "guardian", Kind: config.SignerKeystore, Keystore: name, Passphrase: config.NewSecret("hunter2")}
	}
	const none = ": not a keystore file as geth makes it"
	for _, c := range []struct {
		signer config.Signer
		want   string
	}{
		{config.Signer{Name: "x", Kind: "kms"}, `signer x: unknown kind "kms"`},
		{config.Signer{Name: "x", Kind: config.SignerKey, Key: config.NewSecret(plainKey), Address: stranger}, "signer x: the key is that of " + account + ", and address is " + stranger},
		{config.Signer{Name: "x", Kind: config.SignerKey, Key: config.NewSecret("zz" + plainKey[2:])}, "signer x: key is not hex"},
		{config.Signer{Name: "x", Kind: config.SignerKey, Key: config.NewSecret(plainKey[2:])}, "signer x: key is not a private key"},
		{config.Signer{Name: "x", Kind: config.SignerKey, Key: config.NewSecret(strings.Repeat("0", 64))}, "signer x: key is not a private key"},
		{config.Signer{Name: "x", Kind: config.SignerKey, Key: config.NewSecret(strings.Repeat("f", 64))}, "signer x: key is not a private key"},
		{store(file(string(good), 0o604)), "everybody on this machine has access to it (mode 0604): chmod o= it"},
		{store("/nosuch/guardian.json"), "signer guardian: keystore /nosuch/guardian.json: no such file or directory"},
		{store(file("{", 0o600)), none},
		{store(file("{}", 0o600)), none},
		{store(file(`{"version":3,"crypto":{"cipher":"aes-128-ctr","kdf":"scrypt","kdfparams":{}}}`, 0o600)), none},
		{store(file(`{"version":3,"crypto":{"cipher":"aes-128-ctr","kdf":"scrypt","kdfparams":{"salt":"00","n":16,"r":1,"p":1,"dklen":1}}}`, 0o600)), none},
		{store(file(strings.Repeat(" ", 64<<10+1), 0o600)), "larger than 64 KiB"},
		{config.Signer{Name: "x", Kind: config.SignerKeystore, Keystore: file(string(good), 0o600), Passphrase: config.NewSecret("wrong")}, ": the passphrase is wrong"},
		{config.Signer{Name: "x", Kind: config.SignerKeystore, Keystore: file(string(good), 0o600), Passphrase: config.NewSecret("hunter2"), Address: stranger}, "the key is that of " + account},
	} {
		s, err := New(c.signer)
		if err == nil || !strings.Contains(err.Error(), c.want) || s != nil {
			t.Errorf("got %v, %v, want %s", s, err, c.want)
		}
	}
}

func TestOneSignerServesSeveralHooks(t *testing.T) {
	s := made(t, keySigner())
	var all sync.WaitGroup
	for nonce := range uint64(32) {
		all.Go(func() {
			data := unsigned()
			data.Nonce = nonce
			signed, err := s.Sign(t.Context(), types.NewTx(data), big.NewInt(chain))
			if err != nil || signed.Nonce() != nonce || s.Ready(t.Context()) != nil {
				t.Errorf("nonce %d: %v, %v", nonce, signed, err)
			}
		})
	}
	all.Wait()
}

func TestAKeyThatIsNotUsedIsZeroed(t *testing.T) {
	key := ownKey(t)
	if _, err := newLocal(key, stranger); err == nil {
		t.Fatal("the key of another account is taken")
	}
	if left := crypto.FromECDSA(key); !bytes.Equal(left, make([]byte, 32)) {
		t.Fatal("the key is still in memory")
	}
	if _, err := crypto.Sign(make([]byte, 32), key); err == nil {
		t.Error("a zeroed key signs")
	}
}
