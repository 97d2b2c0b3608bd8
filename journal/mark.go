package journal

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"
)

// maxMark bounds a sign of life.
const maxMark = 64 << 10

// Mark is the sign of life that a process leaves beside the log, so that the next one knows when it died. The journal does not
// know what it says.
type Mark struct {
	Data []byte    // one line without its end; nil when there is none that can be read
	At   time.Time // when it was written, by the file system; zero when nothing was ever marked here
}

// mark is the file of it. It is written in place, so that it needs no space on a full disk, and is not synced: after a kill it is
// exact, after a power loss it may be some seconds older.
type mark struct {
	file *os.File
	last Mark // of the process before this one
}

func openMark(name string) (*mark, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	m := &mark{file: f}
	b, _ := io.ReadAll(io.LimitReader(f, maxMark)) // unreadable says no more than when
	if line, _, whole := bytes.Cut(b, []byte("\n")); whole {
		m.last.Data = line
	}
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		m.last.At = info.ModTime()
	}
	return m, nil
}

// LastMark gives the sign of life that the process before this one left last. There is none with an engine elsewhere: its
// servers outlive the process, and keep nothing that is rewritten.
func (j *Journal) LastMark() Mark {
	if j.claim == nil {
		return Mark{}
	}
	return j.claim.mark.last
}

// Mark leaves a sign of life: one line, which replaces the one before. With an engine elsewhere it does nothing. One goroutine
// may call it, until Close.
func (j *Journal) Mark(line []byte) error {
	if j.claim == nil {
		return nil
	}
	if len(line) >= maxMark || bytes.ContainsRune(line, '\n') {
		return fmt.Errorf("leave a sign of life: %d bytes are not one line of less than %d", len(line), maxMark)
	}
	if _, err := j.claim.mark.file.WriteAt(append(bytes.Clone(line), '\n'), 0); err != nil {
		return fmt.Errorf("leave a sign of life: %w", err)
	}
	return nil
}
