package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/explain"
)

// Silence is a silence and what became of it.
type Silence struct {
	headwatch.Silence
	State   SilenceState `json:"state"`
	EndedBy string       `json:"ended_by,omitempty"` // who ended it before its time
	Because string       `json:"because,omitempty"`  // and why
}

// SilenceState is where a silence stands.
type SilenceState string

// States of a silence.
const (
	SilenceActive SilenceState = "active"
	SilenceComing SilenceState = "coming"
	SilenceEnded  SilenceState = "ended"
)

const (
	maxMatchers = 20
	minSilence  = time.Minute
	maxAhead    = 90 * 24 * time.Hour // what is planned for later is a [[maintenance]]
	tardy       = time.Minute         // a start this long ago means now
	lately      = 24 * time.Hour      // what ended within it is shown
)

// silences shows those in force, those to come, and from the journal those that ended lately.
func (s *Server) silences(w http.ResponseWriter, r *http.Request) {
	if !s.sit(w) {
		return
	}
	defer s.rise()
	ctx, cancel := context.WithTimeout(r.Context(), writeTimeout)
	defer cancel()
	now := time.Now()
	ended, err := s.deps.Ended(ctx, now.Add(-lately))
	if err != nil {
		s.log.Warn("ended silences not read", zap.Error(err))
		fail(w, http.StatusInternalServerError, "the silences that ended could not be read; the log says why")
		return
	}
	var active, coming []Silence
	for _, silence := range s.deps.Silences() {
		if now.Before(silence.Starts) {
			coming = append(coming, Silence{Silence: silence, State: SilenceComing})
		} else {
			active = append(active, Silence{Silence: silence, State: SilenceActive})
		}
	}
	list(w, "silences", slices.Concat(active, coming, ended))
}

// silence takes the order to hold back what people would be told anew.
func (s *Server) silence(w http.ResponseWriter, r *http.Request) {
	actor, ok := s.authenticate(w, r)
	if !ok {
		return
	}
	now := time.Now()
	silence, err := readSilence(http.MaxBytesReader(w, r.Body, maxBody), now, s.longest)
	if err != nil {
		refuse(w, err)
		return
	}
	silence.Author = actor
	s.give(w, r, headwatch.Action{Kind: headwatch.ActionSilence, Actor: actor, Reason: silence.Reason, Silence: &silence, At: now})
}

// everything is the matcher of a silence that holds back all there is.
var everything = headwatch.Matcher{Name: "circuit", Value: ".*", IsRegex: true, IsEqual: true}

// readSilence reads a silence of at most the longest time. Whether there is what it names is not known here.
func readSilence(r io.Reader, now time.Time, longest time.Duration) (headwatch.Silence, error) {
	var body struct {
		Matchers  []matcher `json:"matchers"`
		All       bool      `json:"all"`
		Starts    time.Time `json:"starts"`
		Ends      time.Time `json:"ends"`
		For       string    `json:"for"`
		Reason    string    `json:"reason"`
		HoldHooks bool      `json:"hold_hooks"`
	}
	if err := readObject(r, &body); err != nil {
		return headwatch.Silence{}, err
	}
	s := headwatch.Silence{Starts: body.Starts, Ends: body.Ends, HoldHooks: body.HoldHooks}
	for _, m := range body.Matchers {
		s.Matchers = append(s.Matchers, headwatch.Matcher(m))
	}
	switch {
	case len(s.Matchers) > maxMatchers:
		return s, fmt.Errorf("a silence has at most %d matchers", maxMatchers)
	case body.All && len(s.Matchers) > 0:
		return s, errors.New("all is for a silence of everything: leave the matchers out, or all")
	case body.All:
		s.Matchers = []headwatch.Matcher{everything}
	case len(s.Matchers) == 0:
		return s, errors.New(`say what to silence, as "matchers":["chain=base"]; everything is "all":true`)
	case matchAll(s.Matchers):
		return s, errors.New(`these matchers hold for everything: say what to silence, or "all":true in their place`)
	}
	var err error
	if s.Reason, err = readReason(body.Reason); err != nil {
		return s, err
	}
	return s, setTimes(&s, body.For, now, longest)
}

// setTimes completes the beginning and the end of a silence and checks them.
func setTimes(s *headwatch.Silence, lasts string, now time.Time, longest time.Duration) error {
	switch {
	case s.Starts.IsZero(), s.Starts.Before(now) && now.Sub(s.Starts) <= tardy:
		s.Starts = now
	case s.Starts.Before(now):
		return errors.New("starts is in the past; leave it out for a silence that begins now")
	case s.Starts.Sub(now) > maxAhead:
		return fmt.Errorf("starts is more than %s ahead; plan it as a [[maintenance]] in the configuration", config.Duration(maxAhead))
	}
	if (lasts == "") == s.Ends.IsZero() {
		return errors.New(`a silence ends: give either "for":"2h" or "ends"`)
	}
	if lasts != "" {
		d, err := readSpan(lasts, minSilence, longest)
		if err != nil {
			return err
		}
		s.Ends = s.Starts.Add(d)
	}
	if !s.Ends.After(now) {
		return errors.New("ends is in the past")
	}
	if d := s.Ends.Sub(s.Starts); d < minSilence || d > longest {
		return fmt.Errorf("a silence lasts from %s to %s (api.max_silence), not %s", config.Duration(minSilence), config.Duration(longest), config.Duration(d))
	}
	s.Starts, s.Ends = s.Starts.Round(0), s.Ends.Round(0)
	return nil
}

// matchAll reports whether matchers were meant to hold for whatever comes: each of them holds for the empty word, which is no name of
// anything, and for one that is not yet one.
func matchAll(matchers []headwatch.Matcher) bool {
	for _, m := range matchers {
		if !m.IsRegex || !m.IsEqual || !m.Matches("x") || !m.Matches("a-name_that-0-is-not.there") {
			return false
		}
	}
	return true
}

// matcher is read from what people write, chain=base, or from Alertmanager's object, where isEqual may be left out and then is true.
type matcher headwatch.Matcher

func (m *matcher) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		parsed, err := headwatch.ParseMatcher(text)
		*m = matcher(parsed)
		return err
	}
	object := headwatch.Matcher{IsEqual: true}
	if err := json.Unmarshal(b, &object); err != nil {
		return errors.New(`a matcher is a text such as "chain=base" or an object with name, value, isRegex and isEqual`)
	}
	*m = matcher(object)
	return object.Check()
}

// silenceGauges are the metrics of silences and of who has incidents in hand.
func silenceGauges() []gauge {
	return []gauge{
		{
			desc("silences", "Silences that are in force, and that are to come.", "state"),
			func(v *view, put put) {
				coming := 0
				for i := range v.silences {
					if v.now.Before(v.silences[i].Starts) {
						coming++
					}
				}
				put(float64(len(v.silences)-coming), string(SilenceActive))
				put(float64(coming), string(SilenceComing))
			},
		},
		{
			desc("incidents_acknowledged", "Open incidents that somebody has in hand.", "circuit"),
			eachOpen(func(v *view, inc *headwatch.Incident) bool { return explain.InHand(inc, v.now) }),
		},
		{
			desc("incidents_silenced", "Open incidents whose pages a silence holds back.", "circuit"),
			eachOpen(func(_ *view, inc *headwatch.Incident) bool { return inc.Silenced != "" }),
		},
	}
}

// eachOpen counts open incidents by circuit.
func eachOpen(counts func(*view, *headwatch.Incident) bool) func(*view, put) {
	return eachCircuit(func(v *view, put put, sig *headwatch.Signal) {
		n := 0
		for i := range v.incidents {
			if inc := &v.incidents[i]; inc.Circuit == sig.Circuit && inc.Resolved.IsZero() && counts(v, inc) {
				n++
			}
		}
		put(float64(n), sig.Circuit)
	})
}
