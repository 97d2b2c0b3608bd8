package alert

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// posted gives the one body that a channel posts, indented.
func posted(t *testing.T, kind string, status int, answer string, send func(delivery.Sender) (string, error)) (path, body string) {
	t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var indented any
		raw, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(raw, &indented)
		}
		if err != nil {
			t.Error(err)
		}
		b, err := json.MarshalIndent(indented, "", "  ")
		if err != nil || body != "" {
			t.Errorf("a second body, or %v", err)
		}
		path, body = r.URL.Path, string(b)+"\n"
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer receiver.Close()
	s, err := New(conf(kind, config.NewSecret(receiver.URL+"/base/")), deps)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := send(s); err != nil {
		t.Fatal(err)
	}
	return path, body
}

func TestSlackMessagesAreTheGoldenOnes(t *testing.T) {
	for name, send := range map[string]func(delivery.Sender) (string, error){
		"trip": func(s delivery.Sender) (string, error) {
			return s.Send(t.Context(), s.Route(), deliverytest.Notice(headwatch.StepTrip, "ops"))
		},
		"hook": func(s delivery.Sender) (string, error) {
			return s.Send(t.Context(), s.Route(), deliverytest.Report(headwatch.ReportAnnounced, "ops"))
		},
		"coalesced": func(s delivery.Sender) (string, error) {
			return s.(delivery.Coalescer).Coalesced(t.Context(), s.Route(),
				deliverytest.Notice(headwatch.StepTrip, "ops"), deliverytest.Notice(headwatch.StepResolve, "ops"))
		},
	} {
		_, body := posted(t, config.AlertSlack, 200, "ok", send)
		golden(t, "slack-"+name+".json", []byte(body))
	}
}

func TestEscape(t *testing.T) {
	for _, tc := range []struct {
		in    string
		limit int
		want  string
	}{
		{"a < b && c > d", 100, "a &lt; b &amp;&amp; c &gt; d"},
		{"<!channel>", 100, "&lt;!channel&gt;"},
		{"ab&", 7, "ab…"},
		{"ab&", 8, "ab&amp;"},
		{"äöü", 3, "äö…"},
		{"äöü", 4, "äöü"},
	} {
		if got := escape(tc.in, tc.limit); got != tc.want {
			t.Errorf("escape(%q, %d) = %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
}
