package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"headwatch"
)

const (
	readAhead  = 256              // messages that a reader has in memory
	readerIdle = 30 * time.Second // after this the engine forgets a reader that does not ask for more
)

// record is one message of the log as it is stored.
type record struct {
	subject string
	seq     uint64
	at      time.Time
	data    []byte
}

// Subjects: what is decided, and all that Read gives.
var (
	decisions = []string{subject(transitionKind, ">"), subject(actionKind, ">"), subject(reportKind, ">"), subject(escalationKind, ">")}
	events    = append([]string{subject(noticeKind, ">"), subject(deliveryKind, ">")}, decisions...)
)

// Read gives the events after a position (0 is the beginning) in order, up to the newest one at the time of the call, or
// with follow until ctx ends; then it outlives trouble with the engine. An error is the last thing that it gives. A position
// after the end of the log is taken for the end.
func (j *Journal) Read(ctx context.Context, after uint64, follow bool) iter.Seq2[headwatch.Event, error] {
	return func(yield func(headwatch.Event, error) bool) {
		stopped := errors.New("the reader has enough")
		pass := func(r record) error {
			e, err := decode(r)
			if err != nil {
				return err
			}
			if !yield(e, nil) {
				return stopped
			}
			return nil
		}
		begin := func() (err error) {
			after, err = j.within(ctx, after)
			return err
		}
		var err error
		if !follow {
			if err = begin(); err == nil {
				err = j.scan(ctx, after, false, events, pass)
			}
		} else if err = j.retry(ctx, "follow the journal", begin); err == nil {
			err = j.follow(ctx, "follow the journal", after, events, pass)
		}
		if err != nil && !errors.Is(err, stopped) {
			yield(headwatch.Event{}, err)
		}
	}
}

// within gives the position, or the end of the log when that is before it.
func (j *Journal) within(ctx context.Context, position uint64) (uint64, error) {
	if position == 0 {
		return 0, nil
	}
	e, err := j.use(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the journal: %w", err)
	}
	info, err := e.check(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the journal: %w", err)
	}
	return min(position, info.State.LastSeq), nil
}

// Last gives the newest transition of each circuit.
func (j *Journal) Last(ctx context.Context) (map[string]headwatch.Transition, error) {
	newest := map[string]headwatch.Transition{}
	err := j.scan(ctx, 0, false, []string{subject(transitionKind, ">")}, func(r record) error {
		e, err := decode(r)
		if err == nil {
			newest[e.Transition.Circuit] = *e.Transition
		}
		return err
	})
	return newest, err
}

// Reported hands out every report of a hook and every order of an operator that is no transition, in order, up to now. The
// error is an event that this version cannot read, or trouble with the engine.
func (j *Journal) Reported(ctx context.Context, handle func(headwatch.Event)) error {
	return j.scan(ctx, 0, false, []string{subject(actionKind, ">"), subject(reportKind, ">")}, func(r record) error {
		e, err := decode(r)
		if err == nil {
			handle(e)
		}
		return err
	})
}

// follow is scan that goes on after trouble with the engine. It ends with the first error of handle, or with nil when ctx
// ends.
func (j *Journal) follow(ctx context.Context, what string, after uint64, subjects []string, handle func(record) error) error {
	return j.retry(ctx, what, func() error {
		return j.scan(ctx, after, true, subjects, func(r record) error {
			if err := handle(r); err != nil {
				return final{err}
			}
			after = r.seq
			return nil
		})
	})
}

// scan hands the messages after a position to handle, in order, and ends at its first error, at the newest message at the
// time of the call, or with follow not before ctx does.
func (j *Journal) scan(ctx context.Context, after uint64, follow bool, subjects []string, handle func(record) error) error {
	e, err := j.use(ctx)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	consumer, err := e.js.OrderedConsumer(ctx, streamName, jetstream.OrderedConsumerConfig{
		FilterSubjects:    subjects,
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       after + 1,
		InactiveThreshold: readerIdle,
		MaxResetAttempts:  1, // after that the caller knows better whether to go on
	})
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	there := consumer.CachedInfo().NumPending
	if there == 0 && !follow {
		return nil
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(readAhead))
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-e.gone: // otherwise the client would look for the old engine for a while
		case <-ctx.Done():
		case <-done:
		}
		messages.Stop()
	}()
	for seen := uint64(1); ; seen++ {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("read the journal: %w", errors.Join(err, ctx.Err()))
		}
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read the journal: %w", err)
		}
		if err := handle(record{m.Subject(), meta.Sequence.Stream, meta.Timestamp, m.Data()}); err != nil {
			return err
		}
		if !follow && (seen == there || meta.NumPending == 0) {
			return nil
		}
	}
}

// decode reads an event. What it cannot read was written by another version: checksums exclude damage.
func decode(r record) (headwatch.Event, error) {
	e := headwatch.Event{Seq: r.seq, At: r.at}
	var into any
	switch kindOf(r.subject) {
	case transitionKind:
		e.Transition = new(headwatch.Transition)
		into = e.Transition
	case actionKind:
		e.Action = new(headwatch.Action)
		into = e.Action
	case noticeKind:
		e.Notice = new(headwatch.Notice)
		into = e.Notice
	case deliveryKind:
		e.Delivery = new(headwatch.Delivery)
		into = e.Delivery
	case reportKind:
		e.Report = new(headwatch.Report)
		into = e.Report
	case escalationKind:
		e.Escalation = new(headwatch.Escalation)
		into = e.Escalation
	}
	if err := json.Unmarshal(r.data, into); err != nil {
		return e, fmt.Errorf("read event %d of the journal (%s): %w", r.seq, r.subject, err)
	}
	return e, nil
}
