package alert

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"headwatch"
	"headwatch/config"
)

const (
	mailHost     = "mail.example.org"
	mailPassword = "planted-mail-password"
)

// mailServer is an SMTP server with accounts, TLS by an authority of its own, and recipients that it refuses.
type mailServer struct {
	addr  string
	roots *x509.CertPool

	mu     sync.Mutex
	refuse map[string]*smtp.SMTPError // recipients, and under "DATA" the message
	mails  []received
}

type received struct {
	from string
	to   []string
	text []byte
	tls  bool
	user string
}

func (s *mailServer) refuses(of map[string]*smtp.SMTPError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = of
}

func (s *mailServer) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

// newMailServer starts one: with STARTTLS, with TLS from the first byte on ("smtps"), or without ("plain").
func newMailServer(t *testing.T, mode string) *mailServer {
	t.Helper()
	s := &mailServer{}
	certificate, roots := authority(t)
	s.roots = roots
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &mailSession{server: s, conn: c}, nil }))
	server.Domain, server.ErrorLog, server.EnableSMTPUTF8 = mailHost, log.New(io.Discard, "", 0), true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = listener.Addr().String()
	secure := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch mode {
	case "smtps":
		listener = tls.NewListener(listener, secure)
	case "starttls":
		server.TLSConfig = secure
	case "plain":
		server.AllowInsecureAuth = true
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return s
}

// authority makes a certificate for mailHost, and the pool that vouches for it.
func authority(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{mailHost},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// mailer is a channel that finds mailHost at the server's address, and trusts its authority.
func mailer(t *testing.T, scheme string, s *mailServer, change func(*config.Alert)) *email {
	t.Helper()
	return mailerAt(t, scheme+"://"+mailHost, s.addr, s.roots, change)
}

func mailerAt(t *testing.T, url, addr string, roots *x509.CertPool, change func(*config.Alert)) *email {
	t.Helper()
	c := config.Alert{
		Name: "ops", Kind: config.AlertEmail, From: headwatch.LevelWarn, URL: config.NewSecret(url), Timeout: config.Duration(10 * time.Second),
		Account: "headwatch", Token: config.NewSecret(mailPassword), Sender: "Headwatch <headwatch@example.org>",
		To: []string{"alice@example.org", "Bob <bob@example.org>"}, Link: "https://runbooks.example.org/base",
	}
	if change != nil {
		change(&c)
	}
	sender, err := New(c, deps)
	if err != nil {
		t.Fatal(err)
	}
	e := sender.(*email)
	e.tls.RootCAs = roots
	e.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	return e
}

type mailSession struct {
	server *mailServer
	conn   *smtp.Conn
	mail   received
}

func (s *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "headwatch" || password != mailPassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "not " + user + " with " + password}
		}
		s.mail.user = user
		return nil
	}), nil
}

func (s *mailSession) refusal(of string) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if e := s.server.refuse[of]; e != nil {
		return e
	}
	return nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return s.refusal("MAIL")
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.refusal(to); err != nil {
		return err
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.refusal("DATA"); err != nil {
		return err
	}
	_, s.mail.tls = s.conn.TLSConnectionState()
	s.mail.text = text
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.mail)
	return nil
}

func (s *mailSession) Reset()        { s.mail.to = nil }
func (s *mailSession) Logout() error { return nil }
