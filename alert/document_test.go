package alert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
	"headwatch/watcher"
)

// shownDeps are those of a program with a public address, a runbook and two hooks, and the advice of the real table.
func shownDeps() Deps {
	d := withIncidents(deps)
	d.Advice = watcher.Advice
	d.Hooks = func(circuit string) []string {
		return map[string][]string{"base-lending": {"pause-pool (armed)", "market-makers (armed)"}}[circuit]
	}
	d.Page = func(incident string) string { return "https://headwatch.example.com/i/" + incident }
	d.AckLink = func(headwatch.Notice) string { return "https://headwatch.example.com/ack/AAAAAGsDTTIAAAAA" }
	d.Act = (&clerk{}).act
	return d
}

const shownRunbook = "https://wiki.example.com/base"

// tonight makes of a test notice one with the names of a real night.
func tonight(n headwatch.Notice) headwatch.Notice {
	const id = "base-lending-20260301T100000Z"
	n.Incident, n.DedupKey, n.Transition.Incident = id, id, id
	names := map[string]string{"a": "own-node", "b": "alchemy", "c": "public"}
	n.Transition.Cause.Findings = slices.Clone(n.Transition.Cause.Findings)
	for i := range n.Transition.Cause.Findings {
		f := &n.Transition.Cause.Findings[i]
		f.Votes = slices.Clone(f.Votes)
		for j := range f.Votes {
			v := &f.Votes[j]
			v.Endpoint = names[v.Endpoint]
			if v.Number != nil {
				v.Number, v.Age = new(uint64(33792704)), n.Transition.At.Sub(deliverytest.Start)+2*time.Second
			}
		}
	}
	if h := n.Transition.Cause.Head; h != nil {
		h.Number = 33793890
	}
	if d := n.Dependant; d != nil {
		d.Incident, d.Circuit = "base-quotes-20260301T100800Z", "base-quotes"
	}
	if r := n.Report; r != nil {
		r.Incident = id
	}
	return n
}

func shownStep(kind headwatch.StepKind, change ...func(*headwatch.Notice)) headwatch.Notice {
	n := deliverytest.Notice(kind, "ops")
	for _, c := range change {
		c(&n)
	}
	return tonight(n)
}

// own is a notice of headwatch's own circuit.
func own(kind headwatch.StepKind, level headwatch.Level, f headwatch.Finding) headwatch.Notice {
	at := f.Since.Add(2 * time.Minute)
	n := headwatch.Notice{
		Incident: "headwatch-20260301T100030Z", Kind: kind, Since: f.Since, Opened: f.Since.Add(30 * time.Second), Peak: level,
		Trigger: &headwatch.Trigger{Condition: f.Condition, Endpoint: f.Endpoint},
		Transition: headwatch.Transition{
			Circuit: headwatch.Watchdog, From: headwatch.Closed, To: headwatch.Closed, Level: level, At: at, Actor: headwatch.Watchdog, Told: true,
			Cause: headwatch.Assessment{Chain: headwatch.Watchdog, At: at, Phase: headwatch.Live, Findings: []headwatch.Finding{f}},
		},
	}
	return n
}

// samples are the messages of the document: when each is told, and what it is told of.
func samples() []struct {
	when string
	n    headwatch.Notice
} {
	type sample = struct {
		when string
		n    headwatch.Notice
	}
	mark := func(m headwatch.Mark) func(*headwatch.Notice) { return func(n *headwatch.Notice) { n.Mark = m } }
	channel := headwatch.Finding{
		Condition: headwatch.ChannelFailing, Endpoint: "on-call", Since: deliverytest.Start,
		Detail: "its oldest undelivered notice was decided at 2026-03-01 10:00:00 UTC, the last attempt failed: http 5xx",
	}
	restart := headwatch.Finding{
		Condition: headwatch.Restarted, Since: deliverytest.Start,
		Detail: "nobody watched for 1m58s until 2026-03-01 10:01:58 UTC; base went from 33792704 to 33792763; 2 notices had waited and are told now",
	}
	all := []sample{
		{"`warn_after` is over: chats are told, nobody is rung", shownStep(headwatch.StepWarn)},
		{"`page_after` is over: pagers ring", shownStep(headwatch.StepPage)},
		{"`trip_after` is over: the circuit opens and its hooks fire", shownStep(headwatch.StepTrip)},
		{"a person trips it", shownStep(headwatch.StepTrip, func(n *headwatch.Notice) {
			n.Transition.Actor, n.Transition.Reason = "alice", "an exploit is running"
		})},
		{"nobody has acknowledged: a step of an escalation, here the third time", shownStep(headwatch.StepEscalate)},
		{"somebody has it in hand", shownStep(headwatch.StepAck)},
		{"the acknowledgement is over, or void because it got worse", shownStep(headwatch.StepUnack)},
		{"a silence, or the cause that spoke for it, is over, and it lasts", shownStep(headwatch.StepRelease)},
		{"another circuit fails as a consequence", shownStep(headwatch.StepJoin)},
		{"that consequence is over and the cause is not", shownStep(headwatch.StepLeave)},
		{"the chain is back: `recover_after` begins", shownStep(headwatch.StepRecover)},
		{"it fell back", shownStep(headwatch.StepRelapse, func(n *headwatch.Notice) { n.Relapses = 2 })},
		{"a person forbids automatic changes for a while", shownStep(headwatch.StepHold)},
		{"it is over", shownStep(headwatch.StepResolve)},
		{"the journal does not take the decision: told all the same", shownStep(headwatch.StepTrip, func(n *headwatch.Notice) { n.Unjournaled = true })},
		{"`headwatch alert test`", shownStep(headwatch.StepPage, mark(headwatch.MarkTest))},
		{"`headwatch drill CIRCUIT`", shownStep(headwatch.StepPage, mark(headwatch.MarkDrill))},
		{"a channel takes nothing: told on the others", own(headwatch.StepPage, headwatch.LevelPage, channel)},
		{"headwatch starts after a stop that nobody ordered", own(headwatch.StepWarn, headwatch.LevelWarn, restart)},
	}
	reports := map[headwatch.ReportKind]string{
		headwatch.ReportAnnounced: "a hook of mode `confirm` waits for a veto", headwatch.ReportVetoed: "somebody vetoed it",
		headwatch.ReportWithheld: "a limit forbids it: a person must decide", headwatch.ReportLapsed: "it waited, and the incident is over",
		headwatch.ReportNeedless: "it is in effect already", headwatch.ReportFired: "it acts", headwatch.ReportSent: "its transaction is sent",
		headwatch.ReportDeposited: "the L1 has it", headwatch.ReportEffective: "it is in effect", headwatch.ReportForeign: "somebody else was first",
		headwatch.ReportUnconfirmed: "it is not in effect in time", headwatch.ReportFailed: "it will not take effect", headwatch.ReportUndone: "somebody took it back",
	}
	for _, kind := range headwatch.ReportKinds() {
		all = append(all, sample{reports[kind], tonight(deliverytest.Report(kind, "ops"))})
	}
	return all
}

// shownAs is what a channel of a kind was sent of a notice.
func shownAs(t *testing.T, kind string, n headwatch.Notice, change func(*config.Alert)) asked {
	t.Helper()
	var got asked
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = asked{r.URL.Path, "", r.Header.Get("Content-Type"), b}
		w.WriteHeader(channels[kind].channel.Good())
		_, _ = io.WriteString(w, channels[kind].channel.Answer)
	}))
	defer receiver.Close()
	c := conf(kind, config.NewSecret(receiver.URL+map[string]string{config.AlertNtfy: "/lending-Xq7pT2"}[kind]))
	c.Link = shownRunbook
	if !c.RoutingKey.IsZero() {
		c.RoutingKey = config.NewSecret("0123456789abcdef0123456789abcdef")
	}
	if change != nil {
		change(&c)
	}
	s, err := New(c, shownDeps())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), s.Route(), n); err != nil {
		t.Fatal(err)
	}
	return got
}

// block is text as Markdown shows it as it is.
func block(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}

// asJSON is a request as people read it. An end that is reckoned from now is left out.
func asJSON(t *testing.T, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.SplitAfter(b.String(), "\n"), func(l string) bool { return strings.Contains(l, `"endsAt"`) })
	return strings.Join(lines, "")
}

// shownMail is a message as it goes over the wire, decoded.
func shownMail(t *testing.T, n headwatch.Notice) string {
	t.Helper()
	msg, err := emailRoute{Sender: "Headwatch <headwatch@example.com>", To: []string{"on-call@example.com"}}.
		compose(n, writer{shownDeps(), shownRunbook}.message(n))
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	header, subject, body := parsed(t, raw.Bytes())
	var b strings.Builder
	for _, name := range []string{"From", "To", "Date", "Message-Id", "In-Reply-To", "References", "Importance", "Auto-Submitted", "X-Headwatch-Incident", "X-Headwatch-Step", "X-Headwatch-Level"} {
		fmt.Fprintf(&b, "%s: %s\n", name, header.Get(name))
	}
	return b.String() + "Subject: " + subject + "\n\n" + body
}

// shownSlack is an incident in Slack after these steps: its message, and the replies.
func shownSlack(t *testing.T, steps ...headwatch.StepKind) (root slackRequest, replies []slackRequest) {
	t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var said slackRequest
		if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			t.Error(err)
		}
		if said.Thread != "" {
			replies = append(replies, said)
		} else {
			root = said
		}
		_, _ = io.WriteString(w, `{"ok":true,"channel":"C0123456789","ts":"1772359260.000100"}`)
	}))
	defer receiver.Close()
	c := slackBotConf(receiver.URL + "/api")
	c.Link = shownRunbook
	d := (&keeper{}).with(shownDeps())
	d.Page = shownDeps().Page
	s, err := New(c, d)
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range steps {
		n := shownStep(kind)
		n.Step = uint64(i + 1)
		if _, err := s.Send(t.Context(), s.Route(), n); err != nil {
			t.Fatal(err)
		}
	}
	return root, replies
}

func messagesDocument(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# Every message as it looks\n\nMade by `make golden` from the senders themselves, and held against them by a test. " +
		"[paging.md](paging.md) says when each is told, and to whom.\n\n" +
		"The first line says what happened; then what was done, what to do, and how to take it in hand; then since when, how sure headwatch is, and where to look. " +
		"All times are UTC. Pictures of some channels: [paging/](paging/).\n\n# Steps\n")
	w := writer{shownDeps(), shownRunbook}
	for _, s := range samples() {
		fmt.Fprintf(&b, "\n%s:\n\n%s", strings.ToUpper(s.when[:1])+s.when[1:], block(w.message(s.n).plain()))
	}
	b.WriteString("\nWhat a channel could not be told while it lasted, in one message:\n\n" +
		block(w.coalesced(shownStep(headwatch.StepPage), shownStep(headwatch.StepResolve)).plain()))

	b.WriteString("\n# A trip, channel by channel\n")
	trip := shownStep(headwatch.StepTrip)
	section := func(name, text string) { fmt.Fprintf(&b, "\n## %s\n\n%s", name, text) }
	var console bytes.Buffer
	d := shownDeps()
	d.Console = &console
	s, err := New(config.Alert{Name: "terminal", Kind: config.AlertConsole, Link: shownRunbook}, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), nil, trip); err != nil {
		t.Fatal(err)
	}
	section("console", block(console.String()))
	section("email", block(shownMail(t, trip)))
	for _, kind := range []string{
		config.AlertPagerDuty, config.AlertJSM, config.AlertGrafanaIRM, config.AlertIncidentIO, config.AlertAlertmanager,
	} {
		section(kind, block(asJSON(t, shownAs(t, kind, trip, nil).body)))
	}
	var forms []string
	for _, voice := range []bool{true, false} {
		form, err := url.ParseQuery(string(shownAs(t, config.AlertTwilio, trip, func(c *config.Alert) { c.Voice = voice }).body))
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, form.Get("Twiml")+form.Get("Body"))
	}
	section(config.AlertTwilio, "A call says\n\n"+block(forms[0])+"\nand a text message\n\n"+block(forms[1]))
	section(config.AlertNtfy, block(asJSON(t, shownAs(t, config.AlertNtfy, trip, nil).body)))
	root, _ := shownSlack(t, headwatch.StepPage, headwatch.StepTrip)
	raw, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	section(config.AlertSlack, "An incident's message of a bot. Replies in its thread, and messages of a webhook, are the same without the last two blocks.\n\n"+
		block(asJSON(t, raw)))
	section(config.AlertDiscord, block(asJSON(t, shownAs(t, config.AlertDiscord, trip, nil).body)))
	section(config.AlertTelegram, block(asJSON(t, shownAs(t, config.AlertTelegram, trip, nil).body)))
	section(config.AlertWebhook, block(asJSON(t, shownAs(t, config.AlertWebhook, trip, nil).body)))
	return b.String()
}

func TestTheDocumentOfMessagesIsUpToDate(t *testing.T) {
	const path = "../docs/messages.md"
	want := messagesDocument(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is out of date: run make golden", path)
	}
}

// Every kind of step that people are told of, and every channel, is in the document.
func TestTheDocumentOfMessagesIsWhole(t *testing.T) {
	told := map[headwatch.StepKind]bool{}
	for _, s := range samples() {
		told[s.n.Kind] = true
	}
	for _, n := range cases() {
		if !told[n.Kind] {
			t.Errorf("%s is not shown", n.Kind)
		}
	}
	document := messagesDocument(t)
	for kind := range kinds {
		if !strings.Contains(document, "\n## "+kind) {
			t.Errorf("%s is not shown", kind)
		}
	}
	if _, n, ok := strings.Cut(document, delivery.NotTold); ok {
		t.Errorf("a message that is not told: %s", n)
	}
}
