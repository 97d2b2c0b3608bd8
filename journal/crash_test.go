package journal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"headwatch/config"
)

// child is set in a process that a test has started of itself; its value is the journal's directory.
const child = "HEADWATCH_TEST_JOURNAL"

// spawn runs the same test in a process of its own.
func spawn(t *testing.T, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	c.Env = append(os.Environ(), child+"="+dir)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	do(t, err)
	do(t, c.Start())
	return c, bufio.NewScanner(out)
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	if dir := os.Getenv(child); dir != "" {
		appendForever(t, dir)
	}
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for round := range 20 {
		c, lines := spawn(t, dir)
		for seen := 0; lines.Scan(); seen++ {
			acknowledged[lines.Text()] = true
			if seen == 3*round {
				do(t, c.Process.Kill())
			}
		}
		if err := c.Wait(); err == nil {
			t.Fatal("the process ended by itself")
		}
	}
	j := open(t, config.Journal{Dir: dir})
	var last uint64
	for e, err := range j.Read(t.Context(), 0, false) {
		do(t, err)
		switch {
		case e.Transition != nil:
			last++
			if e.Transition.Seq != last {
				t.Errorf("transition %d follows %d", e.Transition.Seq, last-1)
			}
			delete(acknowledged, fmt.Sprintf("transition %d", last))
		case e.Notice != nil:
			delete(acknowledged, fmt.Sprintf("notice %d", e.Notice.Step))
		}
	}
	if len(acknowledged) > 0 || last < 20 {
		t.Errorf("of %d decisions lost %v", last, acknowledged)
	}
}

// appendForever says what was acknowledged, until it is killed.
func appendForever(t *testing.T, dir string) {
	j, err := Open(t.Context(), config.Journal{Dir: dir}, zap.NewNop())
	do(t, err)
	last, err := j.Last(t.Context())
	do(t, err)
	for n := last["lending"].Seq + 1; ; n++ {
		do(t, j.Decide(t.Context(), step("lending", n)))
		fmt.Printf("transition %d\n", n)
		do(t, j.Tell(t.Context(), note("i", n, "on-call")))
		fmt.Printf("notice %d\n", n)
	}
}

func TestANoticeUnderWayComesAgainAfterAKill(t *testing.T) {
	if dir := os.Getenv(child); dir != "" {
		j, err := Open(t.Context(), config.Journal{Dir: dir}, zap.NewNop())
		do(t, err)
		do(t, j.Tell(t.Context(), note("i", 1, "on-call"), note("i", 2, "on-call"), note("i", 3, "on-call")))
		_ = j.Notices(t.Context(), "on-call", func(p Pending) {
			if p.Notice().Step == 1 {
				do(t, p.Done(t.Context(), ended(p.Notice())))
			}
			fmt.Println(p.Notice().Step)
		})
	}
	dir := t.TempDir()
	c, lines := spawn(t, dir)
	for lines.Scan() && lines.Text() != "3" {
	}
	do(t, c.Process.Kill())
	_ = c.Wait()

	began := time.Now()
	j := open(t, config.Journal{Dir: dir})
	do(t, j.Tell(t.Context(), note("i", 4, "on-call")))
	got, stop := hand(t, j, "on-call")
	defer stop()
	for _, want := range []uint64{2, 3, 4} {
		if p := next(t, got); p.Notice().Step != want {
			t.Errorf("got step %d, want %d", p.Notice().Step, want)
		}
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestAFullDiskIsReportedInTimeAndOvercome(t *testing.T) {
	if dir := os.Getenv(child); dir != "" {
		fillDisk(t, dir)
		return
	}
	c, lines := spawn(t, t.TempDir())
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, strings.Join(said, "\n"))
	}
}

// fillDisk makes every write beyond some bytes of a file fail, as a full disk does, and then gives the space back.
func fillDisk(t *testing.T, dir string) {
	signal.Ignore(unix.SIGXFSZ)
	j, logs := openLogged(t, config.Journal{Dir: dir})
	do(t, j.Decide(t.Context(), step("lending", 1)))
	got, stop := hand(t, j, "on-call")
	defer stop()
	do(t, j.Tell(t.Context(), note("i", 1, "on-call")))
	first := next(t, got)

	blocks, err := blockFiles(dir)
	do(t, err)
	block, err := os.Stat(blocks[0].name)
	do(t, err)
	var free unix.Rlimit
	do(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &free))
	full := free
	full.Cur = uint64(block.Size() + 100) // the next append is cut short
	do(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &full))
	for range 3 { // the engine is started again after each, and fails again
		began := time.Now()
		if err := j.Decide(t.Context(), step("lending", 2)); err == nil {
			t.Fatal("decided on a full disk")
		}
		if took := time.Since(began); took > appendTimeout+time.Second {
			t.Errorf("Decide took %s", took)
		}
		if j.Err() == nil {
			t.Error("Err is nil although the append failed")
		}
	}
	if err := j.Tell(t.Context(), note("i", 2, "on-call")); err == nil {
		t.Error("told on a full disk")
	}
	if err := first.Done(t.Context(), ended(first.Notice())); err == nil {
		t.Error("recorded on a full disk")
	}

	do(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &free))
	for deadline := time.Now().Add(10 * time.Second); ; {
		err := j.Decide(t.Context(), step("lending", 2))
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not overcome: %v; log: %v", err, logs.All())
		}
	}
	do(t, j.Err())
	do(t, first.Done(t.Context(), ended(first.Notice())))
	do(t, j.Tell(t.Context(), note("i", 2, "on-call")))
	if p := next(t, got); p.Notice().Step != 2 { // the reader outlived the engine
		t.Errorf("got %+v", p.Notice())
	}
	last, err := j.Last(t.Context())
	do(t, err)
	if last["lending"].Seq != 2 {
		t.Errorf("last %+v", last)
	}
	if logs.FilterMessage("the journal is down").Len() == 0 || logs.FilterMessage("the journal is back").Len() == 0 {
		t.Errorf("log: %v", logs.All())
	}
}

func TestADirectoryThatIsTakenAwayIsReportedAndComesBack(t *testing.T) {
	dir := t.TempDir()
	j := open(t, config.Journal{Dir: dir})
	do(t, j.Decide(t.Context(), step("lending", 1)))
	do(t, os.Rename(dir, dir+".away")) // the open files can still be written, and nobody will ever find them
	j.alarm()
	waitFor(t, func() bool { return j.Err() != nil })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := j.Decide(ctx, step("lending", 2)); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v", err)
	}
	do(t, os.Rename(dir+".away", dir))
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	do(t, j.Decide(ctx, step("lending", 2)))
	do(t, j.Err())
}
