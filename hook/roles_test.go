package hook

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"
)

// The test binary is also the command: what it does is the variable ROLE.
func TestMain(m *testing.M) {
	role, isCommand := roles[os.Getenv("ROLE")]
	if !isCommand {
		os.Exit(m.Run())
	}
	os.Exit(role())
}

var roles = map[string]func() int{
	// report repeats environment, arguments and input.
	"report": func() int {
		in, err := io.ReadAll(os.Stdin)
		if err != nil {
			return 1
		}
		for _, v := range slices.Sorted(slices.Values(os.Environ())) {
			fmt.Println(v)
		}
		fmt.Println(os.Args[1:])
		fmt.Println(string(in))
		return 0
	},
	"fail": func() int {
		fmt.Println("on standard output")
		fmt.Fprintln(os.Stderr, "bad key", os.Getenv("API_KEY"))
		return 3
	},
	// sleep reports to the test and waits for the end that a signal brings.
	"sleep": func() int { return sleepUntilKilled(false) },
	// stubborn does the same and ignores the first signal.
	"stubborn": func() int { return sleepUntilKilled(true) },
	// tidy uses the grace that it has after the first signal.
	"tidy": func() int {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		awaitParent()
		<-stop
		fmt.Println("nonce given back")
		return 0
	},
	// family starts a stubborn child and sleeps beside it.
	"family": func() int {
		startChild()
		return sleepUntilKilled(false)
	},
	// orphan starts a stubborn child, which holds its output open, and leaves.
	"orphan": func() int {
		startChild()
		awaitParent()
		fmt.Println("done")
		return 0
	},
}

func startChild() {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "ROLE=stubborn")
	child.Stdout = os.Stdout
	if err := child.Start(); err != nil {
		panic(err)
	}
}

// sleepUntilKilled keeps a connection to the test open for as long as the process lives.
func sleepUntilKilled(ignore bool) int {
	if ignore {
		signal.Ignore(syscall.SIGTERM)
	}
	awaitParent()
	select {}
}

// awaitParent connects to the test and waits for its word.
func awaitParent() {
	conn, err := net.Dial("tcp", os.Getenv("TEST_ADDR"))
	if err != nil {
		panic(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		panic(err)
	}
	kept = conn
}

var kept net.Conn

// family waits until count processes have connected and gives their connections.
func family(t *testing.T, ln net.Listener, count int) []net.Conn {
	t.Helper()
	var members []net.Conn
	for range count {
		conn, err := ln.Accept()
		if err != nil {
			t.Error(err)
			return nil
		}
		members = append(members, conn)
	}
	for _, conn := range members {
		_, _ = conn.Write([]byte("."))
	}
	return members
}

// wantDead fails the test unless the process at the other end is gone, or goes within a time that none survives by chance.
func wantDead(t *testing.T, members []net.Conn) {
	t.Helper()
	for _, conn := range members {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a process of the group is still alive")
		}
		conn.Close()
	}
}
