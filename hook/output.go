package hook

import (
	"fmt"
	"strings"

	"headwatch/delivery"
)

// maxPart is how much of a command's output is kept, in bytes: that much of its beginning and that much of its end.
const maxPart = 4000

// left stands for what is not shown.
const left = "\n[...]\n"

// output keeps the beginning and the end of what a command writes, however much it writes.
type output struct {
	secrets []string
	margin  int // a secret cut in two at an edge is shorter than this
	head    []byte
	tail    []byte
	cut     bool // there was more between them
}

func newOutput(secrets []string) *output {
	o := &output{secrets: secrets}
	for _, s := range secrets {
		o.margin = max(o.margin, len(s))
	}
	return o
}

// Write implements io.Writer; it never fails, so that a command is not ended by what it says.
func (o *output) Write(p []byte) (int, error) {
	keep := maxPart + o.margin
	room := min(keep-len(o.head), len(p))
	o.head = append(o.head, p[:room]...)
	rest := p[room:]
	if over := len(o.tail) + len(rest) - keep; over > 0 {
		o.cut = true
		old := min(over, len(o.tail))
		o.tail, rest = append(o.tail[:0], o.tail[old:]...), rest[over-old:]
	}
	o.tail = append(o.tail, rest...)
	return len(p), nil
}

// text is the output to show: without secrets, control characters and its middle.
func (o *output) text() string {
	if !o.cut {
		all := lines(delivery.Scrub(string(o.head)+string(o.tail), o.secrets...))
		if len(all) <= 2*maxPart {
			return all
		}
		return join(all, all)
	}
	// The edges may hold a part of a secret, which Scrub cannot know.
	head, tail := delivery.Scrub(string(o.head), o.secrets...), delivery.Scrub(string(o.tail), o.secrets...)
	return join(lines(head[:max(0, len(head)-o.margin)]), lines(tail[min(len(tail), o.margin):]))
}

// join puts the beginning of one text before the end of the other.
func join(head, tail string) string {
	head, tail = head[:min(len(head), maxPart)], tail[max(0, len(tail)-maxPart):]
	return strings.ToValidUTF8(head, "") + left + strings.ToValidUTF8(tail, "")
}

// complaint is what follows an error: the end of the output in one line, if there is any.
func (o *output) complaint() string {
	text := []rune(delivery.Clean(o.text(), 2*maxPart+len(left)))
	if len(text) == 0 {
		return ""
	}
	return fmt.Sprintf(": %s", string(text[max(0, len(text)-maxComplaint):]))
}

// lines cleans a text of several lines.
func lines(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(delivery.Clean(line, maxPart))
		b.WriteByte('\n')
	}
	return strings.TrimSpace(b.String())
}
