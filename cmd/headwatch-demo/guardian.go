package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/crypto"

	"headwatch/devnet"
)

// guardian is who may pause the market, and the operator who may trip circuits. The key is known to everybody who has this
// source: it opens nothing but a devnet.
type guardian struct {
	token string // a file with the operator's token
}

func newGuardian(dir string) (*guardian, error) {
	passphrase, key := rand.Text(), devnet.GuardianKey()
	file, err := keystore.EncryptKey(&keystore.Key{Address: crypto.PubkeyToAddress(key.PublicKey), PrivateKey: key},
		passphrase, keystore.LightScryptN, keystore.LightScryptP)
	if err != nil {
		return nil, fmt.Errorf("make the guardian's keystore: %w", err)
	}
	return &guardian{token: filepath.Join(dir, tokenFile)}, errors.Join(
		writeSecret(dir, keystoreFile, string(file)), writeSecret(dir, passphraseFile, passphrase), writeSecret(dir, tokenFile, rand.Text()),
	)
}

// pauseHook is how the configuration names the hook that pauses the market.
const pauseHook = "pause-market"

// config gives the tables of the pause hook, of who signs for it, and of the operator.
func (*guardian) config(net *devnet.Net) string {
	return fmt.Sprintf(`
[[api.operator]]
name = "alice"
token_file = %q

[[signer]]
name = "guardian"
kind = "keystore"
keystore = %q
passphrase_file = %q

[[hook]]
name = %q
kind = "evm"
mode = "armed"
preset = "openzeppelin-pausable"
to = %q
via = "l1-deposit"
signer = "guardian"
confirmations = 1
max_per_day = 1
`, tokenFile, keystoreFile, passphraseFile, pauseHook, net.Market())
}
