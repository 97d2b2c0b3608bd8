package journal

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

// refused opens a directory that must be refused with these words and be the same after it.
func refused(t *testing.T, dir string, words ...string) {
	t.Helper()
	before := contents(t, dir)
	j, err := Open(t.Context(), config.Journal{Dir: dir}, zap.NewNop())
	if err == nil {
		shut(t, j)
		t.Fatal("opened")
	}
	for _, w := range append(words, dir) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q: %v", w, err)
		}
	}
	after := contents(t, dir)
	for name, was := range before {
		if now, there := after[name]; !there || now != was {
			t.Errorf("%s was changed", name)
		}
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	do(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		// Our own notes may be renewed; the engine's index is derived from the blocks.
		if err != nil || d.IsDir() || d.Name() == lockFile || d.Name() == tailFile {
			return err
		}
		b, err := os.ReadFile(path)
		m[path] = string(b)
		return err
	}))
	return m
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	j := open(t, config.Journal{Dir: dir})
	do(t, j.Decide(t.Context(), step("lending", 1)))
	refused(t, dir, "process "+strconv.Itoa(os.Getpid())+" has it open")
	do(t, j.Decide(t.Context(), step("lending", 2)))
	shut(t, j)
	shut(t, open(t, config.Journal{Dir: dir}))
}

func TestAForeignDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	do(t, os.WriteFile(filepath.Join(dir, "photo.jpg"), []byte("x"), 0o600))
	refused(t, dir, "not a journal", "photo.jpg")
	if _, err := os.Stat(filepath.Join(dir, lockFile)); err == nil {
		t.Error("a file was made in a foreign directory")
	}
}

func TestAnotherFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	do(t, os.WriteFile(filepath.Join(dir, formatFile), []byte("headwatch journal, format 2\n"), 0o600))
	refused(t, dir, "format 2")
}

func TestAFileInPlaceOfTheDirectoryIsRefused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "data")
	do(t, os.WriteFile(name, nil, 0o600))
	if _, err := Open(t.Context(), config.Journal{Dir: name}, zap.NewNop()); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("error %v", err)
	}
}

func TestTheDirectoryIsMadeForItsOwnerAlone(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "a", "b")} {
		shut(t, open(t, config.Journal{Dir: dir}))
		info, err := os.Stat(dir)
		do(t, err)
		if info.Mode().Perm() != 0o700 {
			t.Errorf("mode %s", info.Mode())
		}
	}
}

func TestAFirstStartThatWasCutShortIsNoObstacle(t *testing.T) {
	dir := t.TempDir()
	c, err := claimDir(dir) // and then the process died
	do(t, err)
	do(t, c.release())
	j := open(t, config.Journal{Dir: dir})
	do(t, j.Decide(t.Context(), step("lending", 1)))
}

func TestAnExternalServerIsNamedWithoutItsSecrets(t *testing.T) {
	for _, url := range []string{"nats://watchdog:hunter2@127.0.0.1:1", "nats://watchdog:hunter2@127.0.0.1:1\x7f", "hunter2"} {
		_, err := Open(t.Context(), config.Journal{URL: config.NewSecret(url)}, zap.NewNop())
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v", err)
		}
	}
}

func TestAStreamThatIsNoJournalIsRefused(t *testing.T) {
	c := external(t)
	e, err := dial(c.URL, func() {})
	do(t, err)
	defer e.conn.Close()
	do(t, e.open(t.Context(), false))
	loose := streamConfig(false)
	loose.MaxMsgsPerSubject = 2
	_, err = e.js.UpdateStream(t.Context(), loose)
	do(t, err)
	if _, err := Open(t.Context(), c, zap.NewNop()); err == nil || !strings.Contains(err.Error(), "not a journal") {
		t.Errorf("error %v", err)
	}
}

// A kill at any instant of a start leaves nothing that keeps the next one from starting.
func TestWhatAKilledStartLeavesBehindDoesNotMatter(t *testing.T) {
	dir := t.TempDir()
	do(t, os.WriteFile(filepath.Join(dir, formatFile+unfinished), []byte("headw"), 0o600))
	for range 2 {
		j, err := Open(t.Context(), config.Journal{Dir: dir}, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Err(); err != nil {
			t.Error(err)
		}
		do(t, j.Close())
		do(t, os.WriteFile(filepath.Join(dir, "jetstream", "_test_123"), nil, 0o600))
	}
}

func TestLookMakesNoJournalAndDropsNothing(t *testing.T) {
	dir := t.TempDir()
	for _, where := range []string{dir, filepath.Join(dir, "missing")} {
		if j, err := Look(t.Context(), config.Journal{Dir: where}, zap.NewNop()); err == nil {
			do(t, j.Close())
			t.Fatalf("%s was opened", where)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v %v", left, err)
	}

	j, err := Open(t.Context(), config.Journal{Dir: dir}, zap.NewNop())
	do(t, err)
	if _, err := Look(t.Context(), config.Journal{Dir: dir}, zap.NewNop()); err == nil || !strings.Contains(err.Error(), "has it open") {
		t.Errorf("a journal in use: %v", err)
	}
	do(t, j.Act(t.Context(), headwatch.Action{Kind: headwatch.ActionAck, Circuit: "lending", Actor: "ada"}))
	do(t, j.Close())

	j, err = Look(t.Context(), config.Journal{Dir: dir}, zap.NewNop())
	do(t, err)
	defer func() { do(t, j.Close()) }()
	found := 0
	for e, err := range j.Read(t.Context(), 0, false) {
		do(t, err)
		if e.Action != nil && e.Action.Actor == "ada" {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d of 1 events found", found)
	}
}
