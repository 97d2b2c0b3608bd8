package postmortem

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// maxCell bounds one text of a page, in runes.
const maxCell = 2000

// Markdown writes the draft as GitHub-flavoured Markdown. Nothing in it that came from outside is markup, a link or a mention.
func (d *Draft) Markdown(w io.Writer) error {
	var b strings.Builder
	p := d.page()
	fmt.Fprintf(&b, "# %s\n\n%s\n", escape(p.Title), escape(p.Lead))
	for _, s := range p.Sections {
		mark := "##"
		if s.Deep {
			mark = "###"
		}
		fmt.Fprintf(&b, "\n%s %s\n", mark, escape(s.Title))
		if s.Text != "" {
			fmt.Fprintf(&b, "\n%s\n", escape(s.Text))
		}
		if len(s.Facts) > 0 {
			b.WriteString("\n| | |\n|---|---|\n")
		}
		for _, f := range s.Facts {
			fmt.Fprintf(&b, "| **%s** | %s |\n", escape(f[0]), escape(f[1]))
		}
		if len(s.Rows) > 0 {
			b.WriteByte('\n')
			row(&b, s.Head)
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(s.Head)))
		}
		for _, cells := range s.Rows {
			row(&b, cells)
		}
		for _, q := range s.Bullets {
			fmt.Fprintf(&b, "\n**%s**\n\n- \n", escape(q))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func row(b *strings.Builder, cells []string) {
	b.WriteByte('|')
	for _, c := range cells {
		fmt.Fprintf(b, " %s |", escape(c))
	}
	b.WriteByte('\n')
}

// markup is what begins markup within a line, of CommonMark and of GitHub: emphasis, code, links, HTML, cells, headings behind a
// quote, mentions, references to issues, and addresses that become links by themselves.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`, "~", `\~`, "#", `\#`,
	"&", "&amp;", "@", "&#64;", "$", `\$`, "!", `\!`, "://", "&#58;//", "www.", "www&#46;", "WWW.", "WWW&#46;",
)

// escape makes a text one line that a reader of Markdown shows as it is.
func escape(s string) string { return markup.Replace(line(s)) }

// line cleans a text: one line, printable, bounded. What turns the direction of writing is not printable.
func line(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, s)), " ")
	if r := []rune(s); len(r) > maxCell {
		return string(r[:maxCell]) + "..."
	}
	return s
}
