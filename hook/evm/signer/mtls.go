package signer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"headwatch/config"
)

// maxPEM bounds a file of certificates.
const maxPEM = 1 << 20

// pair names the files of our certificate and its key; both are "" when we have none.
type pair struct{ cert, key string }

// config makes the TLS configuration. The pair is read anew for every connection: short-lived certificates are replaced
// under a running program.
func (p pair) config(ca string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := readPEM(ca)
		if err != nil {
			return nil, fmt.Errorf("ca %s: %w", ca, err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca %s: there is no certificate in it", ca)
		}
	}
	if p.cert == "" {
		return c, nil
	}
	if _, err := p.load(); err != nil {
		return nil, err
	}
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return p.load() }
	return c, nil
}

// load reads the pair. Its errors name the files and show nothing of them.
func (p pair) load() (*tls.Certificate, error) {
	cert, err := readPEM(p.cert)
	if err != nil {
		return nil, fmt.Errorf("cert %s: %w", p.cert, err)
	}
	key, err := config.ReadPrivate(p.key)
	defer clear(key)
	if err != nil {
		return nil, fmt.Errorf("cert_key %s: %w", p.key, err)
	}
	both, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("cert %s and cert_key %s are not a certificate and its key in PEM", p.cert, p.key)
	}
	return &both, nil
}

// certified gives nil when our certificate, if there is one, can be used at that time.
func (c *caller) certified(now time.Time) error {
	if c.pair.cert == "" {
		return nil
	}
	both, err := c.pair.load()
	switch {
	case err != nil:
		return err
	case now.After(both.Leaf.NotAfter):
		return fmt.Errorf("our certificate %s expired on %s", c.pair.cert, both.Leaf.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(both.Leaf.NotBefore):
		return fmt.Errorf("our certificate %s is not valid before %s", c.pair.cert, both.Leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// explain says whose certificate was not accepted, where that is what happened. A server may hang up on a certificate that it
// refuses before it has said so.
func (c *caller) explain(err error) error {
	ours := "our certificate"
	if c.pair.cert == "" {
		ours = "us without a certificate (cert and cert_key)"
	}
	untrusted, isUntrusted := errors.AsType[*tls.CertificateVerificationError](err)
	network, isNetwork := errors.AsType[*net.OpError](err)
	switch {
	case isUntrusted:
		return fmt.Errorf("its certificate is not accepted: %s", c.clean(untrusted.Err.Error()))
	case isNetwork && network.Op == "remote error":
		return fmt.Errorf("it refuses %s: %s", ours, c.clean(network.Err.Error()))
	case strings.HasPrefix(c.url.Reveal(), "https:") &&
		(errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF)):
		return fmt.Errorf("it closed the connection, as servers do that refuse %s", ours)
	}
	return &unreached{err, c.clean(err.Error())}
}

// unreached is a fault of the network with a message that is fit to be shown.
type unreached struct {
	cause   error
	message string
}

func (e *unreached) Error() string { return e.message }

// Unwrap keeps the end of a context visible to errors.Is.
func (e *unreached) Unwrap() error { return e.cause }

func readPEM(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.New("it cannot be opened")
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxPEM))
	if err != nil {
		return nil, errors.New("it cannot be read")
	}
	return pem, nil
}
