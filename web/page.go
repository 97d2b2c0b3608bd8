package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the two files below
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/explain"
)

//go:embed page.css
var pageStyle string

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// pagePolicy lets a page load nothing, run nothing, be framed by nobody and send its form home.
var pagePolicy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}()

// page is what a person with a phone sees. It holds no script, loads nothing, and everything in it is escaped by its template.
type page struct {
	Title, Tone string
	Lead        []string
	Fault       string // what was wrong with the form
	Facts       []pageFact
	Form        *ackForm
	Steps       []pageStep
	More        string // path of the incident's page
}

type pageFact struct{ Label, Text string }

type pageStep struct{ At, Kind, Level, Text string }

// Style is the style of every page.
func (page) Style() template.CSS { return template.CSS(pageStyle) } //nolint:gosec // A file of this package.

// show answers with a page. Its address may be a secret: the referrer goes to this server alone, and not to no one, since a browser
// that sends none hides from us that the form is our own.
func (s *Server) show(w http.ResponseWriter, status int, p page) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		s.log.Error("page not made", zap.Error(err))
		fail(w, http.StatusInternalServerError, "the page cannot be shown")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// incidentPage shows an incident to people, with all that happened in it.
func (s *Server) incidentPage(w http.ResponseWriter, r *http.Request) {
	inc := s.incidentByID(r.PathValue("id"))
	if inc == nil {
		s.show(w, http.StatusNotFound, page{Title: "No such incident", Lead: []string{
			"It was never here, or it is over for so long that only the journal knows of it: headwatch report shows it from there.",
		}})
		return
	}
	p := s.about(inc, time.Now())
	for _, step := range slices.Backward(inc.Steps) {
		p.Steps = append(p.Steps, pageStep{explain.Stamp(step.At), explain.Words(step.Kind), step.Level.String(), explain.Told(&step)})
	}
	s.show(w, http.StatusOK, p)
}

// about is what there is to know of an incident at a glance.
func (s *Server) about(inc *headwatch.Incident, now time.Time) page {
	p := page{Tone: inc.Level.String()}
	fact := func(label, text string) {
		if text != "" {
			p.Facts = append(p.Facts, pageFact{label, text})
		}
	}
	if inc.Resolved.IsZero() {
		p.Title = fmt.Sprintf("%s %s: open for %s", strings.ToUpper(inc.Level.String()), inc.Circuit, explain.Span(now.Sub(inc.Since)))
	} else {
		p.Tone, p.Title = "over", fmt.Sprintf("OVER %s: lasted %s", inc.Circuit, explain.Span(inc.Resolved.Sub(inc.Since)))
	}
	fact("Chain", inc.Chain)
	fact("Began", explain.Stamp(inc.Since))
	if inc.Resolved.IsZero() {
		fact("Now", s.state(inc))
		fact("In hand", explain.Hand(inc, now))
		fact("Held back", explain.Held(inc))
	} else {
		fact("Ended", explain.Stamp(inc.Resolved))
	}
	fact("Peak", inc.Peak.String())
	fact("Consequences", strings.Join(inc.Bears, ", "))
	if inc.Relapses > 0 {
		fact("Relapses", fmt.Sprint(inc.Relapses))
	}
	fact("Incident", inc.ID)
	return p
}

// state says how the circuit of an open incident is now.
func (s *Server) state(inc *headwatch.Incident) string {
	for _, sig := range s.deps.Circuits() {
		if sig.Circuit != inc.Circuit {
			continue
		}
		words := []string{"circuit " + explain.Words(sig.State), "chain " + explain.Words(sig.Phase)}
		for _, c := range sig.Reasons {
			words = append(words, explain.Words(c))
		}
		return strings.Join(words, ", ")
	}
	return ""
}
