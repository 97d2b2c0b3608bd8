package explain

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	columns = 100 // of a terminal that nobody made wide
	indent  = 10  // of what a label says
)

// label is shown on the first line of a list only.
func label(name string, i int) string {
	if i > 0 {
		return ""
	}
	return name
}

// page is a text of lines with labels, none wider than columns unless a single word is.
type page struct {
	strings.Builder
	at time.Time // against which spans are taken
}

// line adds a labelled text; an empty one is left out.
func (p *page) line(label, format string, args ...any) {
	if text := fmt.Sprintf(format, args...); text != "" {
		p.wrap(label, text, indent)
	}
}

// wrap breaks a text between its words. Spaces that begin a text stay.
func (p *page) wrap(label, text string, margin int) {
	for text != "" {
		line := text
		if utf8.RuneCountInString(text) > columns-margin {
			line = string([]rune(text)[:columns-margin+1])
			begin := len(line) - len(strings.TrimLeft(line, " "))
			if cut := strings.LastIndexByte(line[begin:], ' '); cut > 0 {
				line = line[:begin+cut]
			} else if end := strings.IndexByte(text[begin:], ' '); end > 0 {
				line = text[:begin+end]
			} else {
				line = text
			}
		}
		fmt.Fprintf(p, "%-*s%s\n", margin, label, strings.TrimRight(line, " "))
		text, label = strings.TrimLeft(text[len(line):], " "), ""
	}
}

func (p *page) row(label, text string) { fmt.Fprintf(p, "%-*s%s\n", indent, label, text) }

// clock writes an instant: the time alone on the day of the verdict.
func (p *page) clock(t time.Time) string {
	if t.UTC().Format(time.DateOnly) == p.at.UTC().Format(time.DateOnly) {
		return t.UTC().Format("15:04:05Z")
	}
	return Stamp(t)
}
