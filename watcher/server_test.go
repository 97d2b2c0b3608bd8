package watcher

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"headwatch"
)

func TestAnAnswerBringsTheServersClock(t *testing.T) {
	for name, c := range map[string]struct {
		date, age string
		want      time.Time
	}{
		"its own":         {"", "", time.Now().UTC().Truncate(time.Second)},
		"a wrong one":     {"Tue, 05 Aug 2025 06:07:08 GMT", "", time.Date(2025, 8, 5, 6, 7, 8, 0, time.UTC)},
		"kept by a cache": {"Tue, 05 Aug 2025 06:07:08 GMT", "17", time.Time{}},
	} {
		for fault, status := range map[headwatch.FaultKind]int{"": http.StatusOK, headwatch.FaultRateLimited: http.StatusTooManyRequests} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for key, value := range map[string]string{"Date": c.date, "Age": c.age} {
					if value != "" {
						w.Header().Set(key, value)
					}
				}
				if status != http.StatusOK {
					w.WriteHeader(status)
					return
				}
				healthy.ServeHTTP(w, r)
			}))
			o := proberOf(server.URL, 5*time.Second).probe(t.Context(), true)
			server.Close()
			if fault != "" {
				wantFault(t, o.Err, fault)
			} else if o.Err != nil {
				t.Error(o.Err)
			}
			if off := o.Date.Sub(c.want); off < 0 || off > time.Minute || !o.Expires.IsZero() {
				t.Errorf("%s: date %v, want %v; expires %v", name, o.Date, c.want, o.Expires)
			}
		}
	}
}

func TestNoAnswerBringsNoClock(t *testing.T) {
	server := httptest.NewServer(healthy)
	p := proberOf(server.URL, 5*time.Second)
	if o := p.probe(t.Context(), false); o.Date.IsZero() {
		t.Fatalf("heard %+v", o)
	}
	server.Close()
	if o := p.probe(t.Context(), false); o.Err == nil || !o.Date.IsZero() {
		t.Errorf("heard %+v from nobody", o)
	}
}

// certificate signs itself for the loopback.
func certificate(t *testing.T, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestAConnectionTellsWhenItsCertificateEnds(t *testing.T) {
	ends := time.Now().Add(72 * time.Hour).UTC().Truncate(time.Second)
	var calls int
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		healthy.ServeHTTP(w, r)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, ends)}}
	server.Config.ErrorLog = discardLog
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()

	stranger := proberOf(server.URL, 5*time.Second)
	o := stranger.probe(t.Context(), true)
	wantFault(t, o.Err, headwatch.FaultTLS)
	if !o.Expires.IsZero() {
		t.Errorf("a certificate that is not trusted ends at %v", o.Expires)
	}

	p := proberOf(server.URL, 5*time.Second)
	p.wire.under = server.Client().Transport // trusts the server; the shared one never does
	for range 3 {
		if o := p.probe(t.Context(), true); !o.Expires.Equal(ends) || o.Date.IsZero() {
			t.Errorf("heard %+v, want that the certificate ends at %v", o, ends)
		}
	}
}

func TestAnEndpointIsAskedForOneAccountAtATimeAndRarely(t *testing.T) {
	var bodies [][]byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		bodies = append(bodies, bytes.Clone(body.Bytes()))
		r.Body = io.NopCloser(&body)
		healthy.with(methodBalance, `"0x6f05b59d3b20000"`).with(methodNonce, `"0x1f"`).ServeHTTP(w, r)
	}))
	defer server.Close()
	other := "0x" + batcherAddress[2:40] + "ff"
	p := proberOf(server.URL, 5*time.Second)
	p.accounts = askAccounts([]string{batcherAddress, other})
	for i, c := range []struct {
		slow    bool
		account string
	}{{false, ""}, {true, batcherAddress}, {true, other}, {true, ""}} {
		o := p.probe(t.Context(), c.slow)
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		if c.account == "" {
			if o.Accounts != nil || bytes.Contains(bodies[i], []byte(methodBalance)) {
				t.Errorf("probe %d: %+v", i, o.Accounts)
			}
			continue
		}
		if a := o.Accounts[c.account]; len(o.Accounts) != 1 || a.Balance == nil || *a.Balance != 500_000_000 || a.Nonce == nil || *a.Nonce != 31 {
			t.Errorf("probe %d: %+v", i, o.Accounts)
		}
	}
	for _, a := range p.accounts {
		if wait := time.Until(a.due); wait <= accountEvery/2-time.Minute || wait > accountEvery {
			t.Errorf("asked again in %v", wait)
		}
	}
}

func TestANodeThatDoesNotServeAccountsIsNotAtFault(t *testing.T) {
	server := httptest.NewServer(healthy)
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	p.accounts = askAccounts([]string{batcherAddress})
	if o := p.probe(t.Context(), true); o.Err != nil || o.Accounts != nil || len(o.Heads) != 3 {
		t.Errorf("heard %+v", o)
	}
}
