package main

import (
	"net"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// manager is a service manager that listens as systemd does.
func manager(t *testing.T) (heard func() []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return func() (all []string) {
		b := make([]byte, 4096)
		for {
			_ = socket.SetReadDeadline(time.Now().Add(20 * time.Millisecond)) // a datagram on this machine is there when it was sent
			n, err := socket.Read(b)
			if err != nil {
				return all
			}
			all = append(all, string(b[:n]))
		}
	}
}

func TestTheServiceManagerIsToldAsLongAsTheLoopsLive(t *testing.T) {
	heard := manager(t)
	t.Setenv("WATCHDOG_USEC", "20000000")
	s := newService()
	start := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	sentence := "watching 1 chains"
	for _, c := range []struct {
		second       int
		ready, alive bool
		sentence     string
		want         []string
	}{
		{0, false, true, "starting", []string{"WATCHDOG=1", "STATUS=starting"}},
		{1, true, true, "watching", []string{"READY=1"}},
		{2, true, true, "watching", nil},
		{5, true, true, "watching", []string{"STATUS=watching"}},
		{8, true, true, "watching", nil},
		{9, true, true, "watching", []string{"WATCHDOG=1"}},
		{17, true, true, "watching", nil},
		{18, true, false, "stuck", nil},
		{40, true, false, "stuck", []string{"STATUS=stuck"}},
		{41, true, true, "stuck", []string{"WATCHDOG=1"}},
	} {
		sentence = c.sentence
		s.tell(start.Add(time.Duration(c.second)*time.Second), c.ready, c.alive, func() string { return sentence })
		if got := heard(); !slices.Equal(got, c.want) {
			t.Errorf("second %d: heard %q, want %q", c.second, got, c.want)
		}
	}
	s.stopping()
	if got := heard(); !slices.Equal(got, []string{"STOPPING=1"}) {
		t.Errorf("at the end: %q", got)
	}
}

func TestAManagerThatDoesNotWatchHearsNoKeepAlive(t *testing.T) {
	for _, usec := range []string{"", "nonsense", "-1"} {
		heard := manager(t)
		t.Setenv("WATCHDOG_USEC", usec)
		newService().tell(time.Now(), true, true, func() string { return "" })
		if got := heard(); !slices.Equal(got, []string{"READY=1"}) {
			t.Errorf("WATCHDOG_USEC=%q: heard %q", usec, got)
		}
	}
}
