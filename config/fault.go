package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in a configuration file. Its texts are safe to show: no secret and no part of one.
type Fault struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // of the offending key, or of its table's header when the key is missing; from 1
	Column  int    `json:"column"` // in bytes, from 1
	Key     string `json:"key"`    // path of the key, such as circuit[0].trip_after
	Problem string `json:"problem"`
	Hint    string `json:"hint,omitempty"` // what to do about it; empty when the problem says it
}

func (f Fault) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Problem)
	if f.Hint != "" {
		s += "; " + f.Hint
	}
	return s
}

// Error is everything that is wrong in a configuration file, in the file's order and each thing once.
type Error struct{ Faults []Fault }

// Error gives one line a fault.
func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

func newError(faults []Fault) *Error {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Error{faults}
}
