package hook

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// authority makes certificates for one test.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.make("ca", nil)
	return a
}

// make writes NAME.pem and NAME-key.pem; without a parent the certificate signs itself.
func (a *authority) make(name string, parent *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: parent == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signer, signing := template, key
	if parent != nil {
		signer, signing = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer, &key.PublicKey, signing)
	if err != nil {
		a.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	a.write(name+"-key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) issue(name string) (cert, key string) {
	a.make(name, a)
	return a.file(name + ".pem"), a.file(name + "-key.pem")
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

func (a *authority) write(name string, content []byte) {
	a.t.Helper()
	if err := os.WriteFile(a.file(name), content, 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func TestAServerThatWantsACertificate(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	serverCert, serverKey := ours.issue("server")
	clientCert, clientKey := ours.issue("headwatch")
	tlsConfig, err := servedTLS(config.Hook{Cert: serverCert, CertKey: serverKey, CA: ours.file("ca.pem")})
	if err != nil {
		t.Fatal(err)
	}
	s := serveNATS(t, &server.Options{TLS: true, TLSVerify: true, TLSConfig: tlsConfig})
	to := func(c config.Hook) config.Hook {
		c.URL = config.NewSecret("tls://" + s.Addr().String())
		return c
	}
	for name, tc := range map[string]struct {
		hook config.Hook
		want delivery.Reason
	}{
		"all is right":             {to(config.Hook{CA: ours.file("ca.pem"), Cert: clientCert, CertKey: clientKey}), ""},
		"no certificate of ours":   {to(config.Hook{CA: ours.file("ca.pem")}), delivery.ReasonTLS},
		"another authority":        {to(config.Hook{CA: theirs.file("ca.pem"), Cert: clientCert, CertKey: clientKey}), delivery.ReasonTLS},
		"the system's authorities": {to(config.Hook{Cert: clientCert, CertKey: clientKey}), delivery.ReasonTLS},
	} {
		_, err := send(t, newTestBus(t, tc.hook), headwatch.StepTrip)
		e, _ := errors.AsType[*delivery.Error](err)
		if (err == nil) != (tc.want == "") || e != nil && e.Reason != tc.want {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAServerThatSpeaksNoTLSIsRefused(t *testing.T) {
	s := serveNATS(t, &server.Options{})
	_, err := send(t, newTestBus(t, at("tls://headwatch:planted-password@"+s.Addr().String())), headwatch.StepTrip)
	if e, _ := errors.AsType[*delivery.Error](err); e == nil || e.Reason != delivery.ReasonTLS {
		t.Errorf("got %v", err)
	}
}

// Files are read at each connection, so that renewed ones need no restart; the configuration's check has looked for them.
func TestFilesThatAreGoneAreAnErrorThatIsTriedAgain(t *testing.T) {
	s := serveNATS(t, &server.Options{})
	for _, c := range []config.Hook{{CA: "/no/such/ca.pem"}, {Credentials: "/no/such.creds"}, {Cert: "/no/such.pem", CertKey: "/no/such.pem"}} {
		c.URL = config.NewSecret(s.ClientURL())
		_, err := send(t, newTestBus(t, c), headwatch.StepTrip)
		if e, _ := errors.AsType[*delivery.Error](err); e == nil || e.Permanent || !strings.Contains(e.Detail, "no such file") {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

// A server that knows its users by an operator's signature takes a credentials file, and no other's.
func TestACredentialsFile(t *testing.T) {
	operator, account, user := pair(t, nkeys.CreateOperator), pair(t, nkeys.CreateAccount), pair(t, nkeys.CreateUser)
	accountJWT, err := jwt.NewAccountClaims(public(t, account)).Encode(operator)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.NewOperatorClaims(public(t, operator))
	if _, err := claims.Encode(operator); err != nil {
		t.Fatal(err)
	}
	resolver := &server.MemAccResolver{}
	if err := resolver.Store(public(t, account), accountJWT); err != nil {
		t.Fatal(err)
	}
	s := serveNATS(t, &server.Options{TrustedOperators: []*jwt.OperatorClaims{claims}, AccountResolver: resolver})

	userJWT, err := jwt.NewUserClaims(public(t, user)).Encode(account)
	if err != nil {
		t.Fatal(err)
	}
	strange, err := jwt.NewUserClaims(public(t, user)).Encode(pair(t, nkeys.CreateAccount))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	for token, works := range map[string]bool{userJWT: true, strange: false, "eyJ0eXAiOiJKV1QifQ.nonsense": false} {
		file := filepath.Join(t.TempDir(), "headwatch.creds")
		content, err := jwt.FormatUserConfig(userJWT, seed)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(content), userJWT, token, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		c := at("nats://" + s.Addr().String())
		c.Credentials = file
		_, err = send(t, newTestBus(t, c), headwatch.StepTrip)
		if (err == nil) != works || err != nil && (strings.Contains(err.Error(), string(seed)) || strings.Contains(err.Error(), "eyJ")) {
			t.Errorf("works: %t, got %v", works, err)
		}
	}
}

func pair(t *testing.T, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	t.Helper()
	k, err := create()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func public(t *testing.T, k nkeys.KeyPair) string {
	t.Helper()
	p, err := k.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// freePort gives an address that nothing listens on. Somebody else may take it; then a test that needs it fails loudly.
func freePort(t *testing.T) string {
	t.Helper()
	ln := listen(t)
	defer ln.Close()
	return ln.Addr().String()
}

func served(listen string) config.Hook {
	return config.Hook{
		Listen: listen, Lease: config.Duration(90 * time.Millisecond),
		Subscribers: map[string]config.Secret{"desk": config.NewSecret("planted-password-1"), "bot": config.NewSecret("planted-password-2")},
	}
}

// settled waits until a server in this process listens.
func settled(t *testing.T, b *bus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), natsPatience)
	defer cancel()
	for b.Ready(ctx) != nil {
		if ctx.Err() != nil {
			t.Fatal("it does not listen")
		}
	}
}

func TestSubscribersOfAServerInThisProcess(t *testing.T) {
	c := served(freePort(t))
	b := newTestBus(t, c)
	if _, err := send(t, b, headwatch.StepTrip); err == nil {
		t.Error("delivered before it listens")
	}
	stop := runBus(t, b)
	settled(t, b)
	complaints := make(chan error, 16)
	complain := nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { complaints <- err })
	desk := nats.UserInfo("desk", "planted-password-1")
	heard := hear(t, "nats://"+c.Listen, "risk.hw.*.lease", desk)
	nextOf(t, heard)
	states := hear(t, "nats://"+c.Listen, "risk.hw.base-lending.state", nats.UserInfo("bot", "planted-password-2"))
	if _, err := send(t, b, headwatch.StepTrip); err != nil {
		t.Fatal(err)
	}
	nextOf(t, states)

	// It may not subscribe to anything else, nor publish: a closed of its own would be believed by the others.
	for name, forbidden := range map[string]func(*nats.Conn) error{
		"subscribe to all":        func(n *nats.Conn) error { _, err := n.SubscribeSync(">"); return err },
		"subscribe to the system": func(n *nats.Conn) error { _, err := n.SubscribeSync("$SYS.>"); return err },
		"ask the journal":         func(n *nats.Conn) error { return n.Publish("$JS.API.STREAM.INFO.HEADWATCH", nil) },
		"publish a lease":         func(n *nats.Conn) error { return n.Publish("risk.hw.base-lending.lease", []byte("{}")) },
	} {
		conn, err := nats.Connect("nats://"+c.Listen, desk, complain)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(forbidden(conn), conn.Flush()); err != nil {
			t.Error(name, err)
		}
		select {
		case err := <-complaints:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Error(name, err)
			}
		case <-time.After(natsPatience):
			t.Errorf("%s: nothing forbids it", name)
		}
		conn.Close()
	}
	for _, wrong := range []nats.Option{nats.UserInfo("desk", "planted-password-2"), nats.UserInfo("", ""), nats.Token("planted-password-1")} {
		if conn, err := nats.Connect("nats://"+c.Listen, wrong); err == nil {
			conn.Close()
			t.Error("a stranger was let in")
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if conn, err := nats.Connect("nats://"+c.Listen, desk); err == nil {
		conn.Close()
		t.Error("it listens after its end")
	}
}

func TestSubscribersOverTLS(t *testing.T) {
	ca := newAuthority(t)
	c := served(freePort(t))
	c.Cert, c.CertKey = ca.issue("headwatch")
	c.CA = ca.file("ca.pem")
	deskCert, deskKey := ca.issue("desk")
	b := newTestBus(t, c)
	stop := runBus(t, b)
	settled(t, b)
	desk := nats.UserInfo("desk", "planted-password-1")
	if conn, err := nats.Connect("tls://"+c.Listen, desk, nats.RootCAs(c.CA)); err == nil {
		conn.Close()
		t.Error("let in without a certificate")
	}
	if _, err := tls.LoadX509KeyPair(deskCert, deskKey); err != nil {
		t.Fatal(err)
	}
	heard := hear(t, "tls://"+c.Listen, "risk.hw.>", desk, nats.RootCAs(c.CA), nats.ClientCert(deskCert, deskKey))
	nextOf(t, heard)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	ln := listen(t)
	err := newTestBus(t, served(ln.Addr().String())).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got %v", err)
	}
}
