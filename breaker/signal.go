package breaker

import (
	"slices"
	"sync/atomic"
	"time"

	"headwatch"
)

// board is where Feed leaves what Signal reads. Feed writes the signal before the time, and Signal reads the time before
// the signal: a lease is never longer than the news it stands on.
type board struct {
	signal  atomic.Pointer[headwatch.Signal] // without ValidUntil; replaced, never changed
	at      atomic.Int64                     // of the newest Assessment, in Unix nanoseconds
	scratch []headwatch.Condition            // Feed's own
}

// Signal gives the lease on the circuit's state as of the last Feed: it is valid until that Assessment's time plus lease.
// Before the first Feed its state is unknown and it was never valid. Safe from any goroutine; the caller owns the result.
func (c *Circuit) Signal(lease time.Duration) headwatch.Signal {
	at := c.board.at.Load()
	s := c.board.signal.Load()
	if s == nil {
		return headwatch.Signal{Circuit: c.cfg.Name, Chain: c.cfg.Chain}
	}
	told := *s
	told.Reasons = slices.Clone(s.Reasons)
	told.ValidUntil = time.Unix(0, at).UTC().Add(lease)
	return told
}

// publish makes a new signal only when something in it changed: a quiet chain is fed many times a second.
func (c *Circuit) publish(t *turn) {
	reasons := c.reasons(&t.a)
	var well time.Time
	switch {
	case c.on.Level != headwatch.LevelNone:
		well = c.well
	case c.tell.Level != headwatch.LevelNone:
		well = c.quiet
	}
	s := c.board.signal.Load()
	if s == nil || s.Seq != c.last.Seq || s.Phase != t.a.Phase || !s.HeldUntil.Equal(c.last.HeldUntil) ||
		!s.Well.Equal(well) || !slices.Equal(s.Reasons, reasons) {
		s = &headwatch.Signal{
			Circuit:   c.cfg.Name,
			Chain:     c.cfg.Chain,
			State:     c.last.To,
			Since:     c.last.Since,
			Seq:       c.last.Seq,
			Phase:     t.a.Phase,
			Reasons:   slices.Clone(reasons),
			HeldUntil: c.last.HeldUntil,
			Latched:   c.last.Latched,
			Well:      well,
		}
		s.Show(c.on, c.tell)
		c.board.signal.Store(s)
	}
	c.board.at.Store(t.at.UnixNano())
}

// reasons lists the conditions of On, then of Tell, that hold. The result is good until the next call.
func (c *Circuit) reasons(a *headwatch.Assessment) []headwatch.Condition {
	held := c.board.scratch[:0]
	for _, conditions := range [...][]headwatch.Condition{c.cfg.On, c.cfg.Tell} {
		for _, condition := range conditions {
			if a.Find(condition) != nil {
				held = append(held, condition)
			}
		}
	}
	c.board.scratch = held
	return held
}
