package signer

import (
	"encoding/hex"
	"errors"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"

	"headwatch/config"
)

// newKey signs with a key that the configuration holds: 32 bytes in hex, with or without 0x.
func newKey(c config.Signer) (Signer, error) {
	raw, err := hex.DecodeString(strings.TrimPrefix(c.Key.Reveal(), "0x"))
	defer clear(raw)
	if err != nil {
		return nil, errors.New("key is not hex") // the library's error shows a digit of it
	}
	key, err := crypto.ToECDSA(raw)
	if err != nil {
		return nil, errors.New("key is not a private key: want 32 bytes, a number below the order of secp256k1")
	}
	return newLocal(key, c.Address)
}
