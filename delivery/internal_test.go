package delivery

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// The vector that the Standard Webhooks project publishes with its libraries.
func TestSignatureIsThatOfThePublishedVector(t *testing.T) {
	w, err := NewWebhook(config.NewSecret("https://example.org"),
		[]config.Secret{config.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}, time.Second, func(headwatch.Notice) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	header, err := w.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"webhook-id":        "msg_p5jXN8AQM9LWM0D4loKWxJek",
		"webhook-timestamp": "1614265330",
		"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestOldTLSIsRefusedEvenByACertificateThatIsTrusted(t *testing.T) {
	for version, ok := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.TLS = &tls.Config{MinVersion: version, MaxVersion: version}
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		client := Client(10 * time.Second)
		client.Transport.(*http.Transport).TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		resp, err := client.Get(s.URL)
		if (err == nil) != ok {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			resp.Body.Close()
		}
		s.Close()
	}
}

func TestAProxyThatIsDownIsNoConnection(t *testing.T) {
	err := &net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
	if got := NetworkReason(err); got != ReasonRefused {
		t.Errorf("got %s", got)
	}
}

func TestRetryAfterAsADateCountsFromNow(t *testing.T) {
	now := time.Date(2026, time.March, 1, 10, 0, 0, 0, time.UTC)
	if got := retryAfter(now.Add(90*time.Second).Format(http.TimeFormat), now); got != 90*time.Second {
		t.Errorf("got %v", got)
	}
}

func TestRetryAfterStaysInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.OneOf(rapid.String(), rapid.StringMatching(`-?[0-9]{1,30}`)).Draw(t, "value")
		if got := retryAfter(v, time.Now()); got < 0 || got > maxRetryAfter {
			t.Fatalf("%q gave %v", v, got)
		}
	})
}

func TestIntervalsStayUnderTheCap(t *testing.T) {
	p := newPace()
	for range 1000 {
		if d := p.next(0); d <= 0 || d > 36*time.Second {
			t.Fatalf("waits %v", d)
		}
	}
	if d := p.next(4 * time.Minute); d != 4*time.Minute {
		t.Errorf("asked for 4m, waits %v", d)
	}
}
