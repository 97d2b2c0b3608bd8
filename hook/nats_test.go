package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

const natsPatience = 20 * time.Second

// serveNATS runs a server on the loopback.
func serveNATS(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	o.Host, o.NoSigs, o.NoLog = "127.0.0.1", true, true
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(natsPatience) {
		t.Fatal("the server does not listen")
	}
	return s
}

// watching is what hooks of these tests publish leases of: one circuit that lists the hook, one that does not, and one whose
// chain is no longer assessed.
var watching = &config.Config{Circuits: []config.Circuit{
	{Name: "base-lending", Hooks: []string{"bus"}}, {Name: "op-lending"}, {Name: "dead", Hooks: []string{"bus"}},
}}

func leasesOf(lease time.Duration) []headwatch.Signal {
	now := time.Now()
	return []headwatch.Signal{
		{Circuit: "base-lending", Chain: "base", State: headwatch.Closed, Seq: 12, ValidUntil: now.Add(lease)},
		{Circuit: "dead", State: headwatch.Closed, ValidUntil: now.Add(-time.Second)},
		{Circuit: "op-lending", Chain: "op", State: headwatch.Closed, ValidUntil: now.Add(lease)},
	}
}

func newTestBus(t *testing.T, c config.Hook) *bus {
	t.Helper()
	c.Name, c.Kind, c.Mode, c.Subject = "bus", config.HookNATS, config.ModeArmed, "risk.hw"
	if c.Timeout == 0 {
		c.Timeout = config.Duration(10 * time.Second)
	}
	if c.Lease == 0 {
		c.Lease = config.Duration(30 * time.Second)
	}
	s, err := New(c, Deps{Config: watching, Signals: leasesOf, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	b := s.(*bus)
	t.Cleanup(b.link.close)
	return b
}

func at(address string) config.Hook { return config.Hook{URL: config.NewSecret(address)} }

func send(t *testing.T, b *bus, kind headwatch.StepKind) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), natsPatience)
	defer cancel()
	return b.Send(ctx, nil, deliverytest.Notice(kind, "bus"))
}

// hear subscribes and gives what comes.
func hear(t *testing.T, address, subject string, options ...nats.Option) <-chan *nats.Msg {
	t.Helper()
	conn, err := nats.Connect(address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	heard := make(chan *nats.Msg, 64)
	if _, err := conn.ChanSubscribe(subject, heard); err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return heard
}

func nextOf(t *testing.T, heard <-chan *nats.Msg) *nats.Msg {
	t.Helper()
	select {
	case m := <-heard:
		return m
	case <-time.After(natsPatience):
		t.Fatal("nothing was heard")
		return nil
	}
}

func TestADecisionIsPublishedWithItsIDAndTheLeaseOfItsCircuit(t *testing.T) {
	address := serveNATS(t, &server.Options{}).ClientURL()
	heard := hear(t, address, ">")
	b := newTestBus(t, at(address))
	n := deliverytest.Notice(headwatch.StepTrip, "bus")
	detail, err := send(t, b, headwatch.StepTrip)
	if err != nil || !strings.HasSuffix(detail, " has it on risk.hw.base-lending.state") {
		t.Fatalf("%q, %v", detail, err)
	}
	state := nextOf(t, heard)
	want, err := delivery.NewDocument("circuit.open", n).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if state.Subject != "risk.hw.base-lending.state" || state.Header.Get("Nats-Msg-Id") != delivery.ID(n) || string(state.Data) != string(want) {
		t.Errorf("got %s %v\n%s\nwant\n%s", state.Subject, state.Header, state.Data, want)
	}
	lease := nextOf(t, heard)
	var sig headwatch.Signal
	if err := json.Unmarshal(lease.Data, &sig); err != nil || lease.Subject != "risk.hw.base-lending.lease" || sig.Circuit != "base-lending" || sig.Seq != 12 {
		t.Errorf("got %s %s: %v", lease.Subject, lease.Data, err)
	}
}

func TestAStreamStoresARepeatOnce(t *testing.T) {
	address := serveNATS(t, &server.Options{JetStream: true, StoreDir: t.TempDir()}).ClientURL()
	conn, err := nats.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "STATES", Subjects: []string{"risk.hw.*.state"}})
	if err != nil {
		t.Fatal(err)
	}
	b := newTestBus(t, at(address))
	for _, kind := range []headwatch.StepKind{headwatch.StepTrip, headwatch.StepTrip, headwatch.StepResolve} {
		if _, err := send(t, b, kind); err != nil {
			t.Fatal(err)
		}
	}
	// What the server has confirmed is in line for the stream; this is behind it.
	if _, err := js.Publish(t.Context(), "risk.hw.end.state", nil); err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context())
	if err != nil || info.State.Msgs != 3 {
		t.Errorf("the stream has %d messages, %v", info.State.Msgs, err)
	}
}

func TestANoticeForPeopleIsNotPublished(t *testing.T) {
	b := newTestBus(t, at("nats://127.0.0.1:1"))
	for _, kind := range []headwatch.StepKind{headwatch.StepWarn, headwatch.StepAck} {
		if detail, err := send(t, b, kind); err != nil || detail != delivery.NotTold {
			t.Errorf("%s: %q, %v", kind, detail, err)
		}
	}
}

func TestWhatTheServerDoesNotConfirmIsNotDelivered(t *testing.T) {
	accounts := []*server.Account{server.NewAccount("RISK"), server.NewAccount("OTHERS")}
	may := func(allow string) *server.Permissions {
		return &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{allow}}}
	}
	s := serveNATS(t, &server.Options{Accounts: accounts, Users: []*server.User{
		{Username: "headwatch", Password: "planted-password", Account: accounts[0], Permissions: may("risk.hw.>")},
		{Username: "stateless", Password: "planted-password", Account: accounts[0], Permissions: may("risk.hw.*.lease")},
		{Username: "desk", Password: "planted-password", Account: accounts[0]},
		{Username: "stranger", Password: "planted-password", Account: accounts[1]},
	}})
	as := func(user string) string { return fmt.Sprintf("nats://%s@%s", user, s.Addr()) }
	heard := hear(t, as("desk:planted-password"), "risk.hw.*.state")
	strangers := hear(t, as("stranger:planted-password"), ">")
	for user, want := range map[string]delivery.Reason{
		"headwatch:planted-wrong":    delivery.ReasonOther,
		"stateless:planted-password": delivery.ReasonOther,
		"headwatch:planted-password": "",
	} {
		_, err := send(t, newTestBus(t, at(as(user))), headwatch.StepTrip)
		e, _ := errors.AsType[*delivery.Error](err)
		switch {
		case want == "" && err != nil, want != "" && (e == nil || e.Reason != want || e.Permanent):
			t.Errorf("%s: got %v", user, err)
		case err != nil && strings.Contains(err.Error(), "planted"):
			t.Errorf("%s: the error shows a password: %v", user, err)
		}
	}
	nextOf(t, heard)
	if len(heard)+len(strangers) != 0 {
		t.Errorf("%d more were heard, %d in the other account", len(heard), len(strangers))
	}
}

func TestAServerThatComesBackIsFoundAgain(t *testing.T) {
	s := serveNATS(t, &server.Options{})
	port := s.Addr().(*net.TCPAddr).Port
	b := newTestBus(t, at(s.ClientURL()))
	if _, err := send(t, b, headwatch.StepTrip); err != nil {
		t.Fatal(err)
	}
	s.Shutdown()
	s.WaitForShutdown()
	// The first attempt may meet the old connection, the second finds nobody.
	_, _ = send(t, b, headwatch.StepRecover)
	_, err := send(t, b, headwatch.StepRecover)
	if e, _ := errors.AsType[*delivery.Error](err); e == nil || e.Reason != delivery.ReasonRefused {
		t.Errorf("without a server: %v", err)
	}
	s = serveNATS(t, &server.Options{Port: port})
	heard := hear(t, s.ClientURL(), "risk.hw.*.state")
	if _, err := send(t, b, headwatch.StepRecover); err != nil {
		t.Fatal(err)
	}
	if m := nextOf(t, heard); !strings.Contains(string(m.Data), "circuit.half_open") {
		t.Errorf("heard %s", m.Data)
	}
}

// A server that takes messages and never confirms them has not taken them.
func TestAServerThatFallsSilentIsTimedOut(t *testing.T) {
	ln := listen(t)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Write([]byte(`INFO {"server_id":"x","version":"2.10.0","max_payload":1048576,"headers":true}` + "\r\n"))
		heard := ""
		for buffer := make([]byte, 4096); !strings.Contains(heard, "PING\r\n"); {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			heard += string(buffer[:n])
		}
		_, _ = conn.Write([]byte("PONG\r\n"))
		_, _ = conn.Read(make([]byte, 1<<20))
		<-t.Context().Done()
	}()
	b := newTestBus(t, at("nats://"+ln.Addr().String()))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := b.Send(ctx, nil, deliverytest.Notice(headwatch.StepTrip, "bus"))
	if e, _ := errors.AsType[*delivery.Error](err); e == nil || e.Reason != delivery.ReasonTimeout {
		t.Errorf("got %v", err)
	}
}

func TestLeasesAreRenewedForTheCircuitsOfTheHook(t *testing.T) {
	address := serveNATS(t, &server.Options{}).ClientURL()
	heard := hear(t, address, ">")
	c := at(address)
	c.Lease = config.Duration(60 * time.Millisecond)
	stop := runBus(t, newTestBus(t, c))
	var last time.Time
	for range 3 {
		m := nextOf(t, heard)
		var sig headwatch.Signal
		if err := json.Unmarshal(m.Data, &sig); err != nil {
			t.Fatal(err)
		}
		if m.Subject != "risk.hw.base-lending.lease" || !sig.ValidUntil.After(last) {
			t.Errorf("%s is valid until %s, the one before until %s", m.Subject, sig.ValidUntil, last)
		}
		last = sig.ValidUntil
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// runBus runs a bus until stop.
func runBus(t *testing.T, b *bus) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

func TestADryBusSaysWhatItWouldPublishAndOpensNothing(t *testing.T) {
	s, err := New(config.Hook{
		Name: "bus", Kind: config.HookNATS, Mode: config.ModeDryRun, Subject: "headwatch", Timeout: config.Duration(time.Second),
		Lease: config.Duration(time.Minute), URL: config.NewSecret("nats://u:planted-password@127.0.0.1:1"), Credentials: "/no/such/file",
	}, Deps{Config: watching, Signals: leasesOf, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	got := s.(delivery.Previewer).Preview(deliverytest.Notice(headwatch.StepTrip, "bus"))
	if !strings.HasPrefix(got, "publish on headwatch.base-lending.state of 127.0.0.1:1\n{") || strings.Contains(got, "planted") {
		t.Errorf("got %s", got)
	}
	if err := runBus(t, s.(*bus))(); err != nil {
		t.Error(err)
	}
}

func TestABusWithoutAURLUsesTheServerOfTheJournal(t *testing.T) {
	s := serveNATS(t, &server.Options{})
	cfg := &config.Config{Circuits: watching.Circuits, Journal: config.Journal{URL: config.NewSecret(s.ClientURL())}}
	sender, err := New(config.Hook{
		Name: "bus", Kind: config.HookNATS, Mode: config.ModeArmed, Subject: "headwatch",
		Timeout: config.Duration(10 * time.Second), Lease: config.Duration(time.Minute),
	}, Deps{Config: cfg, Signals: leasesOf, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.(*bus).link.close)
	ctx, cancel := context.WithTimeout(t.Context(), natsPatience)
	defer cancel()
	if err := sender.(Readier).Ready(ctx); err != nil {
		t.Error(err)
	}
}
