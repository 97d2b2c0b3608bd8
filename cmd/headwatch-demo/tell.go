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
	who  string // chain, headwatch, hook, chat, pager, demo
	kind string
	key  string // dedup key, or the circuit's state
	text string
}

// teller shows the story as it happens.
type teller interface {
	preface(lines ...string)
	tell(s sighting, start time.Time)
	end(seen, missed []string)
}

// table is for a person.
type table struct {
	out    io.Writer
	colour bool
}

func newTable(out io.Writer) *table {
	f, ok := out.(*os.File)
	return &table{out, ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == ""}
}

func (t *table) preface(lines ...string) {
	for _, l := range lines {
		fmt.Fprintln(t.out, l)
	}
	fmt.Fprintf(t.out, "\n%8s  %-10s %s\n%8s  %-10s %s\n", "second", "who", "what", "------", "---", "----")
}

// colours of the terminal, by who speaks.
var colours = map[string]string{"chain": "36", "headwatch": "1", "hook": "35", "pager": "31", "chat": "33", "demo": "2"}

func (t *table) tell(s sighting, start time.Time) {
	who := fmt.Sprintf("%-10s", s.who)
	if t.colour {
		who = "\x1b[" + colours[s.who] + "m" + who + "\x1b[0m"
	}
	fmt.Fprintf(t.out, "%+8.2f  %s %s\n", s.at.Sub(start).Seconds(), who, oneLine(s.text))
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
