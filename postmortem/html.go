package postmortem

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
)

//go:embed report.html.tmpl
var sheet string

var html = template.Must(template.New("report").Funcs(template.FuncMap{"line": line}).Parse(sheet))

// HTML writes the draft as one page that needs nothing else: no script, no font, no address. It prints well.
func (d *Draft) HTML(w io.Writer) error {
	if err := html.Execute(w, d.page()); err != nil {
		return fmt.Errorf("write the page of %s: %w", d.Incident, err)
	}
	return nil
}

// JSON writes the draft as a document.
func (d *Draft) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

// Format is one way to write a draft.
type Format struct {
	Name        string
	ContentType string
	Write       func(*Draft, io.Writer) error
}

// Formats lists all of them.
func Formats() []Format {
	return []Format{
		{"md", "text/markdown; charset=utf-8", (*Draft).Markdown},
		{"json", "application/json", (*Draft).JSON},
		{"html", "text/html; charset=utf-8", (*Draft).HTML},
	}
}
