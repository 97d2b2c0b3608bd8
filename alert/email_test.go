package alert

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// parsed reads a message with the standard library.
func parsed(t interface{ Fatal(...any) }, text []byte) (header netmail.Header, subject, body string) {
	m, err := netmail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, subject, strings.ReplaceAll(string(raw), "\r\n", "\n")
}

func TestAnEmailReachesEverybodyOverTLS(t *testing.T) {
	for mode, scheme := range map[string]string{"starttls": "smtp", "smtps": "smtps"} {
		s := newMailServer(t, mode)
		e := mailer(t, scheme, s, nil)
		n := deliverytest.Notice(headwatch.StepTrip, "ops")
		detail, err := e.Send(t.Context(), e.Route(), n)
		if err != nil || !strings.HasPrefix(detail, "2 of 2 told by mail.example.org: ") {
			t.Fatalf("%s: %q, %v", mode, detail, err)
		}
		got := s.received()
		if len(got) != 1 || !got[0].tls || got[0].user != "headwatch" || got[0].from != "headwatch@example.org" ||
			!slices.Equal(got[0].to, []string{"alice@example.org", "bob@example.org"}) {
			t.Fatalf("%s: received %+v", mode, got)
		}
		header, subject, body := parsed(t, got[0].text)
		if want := testWriter.message(n); subject != want.headline || strings.TrimSpace(body) != want.lines() {
			t.Errorf("%s: %q\n%s", mode, subject, body)
		}
		for name, want := range map[string]string{
			"From": `"Headwatch" <headwatch@example.org>`, "To": `<alice@example.org>, "Bob" <bob@example.org>`,
			"Date": "Sun, 01 Mar 2026 10:02:00 +0000", "Auto-Submitted": "auto-generated", "Importance": "high",
			"Message-Id": "<" + delivery.ID(n) + "@example.org>", "X-Headwatch-Incident": n.Incident, "X-Headwatch-Step": "trip", "X-Headwatch-Mark": "",
		} {
			if header.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", mode, name, header.Get(name), want)
			}
		}
	}
}

// Messages of an incident make a thread, the same message twice is one to a mail program, and who was told of a page is told of
// its end, whoever else is by then.
func TestTheEmailsOfAnIncidentAreAThread(t *testing.T) {
	s := newMailServer(t, "starttls")
	e := mailer(t, "smtp", s, nil)
	frozen := e.Route()
	for _, kind := range []headwatch.StepKind{headwatch.StepPage, headwatch.StepPage, headwatch.StepResolve} {
		if _, err := e.Send(t.Context(), frozen, deliverytest.Notice(kind, "ops")); err != nil {
			t.Fatal(err)
		}
		e = mailer(t, "smtp", s, func(c *config.Alert) { c.To = []string{"carol@example.org"} })
	}
	other := deliverytest.Notice(headwatch.StepPage, "ops")
	other.Incident = "another"
	if _, err := e.Send(t.Context(), nil, other); err != nil {
		t.Fatal(err)
	}
	var ids, threads []string
	for _, m := range s.received() {
		header, _, _ := parsed(t, m.text)
		ids, threads = append(ids, header.Get("Message-Id")), append(threads, header.Get("References"))
		if header.Get("In-Reply-To") != header.Get("References") {
			t.Errorf("in reply to %s", header.Get("In-Reply-To"))
		}
		if want := len(ids) < 4; slices.Contains(m.to, "alice@example.org") != want {
			t.Errorf("message %d went to %s", len(ids), m.to)
		}
	}
	if ids[0] != ids[1] || ids[0] == ids[2] || threads[0] != threads[2] || threads[0] == threads[3] {
		t.Errorf("ids %s, threads %s", ids, threads)
	}
}

func reply(code, a, b, c int, text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: text}
}

func TestARefusedAddressKeepsTheMessageFromNobodyElse(t *testing.T) {
	type refusals = map[string]*smtp.SMTPError
	gone, full := reply(550, 5, 1, 1, "no such user"), reply(452, 4, 2, 2, "mailbox full")
	for name, tc := range map[string]struct {
		refuse    refusals
		told      []string
		permanent bool
		detail    string
	}{
		"one is gone":      {refusals{"alice@example.org": gone}, []string{"bob@example.org"}, true, "1 of 2 told by mail.example.org; not alice@example.org: 550 5.1.1 no such user"},
		"all are gone":     {refusals{"alice@example.org": gone, "bob@example.org": gone}, nil, true, "0 of 2 told"},
		"one later":        {refusals{"bob@example.org": full}, []string{"alice@example.org"}, false, "1 of 2 told by mail.example.org; not Bob <bob@example.org>: 452 4.2.2 mailbox full"},
		"gone and later":   {refusals{"alice@example.org": gone, "bob@example.org": full}, nil, false, "0 of 2 told"},
		"relaying denied":  {refusals{"alice@example.org": reply(550, 5, 7, 1, "relaying denied")}, []string{"bob@example.org"}, false, "1 of 2 told"},
		"not that text":    {refusals{"DATA": reply(554, 5, 6, 0, "spam")}, nil, true, "0 of 2 told by mail.example.org: 554 5.6.0 spam"},
		"not that domain":  {refusals{"DATA": reply(550, 5, 7, 26, "unauthenticated")}, nil, false, "0 of 2 told by mail.example.org: 550 5.7.26 unauthenticated"},
		"not verified":     {refusals{"DATA": reply(554, -1, -1, -1, "Message rejected: Email address is not verified")}, nil, false, "0 of 2 told"},
		"not now":          {refusals{"DATA": reply(451, 4, 3, 0, "try later")}, nil, false, "0 of 2 told by mail.example.org: 451 4.3.0 try later"},
		"not that sender":  {refusals{"MAIL": reply(550, 5, 1, 8, "who are you")}, nil, false, "550 5.1.8 who are you"},
		"nothing from now": {refusals{"MAIL": reply(421, 4, 3, 2, "closing")}, nil, false, "421 4.3.2 closing"},
	} {
		s := newMailServer(t, "starttls")
		s.refuses(tc.refuse)
		e := mailer(t, "smtp", s, nil)
		n := deliverytest.Notice(headwatch.StepTrip, "ops")
		_, err := e.Send(t.Context(), nil, n)
		failed, ok := errors.AsType[*delivery.Error](err)
		if !ok || failed.Permanent != tc.permanent || failed.Reason != delivery.ReasonBadAnswer || !strings.Contains(failed.Detail, tc.detail) {
			t.Errorf("%s: %#v", name, err)
		}
		var told []string
		for _, m := range s.received() {
			told = append(told, m.to...)
		}
		if !slices.Equal(told, tc.told) {
			t.Errorf("%s: told %s", name, told)
		}
		if tc.permanent {
			continue
		}
		// The next attempt reaches the others, and nobody a second time.
		s.refuses(nil)
		if _, err := e.Send(t.Context(), nil, n); err != nil {
			t.Errorf("%s: again: %v", name, err)
		}
		told = nil
		for _, m := range s.received() {
			told = append(told, m.to...)
		}
		slices.Sort(told)
		if !slices.Equal(told, []string{"alice@example.org", "bob@example.org"}) {
			t.Errorf("%s: told %s in the end", name, told)
		}
		if len(e.partly) != 0 {
			t.Errorf("%s: remembers %v", name, e.partly)
		}
	}
}

// Of three one is gone and one has a full mailbox: it is tried until the latter has it, and the former is the end of it.
func TestAnAddressThatIsGoneEndsNoTriesForAnother(t *testing.T) {
	s := newMailServer(t, "starttls")
	e := mailer(t, "smtp", s, func(c *config.Alert) {
		c.To = []string{"alice@example.org", "bob@example.org", "carol@example.org"}
	})
	gone, full := reply(550, 5, 1, 1, "no such user"), reply(452, 4, 2, 2, "mailbox full")
	n := deliverytest.Notice(headwatch.StepTrip, "ops")
	for i, refused := range []map[string]*smtp.SMTPError{
		{"alice@example.org": gone, "bob@example.org": full}, {"alice@example.org": gone, "bob@example.org": full}, {"alice@example.org": gone},
	} {
		s.refuses(refused)
		_, err := e.Send(t.Context(), nil, n)
		failed, ok := errors.AsType[*delivery.Error](err)
		if last := i == 2; !ok || failed.Permanent != last {
			t.Errorf("attempt %d: %#v", i, err)
		}
	}
	var told []string
	for _, m := range s.received() {
		told = append(told, m.to...)
	}
	if want := []string{"carol@example.org", "bob@example.org"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestAnEmailDoesNotCrossANetworkInTheClear(t *testing.T) {
	s := newMailServer(t, "plain")
	if _, err := mailer(t, "smtp", s, nil).Send(t.Context(), nil, deliverytest.Notice(headwatch.StepTrip, "ops")); err == nil {
		t.Error("told without TLS")
	}
	if got := s.received(); len(got) != 0 {
		t.Errorf("received %+v", got)
	}
	local := mailerAt(t, "smtp://127.0.0.1", s.addr, nil, nil)
	if _, err := local.Send(t.Context(), nil, deliverytest.Notice(headwatch.StepTrip, "ops")); err != nil {
		t.Errorf("over the loopback: %v", err)
	}
	for _, mode := range []string{"starttls", "smtps"} {
		s := newMailServer(t, mode)
		s.roots = nil
		scheme := map[string]string{"starttls": "smtp", "smtps": "smtps"}[mode]
		_, err := mailer(t, scheme, s, nil).Send(t.Context(), nil, deliverytest.Notice(headwatch.StepTrip, "ops"))
		if e, ok := errors.AsType[*delivery.Error](err); !ok || e.Reason != delivery.ReasonTLS || e.Permanent {
			t.Errorf("%s with an unknown authority: %v", mode, err)
		}
	}
}

func TestAWrongPasswordIsTriedAgainAndNotShown(t *testing.T) {
	s := newMailServer(t, "starttls")
	e := mailer(t, "smtp", s, func(c *config.Alert) { c.Token = config.NewSecret("planted-wrong-password") })
	_, err := e.Send(t.Context(), nil, deliverytest.Notice(headwatch.StepTrip, "ops"))
	failed, ok := errors.AsType[*delivery.Error](err)
	if !ok || failed.Permanent || !strings.Contains(failed.Detail, "not headwatch with [redacted]") {
		t.Errorf("got %#v", err)
	}
}

// A server that breaks off, says nothing or repeats what it was sent, at every point of the conversation.
func TestEveryFaultOfAMailServerIsAFailedAttempt(t *testing.T) {
	greeting := []string{"220 mail.example.org ESMTP\r\n", "250-mail.example.org\r\n250 AUTH PLAIN\r\n", "235 2.7.0 ok\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n"}
	type want struct {
		reason   delivery.Reason
		patience time.Duration
	}
	for said := range len(greeting) + 1 {
		for name, tc := range map[string]struct {
			last string
			want want
		}{
			"closes":   {"", want{delivery.ReasonReset, 10 * time.Second}},
			"hangs":    {"hang", want{delivery.ReasonTimeout, 100 * time.Millisecond}},
			"nonsense": {"\x00\xff<html>\r\n", want{"", 10 * time.Second}},
			"endless":  {"endless", want{delivery.ReasonBadAnswer, 10 * time.Second}},
			"repeats":  {"repeat", want{"", 10 * time.Second}},
		} {
			addr := speaker(t, greeting[:said], tc.last)
			e := mailerAt(t, "smtp://127.0.0.1", addr, nil, nil)
			ctx, cancel := context.WithTimeout(t.Context(), tc.want.patience)
			_, err := e.Send(ctx, nil, deliverytest.Notice(headwatch.StepTrip, "ops"))
			cancel()
			failed, ok := errors.AsType[*delivery.Error](err)
			if !ok || failed.Permanent || tc.want.reason != "" && failed.Reason != tc.want.reason {
				t.Errorf("%s after %d answers: %#v", name, said, err)
				continue
			}
			for _, secret := range []string{mailPassword, base64.StdEncoding.EncodeToString([]byte("\x00headwatch\x00" + mailPassword))} {
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
					t.Errorf("%s after %d answers shows the password: %v", name, said, err)
				}
			}
			if len(failed.Detail) > 2000 {
				t.Errorf("%s after %d answers: %d bytes", name, said, len(failed.Detail))
			}
		}
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, err = mailerAt(t, "smtp://127.0.0.1", closed.Addr().String(), nil, nil).Send(t.Context(), nil, deliverytest.Notice(headwatch.StepTrip, "ops"))
	if e, ok := errors.AsType[*delivery.Error](err); !ok || e.Reason != delivery.ReasonRefused {
		t.Errorf("nobody listens: %v", err)
	}
}

// speaker answers as told, one answer a line that it hears, and ends in its own way.
func speaker(t *testing.T, answers []string, last string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		heard := make([]byte, 4096)
		line := ""
		for _, a := range answers {
			if _, err := io.WriteString(conn, a); err != nil {
				return
			}
			n, err := conn.Read(heard)
			if err != nil {
				return
			}
			line = string(heard[:n])
		}
		switch last {
		case "hang":
			_, _ = io.Copy(io.Discard, conn)
		case "endless":
			for chunk := bytes.Repeat([]byte("5"), 4096); err == nil; {
				_, err = conn.Write(chunk)
			}
		case "repeat":
			_, _ = fmt.Fprintf(conn, "432 %s %s\r\n", strings.TrimSpace(line), mailPassword)
		default:
			_, _ = io.WriteString(conn, last)
		}
	}()
	return l.Addr().String()
}

func TestAnEndedAttemptIsNoFailure(t *testing.T) {
	e := mailerAt(t, "smtp://127.0.0.1", speaker(t, nil, "hang"), nil, nil)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := e.Send(ctx, nil, deliverytest.Notice(headwatch.StepTrip, "ops")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Whatever is told, it is in the subject and in the body, and makes no header of its own.
func TestNobodyWritesHeadersOfAnEmail(t *testing.T) {
	known := []string{
		"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Importance", "In-Reply-To", "Message-Id", "Mime-Version", "Priority",
		"References", "Subject", "To", "X-Auto-Response-Suppress", "X-Headwatch-Circuit", "X-Headwatch-Incident", "X-Headwatch-Level", "X-Headwatch-Mark",
		"X-Headwatch-Step", "X-Msmail-Priority", "X-Priority",
	}
	route := emailRoute{config.AlertEmail, "Headwatch <headwatch@example.org>", []string{"alice@example.org"}}
	rapid.Check(t, func(t *rapid.T) {
		n := hostile(t)
		m := testWriter.message(n)
		msg, err := route.compose(n, m)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := msg.WriteTo(&text); err != nil {
			t.Fatal(err)
		}
		header, subject, body := parsed(t, text.Bytes())
		words := func(s string) string { return strings.Join(strings.Fields(s), " ") } // a header that is folded keeps no more
		want, first := delivery.Cut(m.headline, maxSubject), m.facts[0].label+": "
		if want != m.headline {
			first = m.headline + "\n"
		}
		if words(subject) != words(want) || !strings.HasPrefix(body, first) {
			t.Fatalf("subject %q, want %q\n%s", subject, m.headline, body)
		}
		for _, name := range slices.Sorted(maps.Keys(header)) {
			if !slices.Contains(known, name) || len(header[name]) != 1 {
				t.Fatalf("header %s: %q", name, header[name])
			}
		}
		for line := range bytes.Lines(text.Bytes()) {
			if len(line) > 1000 { // RFC 5321, 4.5.3.1.6
				t.Fatalf("a line of %d bytes", len(line))
			}
		}
	})
}
