package backtest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestAFolderAndItsFileMustAgree(t *testing.T) {
	for name, test := range map[string]struct {
		files []string
		toml  string
		err   string
	}{
		"in order":       {[]string{"a.jsonl", "b.jsonl.gz", "README.md"}, "config = \"c.toml\"\n[[trace]]\nfile = \"a.jsonl\"\n[[trace]]\nfile = \"b.jsonl.gz\"\n", ""},
		"no file":        {nil, "", "backtest.toml"},
		"not expected":   {[]string{"a.jsonl"}, "config = \"c.toml\"\n", "does not say what to expect of a.jsonl"},
		"not there":      {nil, "[[trace]]\nfile = \"a.jsonl\"\n", "names a.jsonl, which is not there"},
		"a slip in it":   {nil, "cfg = \"c.toml\"\n", "strict mode"},
		"of other files": {[]string{"a.json"}, "config = \"c.toml\"\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range test.files {
				if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if test.toml != "" {
				if err := os.WriteFile(filepath.Join(dir, folderFile), []byte(test.toml), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := ReadFolder(dir)
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %v, want %q", err, test.err)
			}
		})
	}
}

func TestAFolderIsScoredTraceByTrace(t *testing.T) {
	cfg := &config.Config{Circuits: []config.Circuit{{
		Name: "c", WarnAfter: config.Duration(time.Minute), PageAfter: config.Duration(time.Minute), TripAfter: config.Duration(time.Minute),
	}}}
	f := &Folder{Dir: "d", Traces: []Recording{
		{File: "trips", Expect: []Expectation{{Circuit: "c", Began: start, Reach: headwatch.LevelTrip}}},
		{File: "quiet"},
		{File: "broken", Expect: []Expectation{{Circuit: "d"}}},
	}}
	card := f.Run(cfg, func(path string, decided func(headwatch.Transition)) (int, time.Time, error) {
		switch path {
		case "d/trips", "d/quiet":
			decided(headwatch.Transition{Circuit: "c", From: headwatch.Closed, To: headwatch.Open, At: start.Add(time.Minute), Level: headwatch.LevelTrip})
			return 3, start.Add(time.Hour), nil
		default:
			return 0, start, errors.New("cannot be read")
		}
	})
	if got := card.Totals(); got.Failed != 2 || got.False != 1 || got.Observations != 6 {
		t.Errorf("got %+v", got)
	}
	if got := strings.Join(card.Scenarios[2].wrongs(), "; "); got != `cannot be read; circuit "d" is not in the configuration` {
		t.Errorf("got %s", got)
	}
}
