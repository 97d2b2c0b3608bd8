package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch/config"
)

func TestAMarkIsWhatTheProcessBeforeLeftLast(t *testing.T) {
	dir := t.TempDir()
	open := func() *Journal {
		t.Helper()
		j, err := Open(t.Context(), config.Journal{Dir: dir}, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	j := open()
	if m := j.LastMark(); m.Data != nil || !m.At.IsZero() {
		t.Errorf("a new journal has the mark %+v", m)
	}
	for _, line := range []string{"the first, which is longer", "the second"} {
		if err := j.Mark([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Mark([]byte("two\nlines")); err == nil {
		t.Error("two lines were taken")
	}
	if err := j.Mark(make([]byte, maxMark)); err == nil {
		t.Error("a line was taken that would be cut")
	}
	if m := j.LastMark(); m.Data != nil {
		t.Errorf("the process's own mark is not the one before: %q", m.Data)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	j = open()
	if m := j.LastMark(); string(m.Data) != "the second" || time.Since(m.At) > time.Minute {
		t.Errorf("got %q of %s", m.Data, m.At)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	// What a power loss left of it says when it was written, and nothing else.
	then := time.Now().Add(-time.Hour).Truncate(time.Second)
	name := filepath.Join(dir, markFile)
	if err := os.WriteFile(name, []byte("no end of li"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, then, then); err != nil {
		t.Fatal(err)
	}
	j = open()
	if m := j.LastMark(); m.Data != nil || !m.At.Equal(then) {
		t.Errorf("got %q of %s, want nothing of %s", m.Data, m.At, then)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}
