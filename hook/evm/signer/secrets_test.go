package signer

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"headwatch/config"
)

// traces gives every way in which a key could stand in an output.
func traces(t *testing.T, secret string) []string {
	t.Helper()
	all := []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))}
	if raw, err := hex.DecodeString(secret); err == nil && len(raw) == 32 {
		number := new(big.Int).SetBytes(raw)
		all = append(all, number.String(), base64.StdEncoding.EncodeToString(raw), fmt.Sprint(raw), fmt.Sprintf("%#v", raw), secret[:16], secret[48:])
		for _, word := range number.Bits() {
			all = append(all, fmt.Sprint(uint(word)), fmt.Sprintf("%x", uint(word)))
		}
	}
	return all
}

func conceals(t *testing.T, what, shown string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for _, trace := range traces(t, secret) {
			if strings.Contains(strings.ToLower(shown), strings.ToLower(trace)) {
				t.Fatalf("%s shows %q: %s", what, trace, shown)
			}
		}
	}
}

// printed is a value in every form that a program gives a value when it shows it.
func printed(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%T"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	if j, err := json.Marshal(v); err == nil {
		out.Write(j)
	}
	for _, encoder := range []zapcore.Encoder{
		zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig()),
	} {
		l := zap.New(zapcore.NewCore(encoder, zapcore.AddSync(&out), zap.DebugLevel))
		l.Info("x", zap.Any("v", v), zap.Reflect("r", v))
		l.Sugar().Infow("x", "v", v)
	}
	return out.String()
}

// reachable gives the text of everything that reflection finds in a value, private fields too, but not what functions hold.
func reachable(v reflect.Value, seen map[uintptr]bool, out *strings.Builder) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		reachable(v.Elem(), seen, out)
	case reflect.Interface:
		reachable(v.Elem(), seen, out)
	case reflect.Struct:
		for i := range v.NumField() {
			reachable(v.Field(i), seen, out)
		}
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(out, "%v\n", v)
		for i := range v.Len() {
			reachable(v.Index(i), seen, out)
		}
	case reflect.String, reflect.Uint, reflect.Uint64:
		fmt.Fprintf(out, "%v\n", v)
	}
}

func TestNoWayOfPrintingShowsAKey(t *testing.T) {
	file := write(t, "guardian.json", keystoreFile(t, "hunter2-passphrase"), 0o600)
	ca, dir := newAuthority(t, "ours"), t.TempDir()
	cert, key := ca.issue(t, nil)
	far := remoteSigner("https://alice:s3cr3t-password@signer.example/v2/k3y-of-the-path?token=t0ken-of-the-query")
	far.Cert, far.CertKey = write(t, filepath.Join(dir, "cert.pem"), cert, 0o644), write(t, filepath.Join(dir, "key.pem"), key, 0o600)
	pemLine := strings.Split(string(key), "\n")[1]
	for _, c := range []struct {
		signer  config.Signer
		secrets []string
	}{
		{keySigner(), []string{plainKey}},
		{config.Signer{Kind: config.SignerKeystore, Keystore: file, Passphrase: config.NewSecret("hunter2-passphrase")}, []string{plainKey, "hunter2-passphrase"}},
		{far, []string{"alice", "s3cr3t-password", "k3y-of-the-path", "t0ken-of-the-query", pemLine}},
	} {
		s := made(t, c.signer)
		for _, holder := range []any{s, &s, struct{ S Signer }{s}, struct{ s Signer }{s}, []Signer{s}, map[string]Signer{"k": s}, c.signer, &c.signer} {
			conceals(t, c.signer.Kind, printed(t, holder), c.secrets...)
		}
		if got := fmt.Sprintf("%v %+v %#v", s, s, s); !strings.Contains(got, account) {
			t.Errorf("%s says %s, not who it is", c.signer.Kind, got)
		}
		if c.signer.Kind == config.SignerRemote {
			continue // it has to know its URL
		}
		var found strings.Builder
		reachable(reflect.ValueOf(s), map[uintptr]bool{}, &found)
		conceals(t, c.signer.Kind+", by reflection,", found.String(), c.secrets...)
	}
}

// Whatever goes wrong with a remote signer, and whatever it or a proxy on the way says, the URL stays private.
func TestErrorsOfARemoteSignerShowNoSecret(t *testing.T) {
	const secret = "k3y-of-the-path"
	echo := func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "no route for %s of %s:%s in %s\x1b[2J\n%s", r.URL, user, password, r.RequestURI, strings.Repeat("x", 1000))
	}
	for name, answer := range map[string]http.HandlerFunc{
		"proxy": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway); echo(w, r) },
		"error": func(w http.ResponseWriter, r *http.Request) { refuse(w, -32000, "no "+r.URL.String()+" here") },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere"+r.URL.String(), http.StatusTemporaryRedirect)
		},
		"hang up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "{")
		},
	} {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		c := remoteSigner(strings.Replace(server.URL, "://", "://alice:s3cr3t-password@", 1) + "/v2/" + secret + "?token=t0ken-of-the-query")
		s := made(t, c)
		_, err := s.Sign(t.Context(), types.NewTx(unsigned()), big.NewInt(chain))
		for _, err := range []error{err, s.Ready(t.Context())} {
			if err == nil || !strings.HasPrefix(err.Error(), c.URL.Host()) || len(err.Error()) > 400 || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("%s: %v", name, err)
			}
			conceals(t, name, printed(t, err), secret, "s3cr3t-password", "t0ken-of-the-query")
		}
	}
	for _, url := range []string{"https://127.0.0.1:1/v2/" + secret, "https://signer.invalid/v2/" + secret, "https://127.0.0.1:1/%zz" + secret} {
		_, err := made(t, remoteSigner(url)).Sign(t.Context(), types.NewTx(unsigned()), big.NewInt(chain))
		if err == nil {
			t.Fatal("there is a signer")
		}
		conceals(t, url, printed(t, err), secret)
	}
}

// A server may hang up on a certificate before it has said why.
func TestAHangUpIsExplained(t *testing.T) {
	plain, with, without := &caller{url: config.NewSecret("http://x")}, &caller{url: config.NewSecret("https://x"), pair: pair{"c", "k"}}, &caller{url: config.NewSecret("https://x")}
	for _, cause := range []error{io.EOF, &net.OpError{Op: "read", Err: syscall.ECONNRESET}, &net.OpError{Op: "write", Err: syscall.EPIPE}} {
		if got := with.explain(cause).Error(); got != "it closed the connection, as servers do that refuse our certificate" {
			t.Errorf("got %s", got)
		}
		if got := without.explain(cause).Error(); got != "it closed the connection, as servers do that refuse us without a certificate (cert and cert_key)" {
			t.Errorf("got %s", got)
		}
		if got := plain.explain(cause); !errors.Is(got, cause) || strings.Contains(got.Error(), "certificate") {
			t.Errorf("got %v", got)
		}
	}
}
