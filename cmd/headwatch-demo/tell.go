package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// sighting is something that was observed, by whom and when. It is a step of the story when the script expects it.
type sighting struct {
	at   time.Time
	who  string // chain, headwatch, pause hook, webhook, chat, pager, demo
	kind string
	key  string // dedup key, or the circuit's state
	text string
}

// teller shows the story as it happens.
type teller interface {
	preface(lines ...string)
	tell(s sighting, start time.Time)
	end(seen, missed []string)
	try(commands ...string)
}

// table is for a person.
type table struct {
	out    io.Writer
	colour bool
	width  int // of a line
}

// columns of the table in front of what is told, and the width of a line where no terminal says it.
const (
	margin = 22
	wide   = 110
)

func newTable(out io.Writer) *table {
	t := &table{out: out, width: wide}
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return t
	}
	t.colour = os.Getenv("NO_COLOR") == ""
	if width, _, err := term.GetSize(int(f.Fd())); err == nil {
		t.width = min(max(width, 2*margin), wide)
	}
	return t
}

func (t *table) preface(lines ...string) {
	for _, l := range lines {
		fmt.Fprintln(t.out, strings.Join(fold(l, t.width), "\n"))
	}
	fmt.Fprintf(t.out, "\n%8s  %-11s %s\n%8s  %-11s %s\n", "second", "who", "what", "------", "---", "----")
}

// colours of the terminal, by who speaks.
var colours = map[string]string{"chain": "36", "headwatch": "1", "pause hook": "32", "webhook": "35", "pager": "31", "chat": "33", "demo": "2"}

func (t *table) tell(s sighting, start time.Time) {
	who := fmt.Sprintf("%-11s", s.who)
	if t.colour {
		who = "\x1b[" + colours[s.who] + "m" + who + "\x1b[0m"
	}
	fmt.Fprintf(t.out, "%+8.2f  %s %s\n", s.at.Sub(start).Seconds(), who,
		strings.Join(fold(oneLine(s.text), t.width-margin), "\n"+strings.Repeat(" ", margin)))
}

// fold breaks a text between words into lines of a width. A longer word has a line of its own.
func fold(text string, width int) (lines []string) {
	for len([]rune(text)) > width {
		r := []rune(text)
		cut := strings.LastIndexByte(string(r[:width+1]), ' ')
		if cut <= 0 {
			if cut = strings.IndexByte(text, ' '); cut < 0 {
				break
			}
		}
		lines, text = append(lines, strings.TrimRight(text[:cut], " ")), strings.TrimLeft(text[cut:], " ")
	}
	return append(lines, text)
}

// oneLine keeps a message's first line: the rest is for the chat.
func oneLine(s string) string {
	first, rest, more := strings.Cut(strings.TrimSpace(s), "\n")
	if more && strings.TrimSpace(rest) != "" {
		first += " ..."
	}
	return first
}

func (t *table) end(seen, missed []string) {
	if len(missed) == 0 {
		fmt.Fprintf(t.out, "\nAll %d steps were observed.\n", len(seen))
		return
	}
	fmt.Fprintf(t.out, "\n%d steps were observed. NOT observed:\n", len(seen))
	for _, m := range missed {
		fmt.Fprintln(t.out, "  -", m)
	}
}

// try shows commands as they are typed, so that they can be copied whole.
func (t *table) try(commands ...string) {
	fmt.Fprintln(t.out, "\nTry meanwhile, in another terminal:")
	for _, c := range commands {
		fmt.Fprintln(t.out, "  "+c)
	}
}

// lines is for a program: one JSON object a moment.
type lines struct{ *json.Encoder }

func newLines(out io.Writer) lines { return lines{json.NewEncoder(out)} }

func (l lines) preface(...string) {}

func (l lines) tell(s sighting, start time.Time) {
	_ = l.Encode(map[string]any{"t_ms": s.at.Sub(start).Milliseconds(), "who": s.who, "kind": s.kind, "text": s.text})
}

func (l lines) end(seen, missed []string) {
	if missed == nil {
		missed = []string{}
	}
	_ = l.Encode(map[string]any{"ok": len(missed) == 0, "observed": seen, "missed": missed})
}

func (l lines) try(commands ...string) { _ = l.Encode(map[string]any{"try": commands}) }
