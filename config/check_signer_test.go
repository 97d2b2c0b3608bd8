package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	account  = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
	plainKey = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
)

// signerFiles makes the files that signers of a test name, and gives their directory.
func signerFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"own.json": 0o600, "shared.json": 0o640, "open.json": 0o604, "ca.pem": 0o644, "cert.pem": 0o644, "key.pem": 0o600} {
		write(t, filepath.Join(dir, name), "x", mode)
	}
	return dir
}

func TestASignerIsComplete(t *testing.T) {
	dir := signerFiles(t)
	const (
		keystore = "kind = \"keystore\"\nkeystore = \"DIR/own.json\"\npassphrase = \"hunter2\"\n"
		key      = "kind = \"key\"\nkey = \"" + plainKey + "\"\n"
		remote   = "kind = \"remote\"\naddress = \"" + account + "\"\nurl = \"https://signer.example\"\n"
		insecure = "kind = \"remote\"\naddress = \"" + account + "\"\nurl = \"http://%s\"\n"
		pair     = "cert = \"DIR/cert.pem\"\ncert_key = \"DIR/key.pem\"\n"
		plain    = `20:1: signer "s": url is plain http to another machine: anybody on the way could ask it to sign; use https with cert and cert_key; http is for this machine`
	)
	for _, c := range []struct{ lines, want string }{
		{``, `16:1: signer "s": kind is missing; use one of keystore, key, remote`},
		{`kind = "kms"`, `18:1: signer "s": kind "kms" is unknown; use one of keystore, key, remote`},

		{keystore, ``},
		{strings.Replace(keystore, "own", "shared", 1), ``},
		{keystore + `address = "` + account + `"`, ``},
		{keystore + `address = "` + strings.ToLower(account) + `"`, ``},
		{keystore + `address = "` + strings.Replace(account, "C5", "c5", 1) + `"`, `21:1: signer "s": address has a wrong checksum; a digit is wrong, or its case: copy it again`},
		{keystore + `address = "` + strings.Replace(account, "0x70", "0x71", 1) + `"`, `21:1: signer "s": address has a wrong checksum; a digit is wrong, or its case: copy it again`},
		{keystore + `address = "` + account[2:] + `"`, `21:1: signer "s": address is not an address; write 0x and its 40 hex digits`},
		{strings.Replace(keystore, "own", "open", 1), `19:1: signer "s": keystore "DIR/open.json": everybody on this machine has access to it (mode 0604): chmod o= it`},
		{strings.Replace(keystore, "own", "none", 1), `19:1: signer "s": keystore "DIR/none.json": no such file or directory`},
		{strings.Replace(keystore, "/own.json", "", 1), `19:1: signer "s": keystore "DIR": not a regular file`},
		{`kind = "keystore"`, "16:1: signer \"s\": keystore is missing; name a geth keystore file\n16:1: signer \"s\": passphrase is missing; give passphrase or passphrase_file"},
		{keystore + `key = "` + plainKey + `"`, `21:1: signer "s": key belongs to kind key, this is kind keystore; remove it`},
		{keystore + "timeout = \"5s\"", `21:1: signer "s": timeout belongs to kind remote, this is kind keystore; remove it`},
		{"kind = \"key\"\nkey_file = \"DIR/own.json\"\npassphrase_file = \"DIR/own.json\"", "16:1: signer \"s\": key is not a private key; it is 32 bytes in hex\n20:1: signer \"s\": passphrase_file belongs to kind keystore, this is kind key; remove it"},

		{key, ``},
		{strings.Replace(key, `"`+plainKey, `"0x`+plainKey, 1), ``},
		{`kind = "key"`, `16:1: signer "s": key is missing; give key or key_file; better: kind keystore or remote`},
		{strings.Replace(key, "59", "5", 1), `19:1: signer "s": key is not a private key; it is 32 bytes in hex`},
		{strings.Replace(key, "59", "xy", 1), `19:1: signer "s": key is not a private key; it is 32 bytes in hex`},

		{remote, ``},
		{remote + pair + "ca = \"DIR/ca.pem\"\ntimeout = \"60s\"", ``},
		{"kind = \"remote\"", "16:1: signer \"s\": address is missing; what a remote signer answers is checked against it\n16:1: signer \"s\": url is missing"},
		{remote + "timeout = \"999ms\"", `21:1: signer "s": timeout is 999ms; make it 1s to 60s`},
		{remote + "cert = \"DIR/cert.pem\"", `16:1: signer "s": cert_key is missing; a certificate and its key go together`},
		{remote + "cert_key = \"DIR/key.pem\"", `16:1: signer "s": cert is missing; a certificate and its key go together`},
		{remote + strings.Replace(pair, "key.pem", "open.json", 1), `22:1: signer "s": cert_key "DIR/open.json": everybody on this machine has access to it (mode 0604): chmod o= it`},
		{remote + strings.Replace(pair, "cert.pem", "none.pem", 1), `21:1: signer "s": cert "DIR/none.pem": no such file or directory`},
		{remote + "ca = \"DIR/none.pem\"", `21:1: signer "s": ca "DIR/none.pem": no such file or directory`},
		{strings.Replace(remote, "https", "ftp", 1), `20:1: signer "s": url has the wrong scheme; begin it with https:// or http://`},
		{fmt.Sprintf(insecure, "127.0.0.1:9000"), ``},
		{fmt.Sprintf(insecure, "[::1]:9000"), ``},
		{fmt.Sprintf(insecure, "LocalHost"), ``},
		{fmt.Sprintf(insecure, "10.0.0.7:9000"), plain},
		{fmt.Sprintf(insecure, "localhost.example"), plain},
	} {
		lines := "[[signer]]\nname = \"s\"\n" + strings.ReplaceAll(c.lines, "DIR", dir)
		if got, want := faultsOf(t, altered(map[string]string{"#end": lines}), noEnv), strings.ReplaceAll(c.want, "DIR", dir); got != want {
			t.Errorf("%s\n got %s\nwant %s", c.lines, got, want)
		}
	}
}

func TestPathsOfSignersAreRelativeToTheFile(t *testing.T) {
	dir := signerFiles(t)
	lines := "[[signer]]\nname = \"s\"\nkind = \"keystore\"\nkeystore = \"own.json\"\npassphrase_file = \"own.json\"\n" +
		"[[signer]]\nname = \"r\"\nkind = \"remote\"\naddress = \"" + account + "\"\nurl = \"https://signer.example\"\nca = \"ca.pem\"\ncert = \"cert.pem\"\ncert_key = \"key.pem\""
	c, err := Parse(filepath.Join(dir, "config.toml"), altered(map[string]string{"#end": lines}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	s, r := c.Signers[0], c.Signers[1]
	got := strings.Join([]string{s.Keystore, s.Passphrase.Reveal(), s.CA, r.CA, r.Cert, r.CertKey}, " ")
	if want := strings.ReplaceAll("DIR/own.json x  DIR/ca.pem DIR/cert.pem DIR/key.pem", "DIR", dir); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHooksNameSignersThatExist(t *testing.T) {
	const (
		hook   = "[[hook]]\nname = \"h\"\nkind = \"evm\"\nto = \"" + account + "\"\ncall = \"pause()\"\nread = \"paused()\"\nchain = \"base\"\n"
		signer = "[[signer]]\nname = \"guardian\"\nkind = \"key\"\nkey = \"" + plainKey + "\"\n"
	)
	for _, c := range []struct{ lines, want string }{
		{hook, ``},
		{hook + `mode = "armed"`, `hook "h": signer is missing; name the [[signer]] that signs its transactions`},
		{hook + `mode = "confirm"`, `hook "h": signer is missing; name the [[signer]] that signs its transactions`},
		{hook + "signer = \"guardien\"\n" + signer, `hook "h": signer "guardien" does not exist; did you mean guardian?`},
		{hook + "signer = \"guardian\"\nresume_signer = \"multisig\"\n" + signer, `hook "h": signer "multisig" does not exist; use one of guardian`},
		{hook + "signer = \"guardian\"\nresume_signer = \"guardian\"\n" + signer, `resume_signer is the signer: who may pause must not be able to take it back; name another [[signer]], or leave it out`},
		{hook + "signer = \"guardian\"\n" + strings.Replace(hook, `"h"`, `"g"`, 1) + "signer = \"guardian\"\n" + signer, ``},
		{signer + signer, `signer "guardian": the name is taken by the signer in line 16; names must differ`},
		{strings.Replace(signer, "guardian", "Guardian", 1), `cannot be a name`},
	} {
		got := faultsOf(t, altered(map[string]string{"#end": c.lines}), noEnv)
		if want := strings.TrimPrefix(c.want, `signer "": `); want == "" && strings.Contains(got, "signer") || !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", c.lines, got, want)
		}
	}
}

func TestWhatIsUnwiseAboutSignersIsTold(t *testing.T) {
	const hook = "\n[[hook]]\nname = \"h\"\nkind = \"evm\"\nto = \"" + account + "\"\ncall = \"pause()\"\nread = \"paused()\"\nsigner = \"s\"\n"
	const (
		key     = "[[signer]]\nname = \"s\"\nkind = \"key\"\nkey = \"${KEY}\""
		remote  = "[[signer]]\nname = \"s\"\nkind = \"remote\"\naddress = \"" + account + "\"\nurl = \"%s\""
		mainnet = `t:16: signer "s": hook "h" is %s on base with the key itself; prefer kind keystore or remote`
	)
	for _, c := range []struct{ lines, want string }{
		{key, `t:16: signer "s": no hook uses it`},
		{key + hook + "chain = \"base\"", ``},
		{key + hook + "chain = \"base\"\nmode = \"off\"", ``},
		{key + hook + "chain = \"base\"\nmode = \"armed\"", fmt.Sprintf(mainnet, "armed")},
		{key + hook + "chain = \"base\"\nmode = \"confirm\"", fmt.Sprintf(mainnet, "confirm")},
		{key + hook + "chain = \"test\"\nmode = \"armed\"\n[[chain]]\nname = \"test\"\npreset = \"base-sepolia\"\nl1 = \"ethereum\"", ``},
		{strings.Replace(key, "${KEY}", plainKey, 1) + hook + "chain = \"base\"", `t:19: signer "s": key is written in the file; prefer ${ENV} or key_file`},
		{fmt.Sprintf(remote, "https://signer.example") + hook + "chain = \"base\"", `t:16: signer "s": it is asked without a certificate; give cert and cert_key, or everybody who reaches it may have it sign`},
		{fmt.Sprintf(remote, "http://localhost:9000") + hook + "chain = \"base\"", ``},
		{strings.Replace(key, "s\"", "other\"", 1) + hook + "chain = \"base\"\nresume_signer = \"other\"\n" + key, ``},
	} {
		parsed, err := Parse("t", altered(map[string]string{"#end": c.lines}), env(map[string]string{"KEY": plainKey}))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(apart(parsed), "\n"); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.lines, got, c.want)
		}
	}
}

// Whatever is wrong with a signer, no message repeats what is secret about it.
func TestFaultsOfSignersShowNoSecret(t *testing.T) {
	for _, lines := range []string{
		"kind = \"key\"\nkey = \"" + planted + "\"",
		"kind = \"key\"\nkey = \"0x" + planted + "\"\npassphrase = \"" + planted + "\"",
		"kind = \"remote\"\nurl = \"ftp" + strings.TrimPrefix(planted, "https") + "\"",
		"kind = \"remote\"\nurl = \"http" + strings.TrimPrefix(planted, "https") + "\"",
		"kind = \"remote\"\nurl = \"" + planted + "\"\naddress = \"x\"",
		"kind = \"keystore\"\npassphrase = \"" + planted + "$\"",
	} {
		got := faultsOf(t, altered(map[string]string{"#end": "[[signer]]\nname = \"s\"\n" + lines}), noEnv)
		if got == "" {
			t.Errorf("%s has no fault", lines)
		}
		concealed(t, got)
	}
}
