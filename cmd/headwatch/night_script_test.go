package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A night is a text of lines, each an instant in UTC and what happens or is expected then:
//
//	config two-chains.toml          beside the night; first
//	date   2026-06-25               of the lines that follow
//	00:00  begin
//	00:30  stall base               the head stands; l1 stands in the same way
//	00:45  resume base              it catches up and lives
//	00:31  expect page base-lending on-call,chat within 10s
//	00:31  expect nothing on-call until 02:00
//	00:35  ack base-lending by alice
//	00:36  unreachable alchemy      and reachable
//	00:40  channel on-call down     and up
//	00:50  restart for 30s          the process is gone that long; without for it is back at once
//	00:55  trip base-lending by bob and reset
//	00:56  silence chain=base,severity!=trip for 2h by bob      and hold-hooks after it
//	00:58  unsilence chain=base,severity!=trip by carol
//	00:59  empty base               its blocks have no transactions of users; and full
//	01:00  journal down             it takes nothing; and up
//	01:01  kill for 20s             as restart, but nobody ordered it
//	01:02  link base-lending on-call by alice      she follows the link to acknowledge in its newest message of that circuit
//	01:03  used-link base-lending on-call by alice the link in its first message, which changes nothing any more
//	01:04  late base-lending by alice for 3m       what she acknowledged in a chat, which takes that long to say so
//	02:00  end
//
// An expectation is of one message for each channel named, at its instant or within a while after it; with "saying TEXT" at its end, of one
// that holds this text. It is exact: a message
// that no line expects fails the night, and so does a line that no message meets. Everything from # on is a remark.
type nightScript struct {
	config string
	begin  time.Time
	end    time.Time
	acts   []act
	expect []*expectation
	quiet  []quiet
}

// act is something that happens.
type act struct {
	where string // file and line
	at    time.Time
	verb  string
	names []string // chain, endpoint, channel or circuit
	who   string
	lasts time.Duration
}

// expectation is one message that must come.
type expectation struct {
	where       string
	from, until time.Time
	kind        string
	circuit     string
	channel     string
	saying      string // what must be in it
	met         bool
}

// quiet is a time in which nothing may come to a channel.
type quiet struct {
	where       string
	from, until time.Time
	channel     string
}

// verbs is what may happen, and the words that follow: a capital one stands for a name.
var verbs = map[string]string{
	"begin": "", "end": "", "stall": "CHAIN", "resume": "CHAIN", "unreachable": "ENDPOINT", "reachable": "ENDPOINT",
	"empty": "CHAIN", "full": "CHAIN", "journal": "down|up", "kill": "[for D]",
	"link": "CIRCUIT CHANNEL by NAME", "used-link": "CIRCUIT CHANNEL by NAME", "late": "CIRCUIT by NAME for D",
	"channel": "CHANNEL down|up", "restart": "[for D]", "ack": "CIRCUIT by NAME [for D]", "trip": "CIRCUIT by NAME", "reset": "CIRCUIT by NAME",
	"silence": "MATCHERS for D by NAME [hold-hooks]", "unsilence": "MATCHERS by NAME",
}

// parseNight reads a night. The error names every line that is wrong.
func parseNight(name, text string) (*nightScript, error) {
	s := &nightScript{}
	var wrong []error
	var date, last time.Time
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		where := fmt.Sprintf("%s:%d", name, n)
		line, _, _ := strings.Cut(lines.Text(), "#")
		line, saying, _ := strings.Cut(line, " saying ")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := s.line(where, words, strings.TrimSpace(saying), &date, &last); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", where, err))
		}
	}
	if s.config == "" || s.begin.IsZero() || s.end.IsZero() {
		wrong = append(wrong, fmt.Errorf("%s: a night needs a config, a begin and an end", name))
	}
	for _, e := range s.expect {
		if e.until.After(s.end) {
			wrong = append(wrong, fmt.Errorf("%s: the night ends before this must have come", e.where))
		}
	}
	return s, errors.Join(append(wrong, lines.Err())...)
}

func (s *nightScript) line(where string, words []string, saying string, date, last *time.Time) (err error) {
	switch words[0] {
	case "config":
		if len(words) != 2 || s.config != "" {
			return errors.New("expected config FILE, once")
		}
		s.config = words[1]
		return nil
	case "date":
		if len(words) != 2 {
			return errors.New("expected date YYYY-MM-DD")
		}
		*date, err = time.Parse(time.DateOnly, words[1])
		return err
	}
	at, err := clockTime(*date, words[0])
	if err != nil {
		return err
	}
	if at.Before(*last) {
		return fmt.Errorf("%s is before the line above; a date line begins a new day", words[0])
	}
	*last = at
	if len(words) < 2 {
		return errors.New("nothing happens at this instant")
	}
	switch verb, rest := words[1], words[2:]; verb {
	case "begin", "end":
		if len(rest) > 0 {
			return fmt.Errorf("%s takes nothing", verb)
		}
		if verb == "begin" {
			s.begin = at
		} else {
			s.end = at
		}
		return nil
	case "expect":
		return s.expected(where, at, rest, saying)
	default:
		return s.act(where, at, verb, rest)
	}
}

// clockTime reads an instant of a day.
func clockTime(date time.Time, text string) (time.Time, error) {
	if date.IsZero() {
		return date, errors.New("a date line comes before the first instant")
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return date.Add(t.Sub(t.Truncate(24 * time.Hour))), nil
		}
	}
	return date, fmt.Errorf("%q is no instant such as 00:30 or 00:30:05", text)
}

func (s *nightScript) act(where string, at time.Time, verb string, rest []string) error {
	pattern, known := verbs[verb]
	if !known {
		return fmt.Errorf("nothing is called %q", verb)
	}
	a := act{where: where, at: at, verb: verb}
	usage := fmt.Errorf("expected %s", strings.TrimSpace(verb+" "+pattern))
	for _, want := range strings.Fields(pattern) {
		switch {
		case want == "[hold-hooks]":
			if len(rest) == 1 && rest[0] == "hold-hooks" {
				a.names, rest = append(a.names, rest[0]), nil
			}
		case strings.HasPrefix(want, "["): // [for D] is last
			if len(rest) == 0 {
				break
			}
			d, err := lasting(rest, "for")
			if err != nil {
				return fmt.Errorf("%w: %w", usage, err)
			}
			a.lasts, rest = d, nil
		case strings.HasSuffix(want, "]"):
		case len(rest) == 0:
			return usage
		case want == "by" || want == "for":
			if rest[0] != want {
				return usage
			}
			rest = rest[1:]
		case want == "D":
			d, err := lasting([]string{"for", rest[0]}, "for")
			if err != nil {
				return fmt.Errorf("%w: %w", usage, err)
			}
			a.lasts, rest = d, rest[1:]
		case want == "NAME":
			a.who, rest = rest[0], rest[1:]
		case strings.ToUpper(want) == want:
			a.names, rest = append(a.names, rest[0]), rest[1:]
		default:
			if !slices.Contains(strings.Split(want, "|"), rest[0]) {
				return usage
			}
			a.names, rest = append(a.names, rest[0]), rest[1:]
		}
	}
	if len(rest) > 0 {
		return usage
	}
	s.acts = append(s.acts, a)
	return nil
}

// lasting reads "word DURATION".
func lasting(words []string, word string) (time.Duration, error) {
	if len(words) != 2 || words[0] != word {
		return 0, fmt.Errorf("expected %s and a duration", word)
	}
	d, err := time.ParseDuration(words[1])
	if err == nil && d <= 0 {
		err = fmt.Errorf("%s is not longer than nothing", words[1])
	}
	return d, err
}

// expected reads what follows "expect".
func (s *nightScript) expected(where string, at time.Time, rest []string, saying string) error {
	const usage = "expected expect KIND CIRCUIT CHANNEL,... [within D] [saying TEXT], or expect nothing CHANNEL,... until TIME"
	if len(rest) >= 2 && rest[0] == "nothing" {
		if len(rest) != 4 || rest[2] != "until" {
			return errors.New(usage)
		}
		until, err := clockTime(at.Truncate(24*time.Hour), rest[3])
		if err != nil {
			return err
		}
		if until.Before(at) {
			until = until.AddDate(0, 0, 1)
		}
		for c := range strings.SplitSeq(rest[1], ",") {
			s.quiet = append(s.quiet, quiet{where, at, until, c})
		}
		return nil
	}
	if len(rest) != 3 && len(rest) != 5 {
		return errors.New(usage)
	}
	within := time.Second
	if len(rest) == 5 {
		var err error
		if within, err = lasting(rest[3:], "within"); err != nil {
			return err
		}
	}
	for c := range strings.SplitSeq(rest[2], ",") {
		s.expect = append(s.expect, &expectation{where: where, from: at, until: at.Add(within), kind: rest[0], circuit: rest[1], channel: c, saying: saying})
	}
	return nil
}

func TestANightThatIsWrongSaysWhere(t *testing.T) {
	const good = "config x.toml\ndate 2026-06-25\n00:00 begin\n"
	for text, want := range map[string]string{
		"00:00 begin":                                                       "n:1: a date line comes before",
		good + "00:10 melt base\n01:00 end":                                 `n:4: nothing is called "melt"`,
		good + "00:10 stall\n01:00 end":                                     "n:4: expected stall CHAIN",
		good + "00:10 stall base now\n01:00 end":                            "n:4: expected stall CHAIN",
		good + "00:10 channel chat off\n01:00 end":                          "n:4: expected channel CHANNEL down|up",
		good + "00:10 ack a alice\n01:00 end":                               "n:4: expected ack CIRCUIT by NAME [for D]",
		good + "00:10 ack a by alice for ever\n01:00 end":                   "n:4: expected ack",
		good + "00:10 expect page a chat in 10s\n01:00 end":                 "n:4: expected within and a duration",
		good + "00:10 expect page a\n01:00 end":                             "n:4: expected expect KIND",
		good + "00:10 stall base\n00:09 resume base\n01:00 end":             "n:5: 00:09 is before the line above",
		good + "25:00 stall base\n01:00 end":                                `n:4: "25:00" is no instant`,
		good + "00:10 stall base":                                           "a night needs a config, a begin and an end",
		good + "00:59 expect page a chat within 5m\n01:00 end":              "n:4: the night ends before this must have come",
		good + "00:10\n01:00 end":                                           "n:4: nothing happens",
		good + "00:10 expect nothing chat for 5m\n01:00 end # and a remark": "n:4: expected expect KIND",
		good + "config y.toml\n01:00 end\n":                                 "n:4: expected config FILE, once",
	} {
		if _, err := parseNight("n", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	s, err := parseNight("n", good+"00:10 ack a by alice for 30m\n23:00 expect nothing chat until 01:00\n23:30 restart for 5s\ndate 2026-06-26\n00:10 expect page a chat,pager within 10s\n01:00 end")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.acts) != 2 || s.acts[0].lasts != 30*time.Minute || s.acts[0].who != "alice" || len(s.expect) != 2 || s.quiet[0].until.Day() != 26 || s.end.Day() != 26 {
		t.Errorf("%+v", s)
	}
}

func readNight(t *testing.T, path string) *nightScript {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseNight(filepath.Base(path), string(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
