package evm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// mortal is the journal of a process that dies at one of its writes: before it is done, or after, when nobody hears of it.
type mortal struct {
	*book
	mu    sync.Mutex
	left  int // writes until it dies
	after bool
	die   context.CancelFunc
}

var errDead = errors.New("the process is dead")

func (m *mortal) write(do func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left--
	if m.left > 0 {
		return do()
	}
	m.die()
	if m.left == 0 && m.after {
		_ = do()
	}
	return errDead
}

func (m *mortal) Keep(ctx context.Context, incident, hook, slot string, data []byte) (kept []byte, err error) {
	err = m.write(func() error {
		kept, err = m.book.Keep(ctx, incident, hook, slot, data)
		return err
	})
	return kept, err
}

func (m *mortal) Report(ctx context.Context, r headwatch.Report) error {
	return m.write(func() error { return m.book.Report(ctx, r) })
}

// The process dies at each of its writes to the journal; the next one goes on. There is one pause, and one nonce a leg.
func TestACrashAtAnyWriteLeadsToOnePause(t *testing.T) {
	t.Parallel()
	for writes := 1; writes <= 8; writes++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d %t", writes, after), func(t *testing.T) {
				t.Parallel()
				s, c := overL1(t, config.ViaBoth)
				s.StopL2()
				m := &mortal{book: s.book, left: writes, after: after}
				ctx, cancel := context.WithCancel(t.Context())
				m.die = cancel
				d := s.log()
				d.Journal = m
				h, err := New(*c, d)
				if err != nil {
					t.Fatal(err)
				}
				resume := sync.OnceFunc(func() { s.ResumeL2(0) })
				for begin := time.Now(); ctx.Err() == nil && time.Since(begin) < time.Minute; s.next() {
					if _, err := h.Send(ctx, nil, trip("i")); err == nil {
						break
					}
					if time.Since(begin) > 3*time.Second {
						resume()
					}
				}
				cancel()
				resume()
				if _, err := s.deliver(t, s.open(t, c, nil), trip("i")); err != nil {
					t.Fatal(err)
				}
				for _, leg := range []string{legL1, legL2} {
					drafts := s.book.drafts(t, leg)
					for _, d := range drafts {
						if d.Nonce != drafts[0].Nonce {
							t.Errorf("%s has the nonces %d and %d", leg, drafts[0].Nonce, d.Nonce)
						}
					}
				}
				if s.pauses(t) != 1 {
					t.Errorf("%d pauses", s.pauses(t))
				}
			})
		}
	}
}
