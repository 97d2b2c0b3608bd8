package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/ethereum/go-ethereum/accounts/keystore"

	"headwatch/devnet"
)

// guardian is who may pause the market, and the operator who may trip circuits. The key is known to everybody who has this
// source: it opens nothing but a devnet.
type guardian struct {
	keystore string // a file, as geth makes it
	token    string // a file with the operator's token
}

func newGuardian(dir string) (*guardian, error) {
	passphrase := rand.Text()
	account, err := keystore.NewKeyStore(filepath.Join(dir, keystoreDir), keystore.LightScryptN, keystore.LightScryptP).
		ImportECDSA(devnet.GuardianKey(), passphrase)
	if err != nil {
		return nil, fmt.Errorf("make the guardian's keystore: %w", err)
	}
	g := &guardian{keystore: account.URL.Path, token: filepath.Join(dir, tokenFile)}
	return g, errors.Join(writeSecret(dir, passphraseFile, passphrase), writeSecret(dir, tokenFile, rand.Text()))
}

// pauseHook is how the configuration names the hook that pauses the market.
const pauseHook = "pause-market"

// config gives the tables of the pause hook, of who signs for it, and of the operator.
func (g *guardian) config(net *devnet.Net) string {
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
`, tokenFile, g.keystore, passphraseFile, pauseHook, net.Market())
}
