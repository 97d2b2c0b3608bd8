package alert

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

const chat = `{"text": {{json .Text}}, "short": {{json .Headline}}, "id": {{json .Data.Incident}}, "over": {{eq .Data.Step "resolve"}}
{{- with .Data.Report}}, "hook": {{json .Hook}}{{end}}}`

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chat.tmpl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestATemplateMakesTheBodyAndItIsSigned(t *testing.T) {
	var header http.Header
	var sent []byte
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
		header = r.Header
	}))
	defer receiver.Close()
	c := conf(config.AlertWebhook, config.NewSecret(receiver.URL))
	c.Body = file(t, chat)
	s, err := New(c, deps)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := standardwebhooks.NewWebhook(whsec)
	if err != nil {
		t.Fatal(err)
	}
	n := deliverytest.Notice(headwatch.StepResolve, "ops")
	for name, send := range map[string]func() (string, error){
		"RESOLVED":        func() (string, error) { return s.Send(t.Context(), s.Route(), n) },
		"MISSED AND OVER": func() (string, error) { return s.(delivery.Coalescer).Coalesced(t.Context(), s.Route(), n, n) },
	} {
		if _, err := send(); err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(sent, header); err != nil || header.Get(standardwebhooks.HeaderWebhookID) != delivery.ID(n) {
			t.Errorf("%s: %v with %v", name, err, header)
		}
		var got struct {
			Text, Short, ID string
			Over            bool
		}
		if err := json.Unmarshal(sent, &got); err != nil || !got.Over || got.ID != n.Incident || !strings.HasPrefix(got.Short, name) || !strings.HasPrefix(got.Text, got.Short+"\n  Done: ") {
			t.Errorf("%s: %v of %s", name, err, sent)
		}
	}
	if shown := s.(delivery.Previewer).Preview(n); !strings.Contains(shown, `"over": true`) {
		t.Errorf("preview %s", shown)
	}
}

func TestATemplateMakesJSONWhateverItTells(t *testing.T) {
	b, err := newBody(file(t, chat))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := hostile(t)
		if _, err := b.fill(delivery.NewDocument(event(n), n), testWriter.message(n)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAWrongTemplateIsAFaultOfTheConfiguration(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"syntax":          {"{\n{{json .Text}", `body chat.tmpl:2: bad character`},
		"no such field":   {"{\"a\":\n{{json .Data.Sircuit}}}", `body chat.tmpl:2:12: executing "chat.tmpl" at <.Data.Sircuit>: can't evaluate field Sircuit in type delivery.Data (tried with step warn)`},
		"sometimes nil":   {`{"a": {{json .Data.Report.Hook}}}`, `body chat.tmpl:1:18: executing "chat.tmpl" at <.Data.Report.Hook>: nil pointer evaluating *headwatch.Report.Hook (tried with step warn)`},
		"no function":     {`{{env "PATH"}}`, `body chat.tmpl:1: function "env" not defined`},
		"texts in quotes": {`{"a": "{{.Headline}} {{.Data.Reason}}"}`, `body chat.tmpl makes no JSON: write texts as {{json .Text}}, without quotes around it (tried with step warn)`},
		"without end":     {`"{{range 1000000000}}xxxxxxxxxxxxxxxxxxxxxxxx{{end}}"`, `body larger than 256 KiB (tried with step warn)`},
		"recursion":       {`{{define "r"}}{{template "r"}}{{end}}{{template "r"}}`, `exceeded maximum template depth`},
		"too large":       {strings.Repeat(" ", 65<<10), `body chat.tmpl: larger than 64 KiB`},
	} {
		c := config.Config{Alerts: []config.Alert{{Kind: config.AlertConsole}, {Kind: config.AlertWebhook, Body: file(t, tc.text)}}}
		var faults []string
		Check(&c, func(key, problem, _ string) { faults = append(faults, key+": "+problem) })
		if len(faults) != 1 || !strings.HasPrefix(faults[0], "alert[1].body: ") || !strings.Contains(faults[0], tc.want) {
			t.Errorf("%s: %q", name, faults)
		}
	}
	if _, err := newBody(filepath.Join(t.TempDir(), "gone.tmpl")); err == nil || err.Error() != "body gone.tmpl: no such file or directory" {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := newBody(t.TempDir()); err == nil || !strings.HasSuffix(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
}
