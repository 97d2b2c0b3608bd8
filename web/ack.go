package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/explain"
)

const (
	minName  = 2  // runes
	maxName  = 40 // runes
	viaLink  = "link"
	onIt     = "I am looking into it"
	byHand   = "Say so with headwatch ack, or with the link in a newer message."
	maxForms = 5 // forged links a second that are answered with more than a 429
)

// ackForm is what a person fills in who has a link.
type ackForm struct {
	Name, Reason, For string
	Shown             string // when: what came later is not what is acknowledged
	Choices           []choice
}

func newAckForm(name, reason, lasts string, now time.Time) *ackForm {
	return &ackForm{name, reason, lasts, now.Format(time.RFC3339Nano), ackChoices}
}

type choice struct{ Value, Text string }

var ackChoices = []choice{
	{"", "as long as the escalation says"}, {"15m", "15 minutes"}, {"30m", "30 minutes"}, {"1h", "1 hour"}, {"2h", "2 hours"}, {"4h", "4 hours"}, {"8h", "8 hours"},
}

// ackLook shows what there is to acknowledge and asks who does. It changes nothing: chats and mail programs open every link to show
// what is behind it.
func (s *Server) ackLook(w http.ResponseWriter, r *http.Request) {
	t, inc, ok := s.ticket(w, r)
	if !ok {
		return
	}
	now := time.Now()
	p := s.about(inc, now)
	p.More = s.pathOf(inc)
	if !explain.InHand(inc, now) {
		p.Form = newAckForm(s.deps.Owner(t.channel), onIt, "", now)
	}
	s.show(w, http.StatusOK, p)
}

// ackTake takes the acknowledgement of whoever holds a link, once.
func (s *Server) ackTake(w http.ResponseWriter, r *http.Request) {
	t, inc, ok := s.ticket(w, r)
	if !ok {
		return
	}
	now := time.Now()
	p := s.about(inc, now)
	p.More = s.pathOf(inc)
	if explain.InHand(inc, now) {
		p.Lead = []string{"Nothing was changed: " + explain.Hand(inc, now) + "."}
		s.show(w, http.StatusConflict, p)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	a, err := readAck(r)
	status := http.StatusBadRequest
	if err == nil && explain.WorseSince(inc, a.At) {
		status, err = http.StatusConflict, errors.New("nothing was changed: it got worse after this page was opened; if you have that in hand as well, say so again")
	}
	if err != nil {
		p.Fault = err.Error()
		p.Form = newAckForm(r.PostForm.Get("name"), r.PostForm.Get("reason"), r.PostForm.Get("for"), now)
		s.show(w, status, p)
		return
	}
	a.Circuit, a.Incident, a.At = inc.Circuit, inc.ID, now
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), orderTimeout)
	defer cancel()
	first, err := s.deps.AckOnce(ctx, t.slot(), a)
	log := s.log.With(zap.String("kind", string(a.Kind)), zap.String("incident", a.Incident), zap.String("actor", a.Actor), zap.String("reason", a.Reason), zap.String("channel", t.channel))
	switch {
	case errors.Is(err, ErrConflict), errors.Is(err, ErrNotFound):
		p.Lead = []string{"Nothing was changed: " + err.Error() + "."}
		s.show(w, http.StatusConflict, p)
	case err != nil:
		log.Error("acknowledgement by link not carried out", zap.Error(err))
		p.Lead = []string{"It could not be put on record. Try again; nobody may know that you have it in hand."}
		s.show(w, http.StatusServiceUnavailable, p)
	case first.Actor != a.Actor || !first.At.Equal(a.At):
		p.Lead = []string{fmt.Sprintf("Nothing was changed: this link was used by %s at %s, and what it said has ended since. %s", first.Actor, explain.Stamp(first.At), byHand)}
		s.show(w, http.StatusConflict, p)
	default:
		log.Info("acknowledged by link")
		s.show(w, http.StatusOK, page{Title: inc.Circuit + ": in your hands", Tone: "over", More: p.More, Lead: []string{
			fmt.Sprintf("%s has incident %s in hand%s. Nobody else is called meanwhile, unless it gets worse.", a.Actor, inc.ID, lasting(a.For)),
		}})
	}
}

func lasting(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return " for " + explain.Span(d)
}

// ticket gives what a link says and its open incident, or shows why there is none.
func (s *Server) ticket(w http.ResponseWriter, r *http.Request) (ticket, *headwatch.Incident, bool) {
	t, ok := s.deps.Links.read(r.PathValue("token"))
	if !ok {
		if !s.forged.allow(time.Now(), maxForms) {
			w.Header().Set("Retry-After", "1")
			s.show(w, http.StatusTooManyRequests, page{Title: "Too many wrong links", Lead: []string{"Wait a second, and try again."}})
			return t, nil, false
		}
		s.log.Warn("wrong link to acknowledge", zap.String("remote", r.RemoteAddr))
		s.show(w, http.StatusNotFound, page{Title: "This link is not one of ours", Lead: []string{"It was cut short or changed on its way. " + byHand}})
		return t, nil, false
	}
	inc := s.incidentByID(t.incident)
	switch {
	case inc != nil && !inc.Resolved.IsZero():
		p := s.about(inc, time.Now())
		p.Lead, p.More = []string{"There is nothing left to acknowledge."}, s.pathOf(inc)
		s.show(w, http.StatusGone, p)
	case inc == nil:
		s.show(w, http.StatusGone, page{Title: "This incident is over", Lead: []string{"There is nothing left to acknowledge."}})
	case !time.Now().Before(t.until):
		s.show(w, http.StatusGone, page{Title: "This link has expired", More: s.pathOf(inc), Lead: []string{
			fmt.Sprintf("It was good for %s; the incident is still open. %s", explain.Span(linkLasts), byHand),
		}})
	default:
		return t, inc, true
	}
	return t, nil, false
}

// pathOf is relative, so that it holds behind whatever is in front of this server.
func (s *Server) pathOf(inc *headwatch.Incident) string { return "../i/" + inc.ID }

// readAck reads the form. Its instant is when the form was shown: zero, before everything, when that is not in it.
func readAck(r *http.Request) (headwatch.Action, error) {
	a := headwatch.Action{Kind: headwatch.ActionAck, Via: viaLink}
	if err := r.ParseForm(); err != nil {
		return a, errors.New("the form cannot be read")
	}
	a.At, _ = time.Parse(time.RFC3339Nano, r.PostForm.Get("shown"))
	var err error
	if a.Actor, err = personName(r.PostForm.Get("name")); err != nil {
		return a, err
	}
	if a.Reason, err = readReason(r.PostForm.Get("reason")); err != nil {
		return a, err
	}
	if text := r.PostForm.Get("for"); text != "" {
		a.For, err = readSpan(text, minAck, maxAck)
	}
	return a, err
}

// personName checks the name that somebody gives who has no token: nobody but the watchdog is called like it.
func personName(text string) (string, error) {
	name := strings.TrimSpace(text)
	n := utf8.RuneCountInString(name)
	switch {
	case n < minName || n > maxName:
		return "", fmt.Errorf("your name must have %d to %d characters", minName, maxName)
	case strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }):
		return "", errors.New("your name must be one line of printable characters")
	case strings.EqualFold(name, headwatch.Watchdog):
		return "", errors.New("that is the name of the program: give your own")
	}
	return name, nil
}
