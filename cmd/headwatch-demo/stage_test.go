package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStepThatIsNotSeenFailsTheDemo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := newStage(newTable(&out))
		go func() {
			time.Sleep(time.Second)
			s.sight(sighting{at: time.Now(), who: "pager", kind: "trigger", text: "one"})
		}()
		s.expect(t.Context(), "the pager rings", time.Minute, from("pager", "trigger"))
		s.expect(t.Context(), "it rings once more", time.Minute, from("pager", "trigger"))
		s.check("and all is well", true)
		err := s.end()
		if err == nil || err.Error() != "1 of 3 steps were not observed" {
			t.Error(err)
		}
		if !strings.HasSuffix(out.String(), "2 steps were observed. NOT observed:\n  - it rings once more\n") {
			t.Error(out.String())
		}
	})
}

func TestAnInterruptedDemoHasNotSeenWhatWasToCome(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newStage(newTable(&bytes.Buffer{}))
	s.expect(ctx, "anything", time.Hour, from("", ""))
	if s.end() == nil {
		t.Error("it says that all was observed")
	}
}

func TestALongLineIsFoldedBetweenWords(t *testing.T) {
	for _, x := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 10, ""},
		{"short", 10, "short"},
		{"ten runes!", 10, "ten runes!"},
		{"one two three four", 9, "one two|three|four"},
		{"one  two", 4, "one|two"},
		{"äöü äöü äöü", 7, "äöü äöü|äöü"},
		{"a 0123456789abcdef b", 6, "a|0123456789abcdef|b"},
		{"0123456789abcdef", 6, "0123456789abcdef"},
	} {
		if got := strings.Join(fold(x.text, x.width), "|"); got != x.want {
			t.Errorf("%q in %d: got %q, want %q", x.text, x.width, got, x.want)
		}
	}
}

func TestTheTableIsNotWiderThanItShouldBe(t *testing.T) {
	var out bytes.Buffer
	table := &table{out: &out, width: 80}
	table.preface(strings.Repeat("some words ", 20))
	table.tell(sighting{at: time.Now(), who: "pause hook", text: strings.Repeat("and more words ", 20)}, time.Now())
	for line := range strings.Lines(out.String()) {
		if len(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
}

func TestAProgramReadsEveryLine(t *testing.T) {
	var out bytes.Buffer
	l, start := newLines(&out), time.Now()
	l.preface("for people")
	l.tell(sighting{at: start.Add(1500 * time.Millisecond), who: "chain", kind: "landing", text: "x"}, start)
	l.end([]string{"a"}, nil)
	l.try("headwatch status")
	want := []string{
		`{"kind":"landing","t_ms":1500,"text":"x","who":"chain"}`, `{"missed":[],"observed":["a"],"ok":true}`, `{"try":["headwatch status"]}`,
	}
	if got := strings.Split(strings.TrimSpace(out.String()), "\n"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %q", line)
		}
	}
}
