package alert

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// asked is a request as a receiver had it.
type asked struct {
	path, authorization, kind string
	body                      []byte
}

// told makes a sender of a kind and a receiver that takes everything, and gives what it was asked.
func told(t *testing.T, kind string, d Deps, change func(*config.Alert)) (delivery.Sender, *[]asked) {
	t.Helper()
	var all []asked
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s: %v", r.Method, err)
		}
		all = append(all, asked{r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), b})
		w.WriteHeader(channels[kind].channel.Good())
	}))
	t.Cleanup(receiver.Close)
	c := conf(kind, config.NewSecret(receiver.URL))
	if change != nil {
		change(&c)
	}
	s, err := New(c, d)
	if err != nil {
		t.Fatal(err)
	}
	return s, &all
}

// lately is the notice of the incident that tests tell of, under its real key.
func lately(kind headwatch.StepKind) headwatch.Notice {
	n := deliverytest.Notice(kind, "ops")
	n.DedupKey = n.Incident
	return n
}

// withIncidents are dependencies that know an incident with these steps.
func withIncidents(d Deps, steps ...headwatch.Step) Deps {
	d.Incidents = func() []headwatch.Incident {
		return []headwatch.Incident{{ID: "base-lending-7", Circuit: "base-lending", Chain: "base", Since: deliverytest.Start, Steps: steps, Told: []string{"ops"}}}
	}
	d.Page = func(incident string) string { return "https://headwatch.example.org/incidents/" + incident }
	d.AckLink = func(n headwatch.Notice) string {
		return "https://headwatch.example.org/ack/" + n.Incident + "?signed=yes"
	}
	return d
}

func indented(t *testing.T, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

// Whatever headwatch sends is a field of the receiver's own documentation, and of its type.
func TestEveryFieldIsOneOfTheDocumentation(t *testing.T) {
	for name, want := range map[string]struct {
		kind string
		n    headwatch.Notice
	}{
		"jsm-create":   {config.AlertJSM, lately(headwatch.StepTrip)},
		"jsm-change":   {config.AlertJSM, lately(headwatch.StepResolve)},
		"grafana-irm":  {config.AlertGrafanaIRM, lately(headwatch.StepTrip)},
		"incident-io":  {config.AlertIncidentIO, lately(headwatch.StepTrip)},
		"ntfy":         {config.AlertNtfy, lately(headwatch.StepTrip)},
		"alertmanager": {config.AlertAlertmanager, lately(headwatch.StepTrip)},
	} {
		b, err := os.ReadFile(filepath.Join("testdata", "official", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		s, all := told(t, want.kind, withIncidents(deps), nil)
		if _, err := s.Send(t.Context(), s.Route(), want.n); err != nil {
			t.Fatal(err)
		}
		if len(*all) != 1 {
			t.Fatalf("%s: %d requests", name, len(*all))
		}
		var official, ours any
		if err := cmp.Or(json.Unmarshal(b, &official), json.Unmarshal((*all)[0].body, &ours)); err != nil {
			t.Fatal(err)
		}
		for _, problem := range unlike(name, official, ours) {
			t.Error(problem)
		}
	}
}

// unlike lists where a document has a field that the official one has not, or one of another type. Maps of texts may hold any key.
func unlike(at string, official, ours any) (problems []string) {
	if fmt.Sprintf("%T", official) != fmt.Sprintf("%T", ours) {
		return []string{fmt.Sprintf("%s: got %T, want %T", at, ours, official)}
	}
	switch ours := ours.(type) {
	case []any:
		for _, o := range ours {
			problems = append(problems, unlike(at+"[]", official.([]any)[0], o)...)
		}
	case map[string]any:
		free := slices.Contains([]string{"details", "metadata", "labels", "annotations"}, at[strings.LastIndexAny(at, ".")+1:])
		for k, v := range ours {
			if w, ok := official.(map[string]any)[k]; ok {
				problems = append(problems, unlike(at+"."+k, w, v)...)
			} else if _, text := v.(string); !free || !text {
				problems = append(problems, fmt.Sprintf("%s: the documentation has no %s", at, k))
			}
		}
	}
	return problems
}

func TestAPagerThatKnowsNoAcknowledgementIsNotToldOfOne(t *testing.T) {
	for _, kind := range []string{config.AlertGrafanaIRM, config.AlertIncidentIO} {
		s, all := told(t, kind, deps, nil)
		for _, k := range []headwatch.StepKind{headwatch.StepAck, headwatch.StepHold, headwatch.StepRecover, headwatch.StepRelapse, headwatch.StepLeave} {
			if detail, err := s.Send(t.Context(), s.Route(), lately(k)); err != nil || detail != delivery.NotTold || len(*all) != 0 {
				t.Errorf("%s, %s: %s, %v", kind, k, detail, err)
			}
		}
	}
}

// A resolve goes to the receiver and under the key of its trigger, whatever the configuration says by then.
func TestAResolveGoesWhereItsTriggerWent(t *testing.T) {
	for _, kind := range []string{config.AlertJSM, config.AlertGrafanaIRM, config.AlertIncidentIO, config.AlertNtfy} {
		old, all := told(t, kind, deps, nil)
		s, err := New(conf(kind, config.NewSecret("http://127.0.0.1:1/elsewhere")), deps)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Send(t.Context(), old.Route(), lately(headwatch.StepResolve)); err != nil || len(*all) == 0 {
			t.Errorf("%s: %d requests, %v", kind, len(*all), err)
		}
	}
}

func TestTextForReceiversWithMarkupHasNone(t *testing.T) {
	if got := inert("<!channel> **[a](b)** `x` a|b & \\_ @here 🚨 שלום"); strings.ContainsAny(got, "<>[]*`|&\\@") || !strings.Contains(got, "🚨 שלום") {
		t.Errorf("got %s", got)
	}
}

func TestAKeyThatCannotStandInAnAddressIsHashed(t *testing.T) {
	for k, same := range map[string]bool{"base-lending-7": true, "base-lending-7_2": true, "a/b": false, "..": false, "": false, strings.Repeat("x", 65): false, "é": false} {
		got := plainKey(k, 64)
		if (got == k) != same || len(got) > 64 || !plain.MatchString(got) {
			t.Errorf("%q: %q", k, got)
		}
	}
}
