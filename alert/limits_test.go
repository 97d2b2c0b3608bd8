package alert

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The limits of receivers, as their documentation has them.

func decode[T any](t *rapid.T, request []byte) (document T) {
	if err := json.Unmarshal(request, &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// https://support.atlassian.com/opsgenie/docs/create-a-default-api-integration/, https://docs.opsgenie.com/docs/alert-api.
func withinJSM(t *rapid.T, request []byte) {
	a := decode[jsmAlert](t, request)
	if n := utf8.RuneCountInString(a.Message); n > 130 || len(a.Alias) > 512 || utf8.RuneCountInString(a.Description) > 15_000 || len(a.Tags) > 20 {
		t.Fatalf("message of %d, alias %q, description of %d", n, a.Alias, utf8.RuneCountInString(a.Description))
	}
	total := 0
	for k, v := range a.Details {
		total += utf8.RuneCountInString(k + v)
	}
	if total > 8000 {
		t.Fatalf("details of %d characters", total)
	}
	for line := range strings.Lines(a.Description) {
		if links := strings.HasPrefix(line, "Look: ") || strings.HasPrefix(line, "Ack: "); !links && strings.ContainsAny(line, "<>`&") {
			t.Fatalf("description with %q", line)
		}
	}
}

// https://docs.ntfy.sh/publish/#limitations; server/server.go of ntfy has the form of a sequence.
func withinNtfy(t *rapid.T, request []byte) {
	m := decode[ntfyMessage](t, request)
	if len(m.Message) > 4096 || m.Message == "" || !regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`).MatchString(m.Sequence) || len(m.Actions) > 3 {
		t.Fatalf("message of %d bytes, sequence %q", len(m.Message), m.Sequence)
	}
}

func withinTwilio(t *rapid.T, request []byte) {
	form, err := url.ParseQuery(string(request))
	if err != nil {
		t.Fatal(err)
	}
	if n := utf8.RuneCountInString(form.Get("Body")); n > 1600 {
		t.Fatalf("a text message of %d", n)
	}
	if twiml := form.Get("Twiml"); twiml != "" {
		var spoken struct {
			XMLName xml.Name `xml:"Response"`
			Say     []string
		}
		if err := xml.Unmarshal([]byte(twiml), &spoken); err != nil || len(spoken.Say) != 2 || spoken.Say[0] != spoken.Say[1] || utf8.RuneCountInString(twiml) > 4000 {
			t.Fatalf("%v: %q", err, twiml)
		}
	}
}

func withinAlertmanager(t *rapid.T, request []byte) {
	for _, a := range decode[[]amAlert](t, request) {
		if a.EndsAt.Before(a.StartsAt) || a.StartsAt.IsZero() || a.Annotations["summary"] == "" {
			t.Fatalf("from %v until %v: %v", a.StartsAt, a.EndsAt, a.Annotations)
		}
	}
}
