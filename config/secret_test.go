package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const planted = "https://alice:hunter2@rpc.example/v2/k3y"

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	s := NewSecret(planted)
	holders := []any{
		s, &s,
		[]Secret{s},
		map[string]Secret{"k": s},
		struct{ S Secret }{s},
		struct{ s Secret }{s},
		&struct{ s *Secret }{&s},
		map[string]any{"k": struct{ s []Secret }{[]Secret{s}}},
		Endpoint{URL: s, WS: s},
		Hook{Secrets: []Secret{s}, Env: map[string]Secret{"k": s}},
		Alert{RoutingKey: s},
		Operator{Token: s},
		Signer{Passphrase: s, Key: s, URL: s},
		Config{Journal: Journal{URL: s}, Chains: []Chain{{Endpoints: []Endpoint{{URL: s}}}}},
	}
	for _, v := range holders {
		for verb := range rune(128) {
			for _, flag := range []string{"", "+", "#", " ", "-9", "09.3"} {
				concealed(t, fmt.Sprintf("%"+flag+string(verb), v))
			}
		}
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		concealed(t, string(j))
		m, err := toml.Marshal(map[string]any{"v": v})
		if err != nil {
			t.Fatal(err)
		}
		concealed(t, string(m))
		concealed(t, logged(v))
	}
}

func TestASecretIsShownToBeThere(t *testing.T) {
	if got := fmt.Sprint(NewSecret(planted), Secret{}); got != "[redacted] " {
		t.Errorf("got %q", got)
	}
}

func TestOnlyTheHostOfASecretURLMayBeShown(t *testing.T) {
	for url, want := range map[string]string{planted: "rpc.example", "http://localhost:8545/key": "localhost:8545", "k3y": "", "://": ""} {
		if got := NewSecret(url).Host(); got != want {
			t.Errorf("host of %q is %q, want %q", url, got, want)
		}
	}
}

func TestThePartsOfAURLThatMayBeKeysAreKnown(t *testing.T) {
	for url, want := range map[string][]string{
		"https://rpc.example":                              {},
		"https://rpc.example/v2/eth?id=1":                  {"/v2/eth", "/v2/eth?id=1", "id=1"},
		"https://alice:hunter2@rpc.example":                {"alice", "hunter2", "alice:hunter2", "YWxpY2U6aHVudGVyMg=="},
		"https://rpc.example/v2/0123%2f456?key=sp%20ace+x": {"/v2/0123%2f456?key=sp%20ace+x", "/v2/0123/456", "/v2/0123%2f456", "0123%2f456", "0123/456", "key=sp%20ace+x", "sp ace x", "sp+ace+x"},
	} {
		want = append(want, url)
		got := NewSecret(url).URLParts()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(slices.Compact(got), want) {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

func concealed(t *testing.T, text string) {
	t.Helper()
	for _, part := range []string{"hunter2", "k3y", "alice", "68756e74657232"} {
		if strings.Contains(strings.ToLower(text), part) {
			t.Fatalf("%q is shown in %s", part, text)
		}
	}
}

func logged(v any) string {
	var out bytes.Buffer
	for _, encoder := range []zapcore.Encoder{
		zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()),
		zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig()),
	} {
		log := zap.New(zapcore.NewCore(encoder, zapcore.AddSync(&out), zap.DebugLevel))
		log.Info("x", zap.Any("v", v), zap.Reflect("r", v))
		log.Sugar().Infow("x", "v", v)
	}
	return out.String()
}
