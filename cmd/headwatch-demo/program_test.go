package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// build makes the program, with the race detector when this test has it.
func build(t *testing.T, dir string) string {
	t.Helper()
	const name = "headwatch/cmd/headwatch"
	program := filepath.Join(dir, "headwatch")
	args := []string{"build", "-o", program, name}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = slices.Insert(args, 1, "-race")
	}
	goTool(t, args...)
	// The result of a test is reused while all files that it looked at are the same. The compiler looked in another process.
	for _, dir := range strings.Fields(goTool(t, "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.Dir}}{{end}}{{end}}", name)) {
		if _, err := os.ReadDir(dir); err != nil {
			t.Fatal(err)
		}
	}
	return program
}

func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &errs)
	}
	return string(out)
}

// quietPorts gives ports below those that the system hands out to connections: one of these might be taken by somebody
// else's connection while its owner is dead.
func quietPorts(t *testing.T, n int) (all []string) {
	t.Helper()
	for port := 20000 + os.Getpid()%8000; len(all) < n && port < 32000; port++ {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		defer l.Close()
		all = append(all, l.Addr().String())
	}
	if len(all) < n {
		t.Fatal("too few free ports")
	}
	return all
}
