package alert

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

const twilioAccount = "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/"

func TestWhatRingsCallsAndTheRestIsWritten(t *testing.T) {
	for _, c := range []struct {
		n     headwatch.Notice
		voice bool
		want  string
	}{
		{lately(headwatch.StepPage), true, "Calls.json"},
		{lately(headwatch.StepTrip), true, "Calls.json"},
		{lately(headwatch.StepEscalate), true, "Calls.json"},
		{deliverytest.Report(headwatch.ReportWithheld, "ops"), true, "Calls.json"},
		{deliverytest.Report(headwatch.ReportSent, "ops"), true, ""},
		{lately(headwatch.StepWarn), true, ""},
		{lately(headwatch.StepRecover), true, ""},
		{lately(headwatch.StepAck), true, "Messages.json"},
		{lately(headwatch.StepResolve), true, "Messages.json"},
		{lately(headwatch.StepTrip), false, "Messages.json"},
	} {
		s, all := told(t, config.AlertTwilio, deps, func(a *config.Alert) { a.Voice, a.From = c.voice, headwatch.LevelPage })
		detail, err := s.Send(t.Context(), s.Route(), c.n)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case c.want == "":
			if detail != delivery.NotTold || len(*all) != 0 {
				t.Errorf("%s: %s", c.n.Kind, detail)
			}
		case len(*all) != 1 || (*all)[0].path != twilioAccount+c.want:
			t.Errorf("%s: %d requests, the first to %s, want %s", c.n.Kind, len(*all), (*all)[0].path, c.want)
		}
	}
}

// https://www.twilio.com/docs/voice/api/call-resource and https://www.twilio.com/docs/messaging/api/message-resource: a form, the
// account and its token by basic authentication, numbers as E.164 has them.
func TestWhatTwilioIsAsked(t *testing.T) {
	for name, kind := range map[string]headwatch.StepKind{"twilio-call.txt": headwatch.StepTrip, "twilio-message.txt": headwatch.StepResolve} {
		s, all := told(t, config.AlertTwilio, withIncidents(deps), nil)
		if _, err := s.Send(t.Context(), s.Route(), lately(kind)); err != nil {
			t.Fatal(err)
		}
		got := (*all)[0]
		form, err := url.ParseQuery(string(got.body))
		if err != nil || got.kind != "application/x-www-form-urlencoded" || got.authorization != "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjpwbGFudGVkLWF1dGgtdG9rZW4=" {
			t.Errorf("%v, %s, %s", err, got.kind, got.authorization)
		}
		var b strings.Builder
		for _, k := range []string{"From", "To", "Body", "Twiml"} {
			if form.Has(k) {
				fmt.Fprintf(&b, "%s: %s\n", k, form.Get(k))
			}
		}
		golden(t, name, []byte(b.String()))
	}
}

func TestATextMessageHasTheWholeLink(t *testing.T) {
	s, all := told(t, config.AlertTwilio, withIncidents(deps), func(a *config.Alert) { a.Voice = false })
	n := lately(headwatch.StepTrip)
	n.Transition.Circuit = strings.Repeat("🚨ש", 900)
	if _, err := s.Send(t.Context(), s.Route(), n); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(string((*all)[0].body))
	if err != nil || !strings.HasSuffix(form.Get("Body"), "\nAck: https://headwatch.example.org/ack/base-lending-7?signed=yes") || len([]rune(form.Get("Body"))) > 400 {
		t.Errorf("%v: %s", err, form.Get("Body"))
	}
}

// Each number gets its own request. One that has been told is not told again because another one was not.
func TestARetryTellsOnlyWhoHasNotBeenTold(t *testing.T) {
	var to []string
	answers := map[string][]string{
		"+15005550001": {`201 {"sid":"CA1"}`, `201 {"sid":"CA2"}`},
		"+15005550002": {`429 {"code":20429,"message":"Too Many Requests","status":429}`, `201 {"sid":"CA3"}`, `201 {"sid":"CA4"}`},
		"+15005550003": {`400 {"code":21211,"message":"The 'To' number is not a valid phone number.","status":400}`, `400 {"code":21211}`, `400 {"code":21211}`},
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number := r.FormValue("To")
		to = append(to, number)
		var status int
		fmt.Sscan(answers[number][0], &status)
		w.WriteHeader(status)
		io.WriteString(w, answers[number][0][4:])
		answers[number] = answers[number][1:]
	}))
	defer receiver.Close()
	c := conf(config.AlertTwilio, config.NewSecret(receiver.URL))
	c.To = []string{"+15005550001", "+15005550002", "+15005550003"}
	s, err := New(c, deps)
	if err != nil {
		t.Fatal(err)
	}
	send := func(n headwatch.Notice) (string, error) { return s.Send(t.Context(), s.Route(), n) }
	for _, want := range []struct {
		kind      headwatch.StepKind
		permanent bool
	}{{headwatch.StepTrip, false}, {headwatch.StepTrip, true}, {headwatch.StepResolve, true}} {
		_, err := send(lately(want.kind))
		if e, ok := errors.AsType[*delivery.Error](err); !ok || e.Permanent != want.permanent {
			t.Errorf("%s: %v", want.kind, err)
		}
	}
	want := []string{"+15005550001", "+15005550002", "+15005550003", "+15005550002", "+15005550003", "+15005550001", "+15005550002", "+15005550003"}
	if !slices.Equal(to, want) {
		t.Errorf("told %q", to)
	}
	if len(s.(*twilio).told) != 0 {
		t.Error("what is done is remembered")
	}
}

func TestWhatSomebodyCanMendAtTwilioIsTriedAgain(t *testing.T) {
	for answer, again := range map[string]bool{
		`{"code":21211,"message":"invalid 'To' number","status":400}`:                             false,
		`{"code":21617,"message":"The concatenated message body exceeds the limit","status":400}`: false,
		`{"code":21608,"message":"The number is unverified","status":400}`:                        true,
		`{"status":400,"message":"The 'From' number is not yours","code":21606}`:                  true,
		`no JSON`: false,
	} {
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, answer)
		}))
		s, err := New(conf(config.AlertTwilio, config.NewSecret(receiver.URL)), deps)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Send(t.Context(), s.Route(), lately(headwatch.StepTrip))
		if e, ok := errors.AsType[*delivery.Error](err); !ok || e.Permanent == again {
			t.Errorf("%s: %v", answer, err)
		}
		receiver.Close()
	}
}

func TestTimesAreSpokenInWords(t *testing.T) {
	for text, want := range map[string]string{
		"stalled for 2m":         "stalled for 2 minutes",
		"for 1h (peak trip)":     "for 1 hour (peak trip)",
		"in 3h20m, says 4 hosts": "in 3 hours 20 minutes, says 4 hosts",
		"took 30ms":              "took 30ms",
		"stalled for 45s, open":  "stalled for 45 seconds, open",
		"after 1h1m10s":          "after 1 hour 1 minute 10 seconds",
		"after 0s":               "after 0s",
		"base-2s is only a name": "base-2s is only a name",
	} {
		if got := aloud(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
