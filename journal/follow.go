package journal

import (
	"context"
	"fmt"

	"headwatch"
)

// Follow hands every transition and action to handle, in order, one at a time, each once: how far handle has come is
// recorded in the journal under the reader's name. An event whose handling was cut short by a crash is handed out again,
// so handle must be able to repeat itself. Before that, restore is given what handle has finished with in earlier runs, and
// every notice in the log, also of events that handle has yet to see, so that it can know who was told what; restored is called when
// that is done.
//
// When handle returns an error it is called again with the same event after a back-off. Follow blocks until ctx ends, then
// returns nil, and outlives trouble with the engine; an error is an event that this version cannot read. One process may
// call it for a name at a time.
func (j *Journal) Follow(
	ctx context.Context, name string, restore func(headwatch.Event), restored func(), handle func(context.Context, headwatch.Event) error,
) error {
	what := fmt.Sprintf("follow the journal as %s", name)
	var position, read uint64
	err := j.retry(ctx, what, func() (err error) {
		if position, err = j.position(ctx, name); err != nil {
			return err
		}
		return j.scan(ctx, read, false, append([]string{subject(noticeKind, ">")}, decisions...), func(r record) error {
			e, err := decode(r)
			if err != nil {
				return final{err}
			}
			if r.seq <= position || e.Notice != nil {
				restore(e)
			}
			read = r.seq
			return nil
		})
	})
	if err != nil || ctx.Err() != nil {
		return err
	}
	restored()

	return j.follow(ctx, what, position, decisions, func(r record) error {
		e, err := decode(r)
		if err != nil {
			return err
		}
		return j.retry(ctx, what, func() error {
			if err := handle(ctx, e); err != nil {
				return err
			}
			return j.once(ctx, subject(positionKind, token(name), number(e.Seq)), nil)
		})
	})
}

// position gives the event up to which a reader has come, 0 for one that never came.
func (j *Journal) position(ctx context.Context, name string) (uint64, error) {
	m, err := j.get(ctx, subject(positionKind, token(name), "*"))
	if err != nil || m == nil {
		return 0, err
	}
	return lastNumber(m.Subject), nil
}
