package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/crypto"

	"headwatch/config"
)

const signersFile = `
[[chain]]
preset = "ethereum"
[[circuit]]
name = "lending"
chain = "ethereum"
alerts = ["terminal"]
hooks = ["pause"]
[[hook]]
name = "pause"
kind = "evm"
to = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
call = "pause()"
read = "paused()"
signer = "guardian"
resume_signer = "vault"
[[signer]]
name = "guardian"
kind = "keystore"
keystore = "guardian.json"
passphrase_file = "passphrase"
[[signer]]
name = "spare"
kind = "key"
key = "` + signersKey + `"
[[signer]]
name = "vault"
kind = "remote"
address = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
url = "https://alice:s3cr3t-password@signer.internal:8545/k3y-of-the-path"
[[alert]]
name = "terminal"
kind = "console"
`

// signersKey is a key of development chains that everybody knows.
const signersKey = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"

// writeKeystore writes signersKey as a keystore with costs that are fit for tests.
func writeKeystore(t *testing.T, name, passphrase string) {
	t.Helper()
	key, err := crypto.HexToECDSA(signersKey)
	if err != nil {
		t.Fatal(err)
	}
	file, err := keystore.EncryptKey(&keystore.Key{Address: crypto.PubkeyToAddress(key.PublicKey), PrivateKey: key}, passphrase, 1<<4, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
}

// signersConfig writes signersFile with what it names, and gives its path.
func signersConfig(t *testing.T, passphrase string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"config.toml": signersFile, "passphrase": passphrase} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	writeKeystore(t, filepath.Join(dir, "guardian.json"), "hunter2-passphrase")
	return filepath.Join(dir, "config.toml")
}

func TestTheCheckShowsWhoSigns(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"headwatch", "check", "--config", signersConfig(t, "hunter2-passphrase")}, &out, &errs); code != exitOK {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	for _, want := range []string{
		"\nsigner guardian  keystore, account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8, signs for pause\n",
		"\nsigner spare  key, account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8, used by no hook\n",
		"\nsigner vault  remote at signer.internal:8545, account 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC, signs for pause (resume)\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("not shown: %s in\n%s", want, out.String())
		}
	}
}

// A passphrase that does not open the keystore is found by the check, not by the start.
func TestTheCheckTriesThePassphrase(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"headwatch", "check", "--config", signersConfig(t, "another")}, &out, &errs); code != exitUsage {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	if want := "guardian.json: the passphrase is wrong: headwatch run will not start\n"; !strings.Contains(errs.String(), want) {
		t.Errorf("got %s, want %s", errs.String(), want)
	}
	if want := "\nsigner guardian  keystore, signs for pause\n"; !strings.Contains(out.String(), want) || strings.Contains(out.String(), "in order") {
		t.Errorf("got %s, want %s and no word that all is in order", out.String(), want)
	}
	out.Reset()
	if code := run(t.Context(), []string{"headwatch", "check", "--json", "--config", signersConfig(t, "another")}, &out, &errs); code != exitUsage || !strings.Contains(out.String(), `"ok":false`) {
		t.Errorf("as JSON: exit %d, %s", code, out.String())
	}
}

// Whatever a check prints, of a file that is right or wrong, and however the configuration is printed, no secret is in it.
func TestNoOutputShowsASignersSecret(t *testing.T) {
	file := signersConfig(t, "hunter2-passphrase")
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	secrets := append(cfg.Secrets(), "s3cr3t-password", "k3y-of-the-path")
	if len(secrets) < 5 {
		t.Fatalf("the configuration has only %d secrets", len(secrets))
	}
	var shown bytes.Buffer
	fmt.Fprintf(&shown, "%v %+v %#v", cfg, *cfg, *cfg)
	if err := json.NewEncoder(&shown).Encode(cfg); err != nil {
		t.Fatal(err)
	}
	check := func() {
		for _, args := range [][]string{{"check"}, {"check", "--json"}} {
			run(t.Context(), append([]string{"headwatch"}, append(args, "--config", file)...), &shown, &shown)
		}
	}
	check()
	for _, slip := range []string{"keystore = \"none.json\"", "key = \"zz\"", "kind = \"kms\"", "address = \"0x12\"", "timeout = 5"} {
		if err := os.WriteFile(file, []byte(strings.Replace(signersFile, "[[signer]]\n", "[[signer]]\n"+slip+"\n", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		check()
	}
	for _, secret := range secrets {
		if strings.HasPrefix(secret, "https://") {
			continue // its host may be shown; the parts that may not are listed
		}
		if i := strings.Index(shown.String(), secret); i >= 0 {
			t.Errorf("shown: %q", shown.String()[max(0, i-200):i+len(secret)])
		}
	}
	if !strings.Contains(shown.String(), "signer guardian") {
		t.Error("nothing was tried")
	}
}
