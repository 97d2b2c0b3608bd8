package signer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/config"
)

// authority is a CA made for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

// issue makes a certificate and its key, in PEM.
func (a authority) issue(t *testing.T, alter func(*x509.Certificate)) (certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "headwatch"}, DNSNames: []string{"headwatch.internal"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	if alter != nil {
		alter(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}

func (a authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// vault is a signer behind mutual TLS: it demands a certificate of its own authority.
func vault(t *testing.T, ca, clients authority, alter func(*x509.Certificate)) string {
	t.Helper()
	cert, key := ca.issue(t, alter)
	both, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	known := x509.NewCertPool()
	known.AddCert(clients.cert)
	s := httptest.NewUnstartedServer(handler(t, func(w http.ResponseWriter, method string, _ json.RawMessage) {
		if method == "eth_accounts" {
			result(t, w, []string{account})
		} else {
			result(t, w, raw(t, sign(t, unsigned(), ownKey(t))))
		}
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{both}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: known, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func expired(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }

// A wrong certificate on either side is refused by the other, and the error says whose it was.
func TestBothSidesShowACertificate(t *testing.T) {
	ours, other := newAuthority(t, "ours"), newAuthority(t, "other")
	const refused = "our certificate"
	for _, c := range []struct {
		name           string
		server, issuer authority
		alterServer    func(*x509.Certificate)
		alterClient    func(*x509.Certificate)
		none           bool
		ca             []byte
		want           string
	}{
		{name: "right", server: ours, issuer: ours, ca: ours.pem()},
		{name: "client of another authority", server: ours, issuer: other, ca: ours.pem(), want: refused},
		{name: "a server's certificate", server: ours, issuer: ours, ca: ours.pem(), want: refused, alterClient: func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}},
		{name: "expired client", server: ours, issuer: ours, ca: ours.pem(), alterClient: expired, want: refused},
		{name: "no client certificate", server: ours, issuer: ours, ca: ours.pem(), none: true, want: "us without a certificate (cert and cert_key)"},
		{name: "server of another authority", server: other, issuer: ours, ca: ours.pem(), want: "its certificate is not accepted: x509: certificate signed by unknown authority"},
		{name: "server unknown to the system", server: ours, issuer: ours, want: "its certificate is not accepted: x509: "},
		{name: "expired server", server: ours, issuer: ours, ca: ours.pem(), alterServer: expired, want: "its certificate is not accepted: x509: certificate has expired"},
		{name: "server of another name", server: ours, issuer: ours, ca: ours.pem(), want: "its certificate is not accepted: x509: ", alterServer: func(c *x509.Certificate) {
			c.IPAddresses = nil
		}},
	} {
		dir := t.TempDir()
		cert, key := c.issuer.issue(t, c.alterClient)
		s := remoteSigner(vault(t, c.server, ours, c.alterServer))
		if !c.none {
			s.Cert, s.CertKey = write(t, filepath.Join(dir, "cert.pem"), cert, 0o644), write(t, filepath.Join(dir, "key.pem"), key, 0o600)
		}
		if c.ca != nil {
			s.CA = write(t, filepath.Join(dir, "ca.pem"), c.ca, 0o644)
		}
		made := made(t, s)
		signed, err := made.Sign(t.Context(), types.NewTx(unsigned()), big.NewInt(chain))
		if (err == nil) != (c.want == "") || (signed == nil) != (err != nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: sign: got %v, want %s", c.name, err, c.want)
		}
		if err != nil && strings.Contains(c.want, "certificate") && !strings.HasPrefix(err.Error(), s.URL.Host()+": eth_signTransaction: it") {
			t.Errorf("%s: sign: got %v", c.name, err)
		}
		if err := made.Ready(t.Context()); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: ready: got %v, want %s", c.name, err, c.want)
		}
	}
}

// Short-lived certificates are renewed on disk, and nothing has to be started again.
func TestANewCertificateIsTakenUp(t *testing.T) {
	ours, dir := newAuthority(t, "ours"), t.TempDir()
	old, oldKey := ours.issue(t, expired)
	s := remoteSigner(vault(t, ours, ours, nil))
	s.CA = write(t, filepath.Join(dir, "ca.pem"), ours.pem(), 0o644)
	s.Cert, s.CertKey = write(t, filepath.Join(dir, "cert.pem"), old, 0o644), write(t, filepath.Join(dir, "key.pem"), oldKey, 0o600)
	signer := made(t, s)
	if err := signer.Ready(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "our certificate "+s.Cert+" expired on ") {
		t.Errorf("with an expired certificate: %v", err)
	}
	fresh, freshKey := ours.issue(t, nil)
	write(t, s.Cert, fresh, 0o644)
	write(t, s.CertKey, freshKey, 0o600)
	if err := signer.Ready(t.Context()); err != nil {
		t.Errorf("with a new one: %v", err)
	}
	early, earlyKey := ours.issue(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) })
	write(t, s.Cert, early, 0o644)
	write(t, s.CertKey, earlyKey, 0o600)
	if err := signer.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "is not valid before ") {
		t.Errorf("with one of tomorrow: %v", err)
	}
}

func TestFilesOfARemoteSignerAreRead(t *testing.T) {
	ours, dir := newAuthority(t, "ours"), t.TempDir()
	cert, key := ours.issue(t, nil)
	_, otherKey := ours.issue(t, nil)
	files := map[string]string{
		"cert": write(t, filepath.Join(dir, "cert.pem"), cert, 0o644), "key": write(t, filepath.Join(dir, "key.pem"), key, 0o600),
		"open": write(t, filepath.Join(dir, "open.pem"), key, 0o604), "other": write(t, filepath.Join(dir, "other.pem"), otherKey, 0o600),
		"text": write(t, filepath.Join(dir, "text.pem"), []byte("no certificate"), 0o600),
	}
	for _, c := range []struct{ ca, cert, key, want string }{
		{"", files["cert"], files["key"], ""},
		{"", files["cert"], files["open"], "everybody on this machine has access to it"},
		{"", files["cert"], files["other"], "are not a certificate and its key in PEM"},
		{"", files["text"], files["key"], "are not a certificate and its key in PEM"},
		{"", "/nosuch", files["key"], "cert /nosuch: it cannot be opened"},
		{"", files["cert"], "/nosuch", "cert_key /nosuch: no such file"},
		{files["text"], "", "", "there is no certificate in it"},
		{"/nosuch", "", "", "ca /nosuch: it cannot be opened"},
	} {
		s := remoteSigner("https://signer.example")
		s.CA, s.Cert, s.CertKey = c.ca, c.cert, c.key
		_, err := New(s)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if _, err := New(config.Signer{Name: "s", Kind: config.SignerRemote, URL: config.NewSecret("https://signer.example")}); err == nil {
		t.Error("a remote signer without an address is made")
	}
}
