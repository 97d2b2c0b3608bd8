package watcher

import (
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
)

// backlog is the blocks between the agreed head of one tag and the unsafe head, and since when the oldest of them waits
// here. A batcher's plateaus are no news as long as no block waits too long; a back-fill's old blocks are all new here.
type backlog struct {
	condition headwatch.Condition
	tag       headwatch.Tag
	limit     time.Duration
	marks     marks
	known     bool
	head      uint64    // the agreed head of this tag
	from      time.Time // when the first block above it was first seen; zero while there is none
	over      stretch   // since from was longer ago than the limit
}

func backlogsOf(c config.Chain) []backlog {
	var all []backlog
	for _, b := range []backlog{
		{condition: headwatch.SafeHeadStalled, tag: headwatch.Safe, limit: c.SafeLag.D()},
		{condition: headwatch.ProvenHeadStalled, tag: headwatch.Proven, limit: c.ProvenLag.D()},
		{condition: headwatch.FinalizedHeadStalled, tag: headwatch.Finalized, limit: c.FinalizedLag.D()},
	} {
		if b.limit > 0 {
			b.marks.every = b.limit / time.Duration(len(b.marks.ring)/2)
			all = append(all, b)
		}
	}
	return all
}

// hearTags takes what an endpoint says of the heads behind the unsafe one.
func (v *View) hearTags(i int, o *headwatch.Observation) {
	for b := range v.backlogs {
		b := &v.backlogs[b]
		if h, ok := o.Heads[b.tag]; ok && v.agreed && h.Number <= v.tip.Number {
			v.note(i, int(b.tag), h.Number, h.Time, o)
		}
		said := v.endpoints[i].words[b.tag]
		if b.known && said.number <= b.head || !v.speaks(i, int(b.tag), o.At) {
			continue
		}
		if v.seconded(int(b.tag), o.At, func(w word) bool { return w.number >= said.number }) {
			b.judge(o.At)
			b.known, b.head, b.from = true, said.number, v.waitingFrom(b, said, o.At)
			b.judge(o.At)
		}
	}
}

// waitingFrom is when the first block above a head was first seen here. One that was there before this View began, or
// before what the marks remember, counts by its own timestamp.
func (v *View) waitingFrom(b *backlog, head word, at time.Time) time.Time {
	if head.number >= v.tip.Number {
		return time.Time{}
	}
	if seen, ok := b.marks.above(head.number); ok {
		return earlier(seen, at)
	}
	sealed := head.sealed.Add(v.chain.BlockTime.D())
	if b.marks.n > b.marks.first {
		sealed = earlier(sealed, b.marks.mark(b.marks.first).at)
	}
	return anchor(sealed, at)
}

// judge begins or ends the stretch at an instant at which something was heard.
func (b *backlog) judge(at time.Time) {
	if b.known {
		b.over.judge(b.waits(at), b.from.Add(b.limit))
	}
}

func (b *backlog) waits(now time.Time) bool { return !b.from.IsZero() && now.Sub(b.from) >= b.limit }

// rise tells the backlogs that the agreed unsafe head is about to become another.
func (v *View) rise(h headwatch.Head, at time.Time) {
	for i := range v.backlogs {
		b := &v.backlogs[i]
		if h.Number <= v.tip.Number {
			b.marks.cut(h.Number)
			if b.known && b.head >= h.Number {
				b.known, b.from = false, time.Time{} // replaced: it is heard anew
			}
			continue
		}
		b.marks.add(v.tip.Number, at)
		if b.known && b.from.IsZero() {
			b.from = at
		}
	}
}

// assessTags adds a finding for each tag whose blocks have waited for longer than they may. A head that nobody tells any
// more is none: that is blindness.
func (v *View) assessTags(now time.Time) {
	for i := range v.backlogs {
		b := &v.backlogs[i]
		if !b.known || !b.waits(now) || !v.spoken(int(b.tag), now) {
			continue
		}
		since := b.over.since
		if since.IsZero() {
			since = b.from.Add(b.limit)
		}
		if v.skew.by != 0 { // what waited before this View did so by the local clock, and that is wrong
			since = later(since, v.adopted.Add(b.limit))
			if now.Before(since) {
				continue
			}
		}
		v.find(headwatch.Finding{
			Condition: b.condition, Since: since, Value: now.Sub(b.from), Limit: b.limit,
			Detail: fmt.Sprintf("the %s head is %d, %d blocks behind the unsafe head", b.tag, b.head, v.tip.Number-b.head),
		})
	}
}

// marks remember, not closer than every, when blocks were first seen: those above a number, at that instant.
type marks struct {
	ring     [128]mark
	first, n int // the marks from first to below n are kept
	every    time.Duration
}

type mark struct {
	number uint64
	at     time.Time
}

func (m *marks) mark(i int) *mark { return &m.ring[i%len(m.ring)] }

func (m *marks) add(number uint64, at time.Time) {
	if m.n > m.first && at.Sub(m.mark(m.n-1).at) < m.every {
		return
	}
	*m.mark(m.n) = mark{number, at}
	m.n++
	m.first = max(m.first, m.n-len(m.ring))
}

// above is when the first block above a number was seen, or up to every later.
func (m *marks) above(number uint64) (time.Time, bool) {
	for i := m.n - 1; i >= m.first; i-- {
		switch mark := m.mark(i); {
		case mark.number == number:
			return mark.at, true
		case mark.number < number:
			return mark.at.Add(m.every), true
		}
	}
	return time.Time{}, false
}

// cut forgets the marks of blocks that were replaced.
func (m *marks) cut(number uint64) {
	for m.n > m.first && m.mark(m.n-1).number >= number {
		m.n--
	}
}
