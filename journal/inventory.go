package journal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"headwatch"
)

// take makes the inventory that retention decides on.
func (j *Journal) take(ctx context.Context, e *engine, now time.Time) (inventory, error) {
	info, err := e.check(ctx)
	if err != nil {
		return inventory{}, err
	}
	i := inventory{first: info.State.FirstSeq, last: info.State.LastSeq, needed: map[string]uint64{}, newest: map[string]uint64{}}
	// As if all events had one size; the next time corrects what this one leaves.
	if size, most := info.State.Bytes, uint64(j.cfg.MaxSize); most > 0 && size > most {
		i.fits = i.first + uint64(float64(i.last+1-i.first)*float64(size-most)/float64(size))
	}
	if j.cfg.Keep > 0 {
		if i.young, err = since(ctx, e, now.Add(-j.cfg.Keep.D()), i.last); err != nil {
			return i, err
		}
	}
	positions, err := j.takeReaders(ctx, i)
	if err != nil {
		return i, err
	}
	if err := j.takeDecisions(ctx, i, positions, now); err != nil {
		return i, err
	}
	return i, j.takeChannels(ctx, i)
}

// since gives the first event at or after a time, or the one after last.
func since(ctx context.Context, e *engine, t time.Time, last uint64) (uint64, error) {
	c, err := e.js.OrderedConsumer(ctx, streamName, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &t, HeadersOnly: true, InactiveThreshold: readerIdle,
	})
	if err != nil {
		return 0, fmt.Errorf("look for the first event since %s: %w", t, err)
	}
	if c.CachedInfo().NumPending == 0 {
		return last + 1, nil
	}
	m, err := c.Next()
	if err != nil {
		return 0, fmt.Errorf("look for the first event since %s: %w", t, err)
	}
	meta, err := m.Metadata()
	if err != nil {
		return 0, fmt.Errorf("look for the first event since %s: %w", t, err)
	}
	return meta.Sequence.Stream, nil
}

// takeReaders keeps the newest position of every reader, and gives them.
func (j *Journal) takeReaders(ctx context.Context, i inventory) (map[string]uint64, error) {
	all, err := j.subjects(ctx, subject(positionKind, ">"))
	if err != nil {
		return nil, err
	}
	positions := map[string]uint64{}
	for s := range all {
		reader := strings.Split(s, ".")[2]
		positions[reader] = max(positions[reader], lastNumber(s))
	}
	for reader := range positions {
		filter := subject(positionKind, reader, "*")
		m, err := j.get(ctx, filter)
		if err != nil {
			return nil, err
		}
		if m != nil {
			i.newest[filter] = m.Sequence
		}
	}
	return positions, nil
}

// takeDecisions keeps the newest transition of every circuit, all of an incident that is not over, silences that are not over, and
// what a reader has yet to see: a silence may be ordered long before it begins, and hold back the hooks of a trip.
func (j *Journal) takeDecisions(ctx context.Context, i inventory, positions map[string]uint64, now time.Time) error {
	need := func(who string, seq uint64) {
		if _, ok := i.needed[who]; !ok {
			i.needed[who] = seq
		}
	}
	return j.scan(ctx, 0, false, decisions, func(r record) error {
		for reader, position := range positions {
			if r.seq > position {
				need("reader "+reader, r.seq)
			}
		}
		e, err := decode(r)
		if err != nil {
			return err
		}
		if a := e.Action; a != nil && a.Kind == headwatch.ActionSilence && a.Silence != nil {
			if now.Before(a.Silence.Ends) {
				need("silence "+a.Silence.ID, r.seq)
			} else {
				delete(i.needed, "silence "+a.Silence.ID)
			}
		}
		if e.Transition == nil {
			return nil
		}
		i.newest[subject(transitionKind, token(e.Transition.Circuit), "*")] = r.seq
		if id := e.Transition.Incident; id != "" {
			need("incident "+id, r.seq)
			if e.Transition.Level == headwatch.LevelNone {
				delete(i.needed, "incident "+id)
			}
		}
		return nil
	})
}

// takeChannels keeps every notice that is not delivered, of the channels that this process serves: what is left of a channel
// that is no longer configured is kept for as long as everything else.
func (j *Journal) takeChannels(ctx context.Context, i inventory) error {
	notices, err := j.subjects(ctx, subject(noticeKind, ">"))
	if err != nil {
		return err
	}
	ended, err := j.subjects(ctx, subject(deliveryKind, ">"))
	if err != nil {
		return err
	}
	for s := range notices {
		channel := s[strings.LastIndexByte(s, '.')+1:]
		if _, told := ended[deliveryOf(s)]; told || !j.serves(channel) {
			continue
		}
		m, err := j.get(ctx, s)
		if err != nil {
			return err
		}
		who := "channel " + channel
		if seq, ok := i.needed[who]; m != nil && (!ok || m.Sequence < seq) {
			i.needed[who] = m.Sequence
		}
	}
	return nil
}

func (j *Journal) serves(channel string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.served[channel]
}
