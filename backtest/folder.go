package backtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"headwatch"
	"headwatch/config"
)

// Folder is a folder of recordings with what is expected of them, from its backtest.toml.
type Folder struct {
	Dir    string      `toml:"-"`
	Config string      `toml:"config"` // what to judge with, relative to the folder
	Traces []Recording `toml:"trace"`
}

// Recording is one trace in a folder. What is not expected must not happen, as in a Scenario.
type Recording struct {
	File   string        `toml:"file"`
	Title  string        `toml:"title"`
	Expect []Expectation `toml:"expect"`
}

const folderFile = "backtest.toml"

// ReadFolder reads a folder's backtest.toml. Every trace in the folder must be in it, and the other way round.
func ReadFolder(dir string) (*Folder, error) {
	data, err := os.ReadFile(filepath.Join(dir, folderFile))
	if err != nil {
		return nil, fmt.Errorf("read the folder: %w", err)
	}
	f := &Folder{Dir: dir}
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, folderFile), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder: %w", err)
	}
	var there []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".jsonl.gz") {
			there = append(there, name)
			if !slices.ContainsFunc(f.Traces, func(r Recording) bool { return r.File == name }) {
				return nil, fmt.Errorf("%s does not say what to expect of %s", filepath.Join(dir, folderFile), name)
			}
		}
	}
	for _, r := range f.Traces {
		if !slices.Contains(there, r.File) {
			return nil, fmt.Errorf("%s names %s, which is not there", filepath.Join(dir, folderFile), r.File)
		}
	}
	return f, nil
}

// ConfigPath is where the configuration is that the folder is judged with.
func (f *Folder) ConfigPath() string { return filepath.Join(f.Dir, filepath.FromSlash(f.Config)) }

// Play puts one recording through the line and gives how many answers it held and when the last of them was complete.
type Play func(path string, decided func(headwatch.Transition)) (observations int, end time.Time, err error)

// Run plays every recording and scores it with the configuration's circuits.
func (f *Folder) Run(cfg *config.Config, play Play) Card {
	card := Card{}
	for _, r := range f.Traces {
		decided := make(map[string]history)
		n, end, err := play(filepath.Join(f.Dir, r.File), func(t headwatch.Transition) {
			decided[t.Circuit] = append(decided[t.Circuit], t)
		})
		result := Result{Name: r.File, Title: r.Title, Sourced: "a recording", Observations: n}
		if err != nil {
			result.Wrong = append(result.Wrong, err.Error())
		}
		for _, c := range cfg.Circuits {
			result.Verdicts = append(result.Verdicts, decided[c.Name].judge(c, c.Name, r.Expect, end)...)
		}
		for _, e := range r.Expect {
			if cfg.Circuit(e.Circuit) == nil {
				result.Wrong = append(result.Wrong, fmt.Sprintf("circuit %q is not in the configuration", e.Circuit))
			}
		}
		card.Scenarios = append(card.Scenarios, result)
	}
	return card
}
