package journal

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"headwatch"
)

// maxOpen bounds the notices that a channel has in hand at the same time.
const maxOpen = 1024

// Pending is a notice whose delivery has no end in the journal yet.
type Pending struct {
	notice headwatch.Notice
	record func(context.Context, headwatch.Delivery) error
	free   func()
}

// Notice is what to tell.
func (p Pending) Notice() headwatch.Notice { return p.notice }

// Done records how the delivery ended; after nil the notice is not handed out again. After an error it may be called again.
func (p Pending) Done(ctx context.Context, d headwatch.Delivery) error {
	if err := p.record(ctx, d); err != nil {
		return err
	}
	p.free()
	return nil
}

// Notices hands out every notice of a channel whose delivery has no end in the journal: each once, in the order of the
// log, so after a restart those that were under way come first, and at once. It blocks until ctx ends, then returns nil,
// and outlives trouble with the engine. An error is a notice that this version cannot read. handle must not block; with
// 1024 notices in hand Notices waits for a Done. One process may call it for a channel at a time.
func (j *Journal) Notices(ctx context.Context, channel string, handle func(Pending)) error {
	j.mu.Lock()
	j.served[token(channel)] = true
	j.mu.Unlock()
	what := fmt.Sprintf("read the notices of %s", channel)
	var ended map[string]uint64
	err := j.retry(ctx, what, func() (err error) {
		ended, err = j.subjects(ctx, subject(deliveryKind, "*", "*", token(channel)))
		return err
	})
	if err != nil {
		return err
	}
	slots := make(chan struct{}, maxOpen)
	return j.follow(ctx, what, 0, []string{subject(noticeKind, "*", "*", token(channel))}, func(r record) error {
		if _, told := ended[deliveryOf(r.subject)]; told {
			return nil
		}
		e, err := decode(r)
		if err != nil {
			return err
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		handle(Pending{*e.Notice, j.Record, sync.OnceFunc(func() { <-slots })})
		return nil
	})
}

// deliveryOf gives the subject of the delivery that ends a notice.
func deliveryOf(noticeSubject string) string {
	return subjectPrefix + deliveryKind + strings.TrimPrefix(noticeSubject, subjectPrefix+noticeKind)
}

// subjects gives all subjects in the log that match a filter.
func (j *Journal) subjects(ctx context.Context, filter string) (map[string]uint64, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	e, err := j.use(ctx)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", filter, err)
	}
	info, err := e.stream.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", filter, err)
	}
	return info.State.Subjects, nil
}
