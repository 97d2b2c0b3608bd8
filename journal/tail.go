package journal

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// tail remembers the newest event that the engine acknowledged, beside the engine's own files: the engine starts with
// whatever it can still read of them, so it cannot say what is gone. The file is not synced. After a kill it is exact;
// after a power loss it may be behind, and then the check against it only proves less.
type tail struct {
	file *os.File
	mu   sync.Mutex
	seq  uint64
}

func openTail(name string) (*tail, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	b := make([]byte, 32)
	n, _ := f.Read(b)
	seq, _ := strconv.ParseUint(strings.TrimSpace(string(b[:n])), 10, 64) // unreadable proves nothing: 0
	return &tail{file: f, seq: seq}, nil
}

func (t *tail) last() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seq
}

// advance writes in place, so that it needs no space on a full disk. An error leaves an older mark, which is true, too.
func (t *tail) advance(seq uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seq > t.seq {
		t.seq = seq
		_, _ = t.file.WriteAt(fmt.Appendf(nil, "%020d\n", seq), 0)
	}
}
