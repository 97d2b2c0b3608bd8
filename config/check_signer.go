package config

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	signerKinds = []string{SignerKeystore, SignerKey, SignerRemote}
	signerKeys  = map[string][]string{
		"keystore": {SignerKeystore}, "passphrase": {SignerKeystore}, "key": {SignerKey},
		"url": {SignerRemote}, "ca": {SignerRemote}, "cert": {SignerRemote}, "cert_key": {SignerRemote}, "timeout": {SignerRemote},
	}
	keyForm = regexp.MustCompile(`^(0x)?[0-9a-fA-F]{64}$`)
)

// completeSigner places the paths, as those of secrets: relative to the configuration file.
func (d *document) completeSigner(s *Signer) {
	for _, file := range []*string{&s.Keystore, &s.CA, &s.Cert, &s.CertKey} {
		if *file != "" {
			*file = d.relative(*file)
		}
	}
}

// checkSigner checks what can be said without the key. Like the files of secrets, the files it names are looked at here, so that
// one that is not there is found before anything runs; what is in them is for package signer.
func (d *document) checkSigner(at path, s *Signer) {
	if !d.kind(at, s.Kind, signerKinds) {
		return
	}
	d.belong(at, "kind", s.Kind, signerKeys)
	if s.Address != "" {
		d.address(at.key("address"), s.Address)
	}
	switch s.Kind {
	case SignerKeystore:
		if s.Keystore == "" {
			d.missing(at, "keystore", "name a geth keystore file")
		} else {
			d.file(at.key("keystore"), s.Keystore, private)
		}
		if s.Passphrase.IsZero() {
			d.missing(at, "passphrase", "give passphrase or passphrase_file")
		}
	case SignerKey:
		switch {
		case s.Key.IsZero():
			d.missing(at, "key", "give key or key_file; better: kind keystore or remote")
		case !keyForm.MatchString(s.Key.Reveal()):
			d.fault(at.key("key"), "key is not a private key", "it is 32 bytes in hex")
		}
	case SignerRemote:
		d.checkRemote(at, s)
	}
}

func (d *document) checkRemote(at path, s *Signer) {
	if s.Address == "" {
		d.missing(at, "address", "what a remote signer answers is checked against it")
	}
	d.within(at.key("timeout"), s.Timeout, Duration(time.Second), Duration(time.Minute))
	d.url(at, "url", s.URL, "https", "http")
	if !secured(s.URL) {
		d.fault(at.key("url"), "url is plain http to another machine: anybody on the way could ask it to sign", "use https with cert and cert_key; http is for this machine")
	}
	if s.CA != "" {
		d.file(at.key("ca"), s.CA, present)
	}
	if d.checkPair(at, s.Cert, s.CertKey); s.Cert != "" && s.CertKey != "" {
		d.file(at.key("cert"), s.Cert, present)
		d.file(at.key("cert_key"), s.CertKey, private)
	}
}

// checkPair wants a certificate and its key, or neither.
func (d *document) checkPair(at path, cert, key string) {
	const together = "a certificate and its key go together"
	switch {
	case cert == "" && key != "":
		d.missing(at, "cert", together)
	case cert != "" && key == "":
		d.missing(at, "cert_key", together)
	}
}

// secured reports whether what is sent to a signer stays between the two: over TLS, or on this machine.
func secured(s Secret) bool {
	u, err := url.Parse(s.Reveal())
	return err != nil || u.Scheme != "http" || loopback(s.hostname())
}

// file wants a file to be as look says.
func (d *document) file(at path, name string, look func(string) error) {
	if err := look(name); err != nil {
		d.fault(at, fmt.Sprintf("%s %q: %v", at.last(), name, err), "")
	}
}

func present(name string) error {
	_, err := os.Stat(name)
	return bare(err)
}

// checkSignersOf checks the names of the signers of a hook. A hook that acts on a chain needs one.
func (d *document) checkSignersOf(at path, h *Hook, c *Config) {
	if !h.OnChain() {
		return
	}
	defined := names(c.Signers, func(s Signer) string { return s.Name })
	for key, name := range map[string]string{"signer": h.Signer, "resume_signer": h.ResumeSigner} {
		if name != "" {
			d.reference(at.key(key), "signer", name, defined)
		}
	}
	if h.ResumeSigner != "" && h.ResumeSigner == h.Signer {
		d.fault(at.key("resume_signer"), "resume_signer is the signer: who may pause must not be able to take it back", "name another [[signer]], or leave it out")
	}
	if h.Signer == "" && h.Acts() {
		d.missing(at, "signer", "name the [[signer]] that signs its transactions")
	}
}

// loopback reports whether a host, in lower case and without its port, is this machine.
func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

// signerWarnings lists signers that nobody uses, that sign for whoever reaches them, and keys that are kept in the open for a
// hook that acts on a chain with real money.
func (d *document) signerWarnings(c *Config) (all []string) {
	for i, s := range c.Signers {
		line, _ := d.position(path("signer").item(i))
		warn := func(format string, args ...any) {
			all = append(all, fmt.Sprintf("%s:%d: signer %q: ", d.name, line, s.Name)+fmt.Sprintf(format, args...))
		}
		used := false
		for _, h := range c.Hooks {
			if h.Signer != s.Name && h.ResumeSigner != s.Name {
				continue
			}
			used = true
			if chain := c.Chain(h.Chain); s.Kind == SignerKey && h.Acts() && chain != nil && chain.mainnet() {
				warn("hook %q is %s on %s with the key itself; prefer kind keystore or remote", h.Name, h.Mode, chain.Name)
			}
		}
		if !used {
			warn("no hook uses it")
		}
		if s.Kind == SignerRemote && s.Cert == "" && !loopback(s.URL.hostname()) {
			warn("it is asked without a certificate; give cert and cert_key, or everybody who reaches it may have it sign")
		}
	}
	return all
}

// mainnet reports whether the chain is one that a preset knows as no testnet.
func (c *Chain) mainnet() bool {
	return slices.ContainsFunc(Presets(), func(name string) bool {
		p, err := presetNamed(name)
		return err == nil && p.Chain.ChainID == c.ChainID && !strings.HasSuffix(name, "sepolia")
	})
}
