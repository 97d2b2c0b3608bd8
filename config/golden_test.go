package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func noEnv(string) (string, bool) { return "", false }

func TestEveryFaultOfAFileIsReportedAtOnce(t *testing.T) {
	data, err := os.ReadFile("testdata/faults.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("faults.toml", data, noEnv)
	if bad := new(Error); !errors.As(err, &bad) {
		t.Fatalf("got %v, want faults", err)
	}
	golden(t, "faults.golden", err.Error()+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wants, gots := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wants), len(gots)) {
		w, g := "", ""
		if i < len(wants) {
			w = wants[i]
		}
		if i < len(gots) {
			g = gots[i]
		}
		if w != g {
			t.Errorf("line %d\n got %s\nwant %s", i+1, g, w)
		}
	}
}
