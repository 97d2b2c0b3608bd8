package alert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	maxTemplate = 64 << 10  // bytes of the file
	maxFilled   = 256 << 10 // bytes of a body that is made of it
)

// body makes the JSON of a webhook from a template.
type body struct{ template *template.Template }

// filling is what a template sees: the document of docs/hooks.md, and the message that people read.
type filling struct {
	delivery.Document
	Headline string
	Text     string // headline and facts, a line each
}

// Check tries the templates of all webhooks. It is a config.Check.
func Check(c *config.Config, fault func(key, problem, hint string)) {
	for i, a := range c.Alerts {
		if a.Kind != config.AlertWebhook || a.Body == "" {
			continue
		}
		if _, err := newBody(a.Body); err != nil {
			fault(fmt.Sprintf("alert[%d].body", i), err.Error(), "docs/paging.md has what a template may hold")
		}
	}
}

// newBody reads a template and fills it with an example of every kind of notice, once with everything that one may hold and once
// with nothing of it: a page is a bad time to find a wrong field. Texts of the examples hold quotes, so that what is not JSON in
// the end is found as well.
func newBody(file string) (*body, error) {
	name := filepath.Base(file)
	text, err := readTemplate(file)
	if err != nil {
		return nil, fmt.Errorf("body %s: %w", name, err)
	}
	t, err := template.New(name).Funcs(template.FuncMap{"json": encode}).Parse(string(text))
	if err != nil {
		return nil, unwound(err)
	}
	b := &body{t}
	for _, n := range examples() {
		if _, err := b.fill(delivery.NewDocument(event(n), n), writer{}.message(n)); err != nil {
			return nil, fmt.Errorf("%w (tried with step %s)", err, n.Kind)
		}
	}
	return b, nil
}

// readTemplate gives the content of a file. Its errors do not hold the path: whoever reads them knows it as it was written.
func readTemplate(file string) ([]byte, error) {
	info, err := os.Stat(file)
	var text []byte
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > maxTemplate:
		return nil, errors.New("larger than 64 KiB")
	default:
		text, err = os.ReadFile(file)
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return text, err
}

func (b *body) fill(doc delivery.Document, m message) ([]byte, error) {
	var out bounded
	if err := b.template.Execute(&out, filling{doc, m.headline, strings.TrimSpace(m.plain())}); err != nil {
		return nil, unwound(err)
	}
	if !json.Valid(out.Bytes()) {
		return nil, fmt.Errorf("body %s makes no JSON: write texts as {{json .Text}}, without quotes around it", b.template.Name())
	}
	return out.Bytes(), nil
}

// encode is the function json of templates.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// unwound is an error of a template as "body FILE:LINE: what is wrong".
func unwound(err error) error {
	return errors.New("body " + strings.TrimPrefix(err.Error(), "template: "))
}

// bounded is a buffer that takes no more than a body may have.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxFilled {
		return 0, errors.New("larger than 256 KiB")
	}
	return b.Buffer.Write(p)
}

// examples is one bare and one full notice of each kind that people are told.
func examples() []headwatch.Notice {
	const wild = `a "text" with \ and <tags>`
	var all []headwatch.Notice
	for _, kind := range []headwatch.StepKind{
		headwatch.StepWarn, headwatch.StepPage, headwatch.StepTrip, headwatch.StepRecover, headwatch.StepRelapse, headwatch.StepResolve,
		headwatch.StepAck, headwatch.StepHold, headwatch.StepHook, headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepRelease,
		headwatch.StepJoin, headwatch.StepLeave,
	} {
		at := time.Date(2026, time.March, 1, 10, 2, 0, 0, time.UTC)
		bare := headwatch.Notice{Incident: "example-1", Kind: kind, Transition: headwatch.Transition{Circuit: "example", At: at, Actor: headwatch.Watchdog}}
		full := bare
		full.Opened, full.Since, full.Peak, full.Relapses = at, at, headwatch.LevelTrip, 1
		full.AckedBy, full.AckedUntil, full.Mark = wild, at, headwatch.MarkTest
		full.Trigger = &headwatch.Trigger{Condition: headwatch.UnsafeHeadStalled, Operator: wild}
		full.Report = &headwatch.Report{Kind: headwatch.ReportFailed, Hook: "hook", Detail: wild, Actor: wild, At: at, Until: at}
		full.Escalation = &headwatch.Escalation{Kind: kind, At: at, Policy: "policy", Channels: []string{"ops"}, OnCall: []string{wild}, Why: wild}
		full.Dependant = &headwatch.Dependant{Circuit: "another", Level: headwatch.LevelPage, Trigger: full.Trigger}
		t := &full.Transition
		t.Reason, t.Level, t.To, t.Since, t.HeldUntil, t.Incident = wild, headwatch.LevelTrip, headwatch.Open, at, at, full.Incident
		t.Cause = headwatch.Assessment{Chain: "chain", At: at, Phase: headwatch.Stalled, Findings: []headwatch.Finding{{
			Condition: headwatch.UnsafeHeadStalled, Since: at, Detail: wild,
			Votes: []headwatch.Vote{{Endpoint: wild, Verdict: headwatch.VoteStale, Reason: wild}},
		}}}
		all = append(all, bare, full)
	}
	return all
}
