package config

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxFile bounds a configuration file. The longest sensible one is a few hundred lines.
const maxFile = 1 << 20

// document is one file while it is read: what it says, where it says it, and what is wrong with it.
type document struct {
	name    string
	getenv  func(string) (string, bool)
	tree    map[string]any
	offsets map[path]int
	lines   []int           // offset at which each line begins
	titles  map[path]string // what messages call a table: circuit "base-lending"
	literal map[path]bool   // secrets that stand in the file itself
	faulty  map[path]bool
	faults  []Fault
}

// newDocument reads the syntax. A file that is not TOML gives a document with that one fault and nothing in it.
func newDocument(name string, data []byte, getenv func(string) (string, bool)) *document {
	d := &document{
		name:    name,
		getenv:  getenv,
		lines:   []int{0},
		titles:  map[path]string{},
		literal: map[path]bool{},
		faulty:  map[path]bool{},
	}
	if len(data) > maxFile {
		d.fault("", "the file is larger than 1 MiB", "")
		return d
	}
	for i, b := range data {
		if b == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	if err := toml.Unmarshal(data, &d.tree); err != nil {
		d.syntax(err)
		return d
	}
	d.offsets = offsetsOf(data)
	return d
}

func (d *document) syntax(err error) {
	f := Fault{File: d.name, Line: 1, Column: 1}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		f.Line, f.Column = at.Position()
		f.Key = strings.Join(at.Key(), ".")
	}
	// What strconv quotes may be a secret that somebody forgot to quote.
	f.Problem, _, _ = strings.Cut(strings.TrimPrefix(err.Error(), "toml: "), ": strconv.")
	d.faults = append(d.faults, f)
}

// fault notes that the value at a path is wrong, or missing. Only the first fault of a path is kept: the others would
// be its consequences.
func (d *document) fault(at path, problem, hint string) {
	if d.faulty[at] {
		return
	}
	d.faulty[at] = true
	if title := d.title(at); title != "" {
		problem = title + ": " + problem
	}
	line, column := d.position(at)
	d.faults = append(d.faults, Fault{d.name, line, column, string(at), problem, hint})
}

// has reports whether the file itself says anything at a path.
func (d *document) has(at path) bool {
	_, ok := d.offsets[at]
	return ok
}

// position gives line and column of a path, or of the nearest table around it that is in the file.
func (d *document) position(at path) (line, column int) {
	for at != "" && !d.has(at) {
		at = at.parent()
	}
	offset := d.offsets[at]
	line = sort.SearchInts(d.lines, offset+1)
	return line, offset - d.lines[line-1] + 1
}

// title gives the name of the table around a path.
func (d *document) title(at path) string {
	for at != "" && d.titles[at] == "" {
		at = at.parent()
	}
	return d.titles[at]
}

// entitle makes the title of a table out of its kind and name, after that of the table around it.
func (d *document) entitle(at path, values map[string]any) {
	if at == "" {
		return
	}
	title := at.last()
	for _, key := range []string{"name", "preset"} {
		if name, ok := values[key].(string); ok && name != "" {
			title += fmt.Sprintf(" %q", name)
			break
		}
	}
	if n := at.number(); n > 0 && title == at.last() {
		title += fmt.Sprintf(" %d", n)
	}
	d.titles[at] = strings.TrimSpace(d.title(at) + " " + title)
}

func (d *document) err() error {
	if len(d.faults) == 0 {
		return nil
	}
	return newError(d.faults)
}
