package signer

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/accounts/keystore"

	"headwatch/config"
)

// newKeystore signs with the key of a geth keystore file (Web3 Secret Storage), which others on this machine must not be able
// to read: who has the file may try passphrases for as long as he likes.
func newKeystore(c config.Signer) (Signer, error) {
	file, err := config.ReadPrivate(c.Keystore)
	if err != nil {
		return nil, fmt.Errorf("keystore %s: %w", c.Keystore, err)
	}
	key, err := decrypt(file, c.Passphrase.Reveal())
	if err != nil {
		return nil, fmt.Errorf("keystore %s: %w", c.Keystore, err)
	}
	return newLocal(key.PrivateKey, c.Address)
}

// decrypt keeps errors to three that are known to show nothing of the file. The library panics on files that are JSON and no
// keystores.
func decrypt(file []byte, passphrase string) (key *keystore.Key, err error) {
	defer func() {
		if recover() != nil {
			key, err = nil, errNoKeystore
		}
	}()
	switch key, err = keystore.DecryptKey(file, passphrase); {
	case errors.Is(err, keystore.ErrDecrypt):
		return nil, errors.New("the passphrase is wrong")
	case err != nil:
		return nil, errNoKeystore
	}
	return key, nil
}

var errNoKeystore = errors.New("not a keystore file as geth makes it")
