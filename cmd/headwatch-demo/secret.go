package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// Names of what is secret, in the demo's directory. All of it is good for one demo only.
const (
	keystoreFile   = "guardian.json"
	passphraseFile = "passphrase"
	tokenFile      = "operator.token"
	webhookFile    = "webhook.url"
	secretsFile    = "webhook.secrets"
	chatFile       = "chat.url"
	pagerFile      = "pager.key"
)

func writeSecret(dir, name, secret string) error {
	if err := os.WriteFile(filepath.Join(dir, name), []byte(secret+"\n"), 0o600); err != nil {
		return fmt.Errorf("write a secret: %w", err)
	}
	return nil
}
