package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts are what a person types and what comes back, with the real program.
func TestCommandLine(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "headwatch"), ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			e.Setenv("LISTEN", freePort(t))
			e.Setenv("ROOT", filepath.Join(here, "..", ".."))
			e.Setenv("TRACES", filepath.Join(here, "testdata", "traces"))
			e.Setenv("TRACECONFIG", filepath.Join(here, "testdata", "traces.toml"))
			return nil
		},
	})
}
