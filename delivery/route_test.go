package delivery_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"headwatch/config"
	"headwatch/delivery"
)

func TestAFrozenRouteComesBackWhole(t *testing.T) {
	old := delivery.Route{Kind: "pagerduty", URL: config.NewSecret("https://old.example.org/x"), Key: config.NewSecret("old-key")}
	current := delivery.Route{Kind: "pagerduty", URL: config.NewSecret("https://new.example.org"), Key: config.NewSecret("new-key")}
	if got := current.Thaw(old.Freeze()); !reflect.DeepEqual(got, old) {
		t.Errorf("got the route to %s", got.URL.Host())
	}
}

// A key that only lets in may be changed while an incident lasts. It is shown to nobody but whom it was made for.
func TestAKeyThatRotatesIsTheOneInForce(t *testing.T) {
	const here, elsewhere = "https://here.example.org", "https://elsewhere.example.org"
	for _, c := range []struct {
		url     string
		rotates bool
		want    string
	}{
		{here, true, "new-key"},
		{elsewhere, true, "old-key"},
		{here, false, "old-key"},
	} {
		old := delivery.Route{Kind: "ntfy", URL: config.NewSecret(here), Key: config.NewSecret("old-key"), Rotates: c.rotates}
		current := delivery.Route{Kind: "ntfy", URL: config.NewSecret(c.url), Key: config.NewSecret("new-key"), Rotates: c.rotates}
		if got := current.Thaw(old.Freeze()); got.Key.Reveal() != c.want || got.URL.Reveal() != here {
			t.Errorf("rotates %t, configured %s: %s to %s, want %s", c.rotates, c.url, got.Key.Reveal(), got.URL.Reveal(), c.want)
		}
	}
}

func TestARouteThatIsOfNoUseGivesWayToTheCurrentOne(t *testing.T) {
	current := delivery.Route{Kind: "slack", URL: config.NewSecret("https://new.example.org")}
	for name, frozen := range map[string]json.RawMessage{
		"none":         nil,
		"damaged":      json.RawMessage(`{"kind":"slack","url":`),
		"another kind": delivery.Route{Kind: "pagerduty", URL: config.NewSecret("https://old.example.org")}.Freeze(),
	} {
		if got := current.Thaw(frozen); !reflect.DeepEqual(got, current) {
			t.Errorf("%s: got the route to %s", name, got.URL.Host())
		}
	}
}

func TestPrintingARouteShowsNoSecret(t *testing.T) {
	r := delivery.Route{Kind: "slack", URL: config.NewSecret("https://example.org/planted"), Key: config.NewSecret("planted")}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %s", r, r, r, fmt.Sprint(r), b); strings.Contains(text, "planted") {
		t.Errorf("got %s", text)
	}
}

func TestOnlyURLsThatCanBePostedToPass(t *testing.T) {
	for url, ok := range map[string]bool{
		"https://example.org/x": true, "http://127.0.0.1:8080": true,
		"": false, "example.org": false, "ftp://example.org": false, "https://": false, "https:///x": false, "http://[::1": false,
	} {
		if err := (delivery.Route{URL: config.NewSecret(url)}).Check(); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestAnotherAddressOfAReceiverShowsNoSecretOfTheFirst(t *testing.T) {
	r := delivery.Route{URL: config.NewSecret("https://example.org/planted-topic"), Key: config.NewSecret("planted-key")}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("planted-topic and planted-key"))
	}))
	defer server.Close()
	resp, err := delivery.Post(t.Context(), delivery.Client(10*time.Second), r.At(server.URL), http.Header{}, nil)
	if err != nil || resp.Body != "[redacted] and [redacted]" {
		t.Errorf("got %+v, %v", resp, err)
	}
}
