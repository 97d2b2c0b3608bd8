package hook

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"headwatch/config"
)

const (
	maxSubscribers = 256
	maxMessage     = 256 << 10
	maxBacklog     = 4 << 20 // bytes that wait for one subscriber before it is cut off
)

// busServer is a NATS server in this process for the subscribers of one hook. It is not the journal's engine: it keeps
// nothing, and whatever a subscriber sends cannot reach a decision. Subscribers may subscribe below the hook's subject and
// publish nowhere. We connect to it inside the process, under a name and a password that nobody else has.
type busServer struct {
	listen  string
	options *server.Options
	user    string
	secret  string
	running atomic.Pointer[server.Server] // nil until start
}

func newBusServer(c config.Hook) (*busServer, error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &busServer{listen: c.Listen, user: "headwatch " + rand.Text(), secret: rand.Text()} // a blank: no subscriber has that name
	s.options = &server.Options{
		ServerName: "headwatch", Host: host, Port: number, NoSigs: true, NoLog: true, NoSystemAccount: true,
		MaxConn: maxSubscribers, MaxSubs: 64, MaxPayload: maxMessage, MaxPending: maxBacklog,
		WriteDeadline: maxWait, AuthTimeout: maxWait.Seconds(), TLSTimeout: maxWait.Seconds(),
		PingInterval: 10 * time.Second, MaxPingsOut: 2,
		Users: []*server.User{{Username: s.user, Password: s.secret}},
	}
	for name, password := range c.Subscribers {
		s.options.Users = append(s.options.Users, &server.User{Username: name, Password: password.Reveal(), Permissions: &server.Permissions{
			Subscribe: &server.SubjectPermission{Allow: []string{c.Subject + ".>"}},
			Publish:   &server.SubjectPermission{Deny: []string{">"}},
		}})
	}
	if c.Cert == "" || c.Mode != config.ModeArmed {
		return s, nil
	}
	s.options.TLSConfig, err = servedTLS(c)
	s.options.TLS, s.options.TLSVerify = true, c.CA != ""
	return s, err
}

func servedTLS(c config.Hook) (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(c.Cert, c.CertKey)
	if err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	if c.CA == "" {
		return t, nil
	}
	text, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}
	t.ClientCAs, t.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !t.ClientCAs.AppendCertsFromPEM(text) {
		return nil, errors.New("ca: the file holds no certificate in PEM")
	}
	return t, nil
}

// start opens the port. It is called once.
func (s *busServer) start() error {
	probe, err := net.Listen("tcp", s.listen) // the server itself would not say why it cannot
	if err == nil {
		err = probe.Close()
	}
	var running *server.Server
	if err == nil {
		running, err = server.NewServer(s.options)
	}
	if err != nil {
		return fmt.Errorf("serve subscribers on %s: %w", s.listen, err)
	}
	running.Start()
	if !running.ReadyForConnections(maxWait) {
		running.Shutdown()
		return fmt.Errorf("serve subscribers on %s: it did not begin in time", s.listen)
	}
	s.running.Store(running)
	return nil
}

// InProcessConn implements nats.InProcessConnProvider.
func (s *busServer) InProcessConn() (net.Conn, error) {
	running := s.running.Load()
	if running == nil {
		return nil, errors.New("it does not listen yet")
	}
	return running.InProcessConn()
}

// link connects to it, as the one user who may publish.
func (s *busServer) link(timeout time.Duration) *link {
	return newLink("the server on "+s.listen, "", timeout, []string{s.user, s.secret}, nats.InProcessServer(s), nats.UserInfo(s.user, s.secret))
}

func (s *busServer) stop() {
	running := s.running.Load()
	running.Shutdown()
	running.WaitForShutdown()
}
