package delivery

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"time"

	"go.uber.org/zap"

	"headwatch"
)

const (
	journalPatience = 5 * time.Second // for one answer of the journal
	maxDetail       = 8 << 10         // runes that the journal keeps of an answer or of a command's output
)

// lane is one incident on one channel. All but the queue belongs to the lane's goroutine.
type lane struct {
	incident string
	queue    []*item         // guarded by Loop.mu
	route    json.RawMessage // the frozen one, once the journal has given it
	pace     pace
}

// work empties the lane. It leaves early only when ctx ends; the journal then still has what is left.
func (l *Loop) work(ctx context.Context, q *lane) {
	for batch := l.next(q); batch != nil; batch = l.next(q) {
		wait, ended := l.attempt(ctx, q, batch)
		if ended {
			l.pop(q, len(batch))
			q.pace = newPace()
		} else if !Sleep(ctx, wait) {
			return
		}
	}
}

// attempt tries once to tell a batch and reports whether that was its end, or else how long to wait.
func (l *Loop) attempt(ctx context.Context, q *lane, batch []*item) (wait time.Duration, ended bool) {
	d := headwatch.Delivery{Outcome: headwatch.Delivered, Attempts: q.pace.attempts + 1}
	if len(batch) > 1 {
		d.Outcome = headwatch.Coalesced
	}
	if l.channel.DryRun {
		d.Outcome, d.Attempts, d.Detail = headwatch.DryRun, 0, l.preview(batch[0].notice)
		l.finish(ctx, batch, d)
		return 0, true
	}

	if !l.channel.Limit.wait(ctx) {
		return 0, false
	}
	begin := time.Now()
	detail, err := l.send(ctx, q, batch)
	if err != nil && ctx.Err() != nil {
		return 0, false // cut short, not failed
	}
	e, _ := errors.AsType[*Error](err)
	l.mark(batch[0], e != nil && e.Underway)
	l.channel.Limit.hold(e)
	if e != nil && e.Underway {
		return cmp.Or(e.RetryAfter, time.Second), false
	}
	q.pace.attempts++
	d.Took, d.Detail = time.Since(begin), detail
	if e == nil || e.Outcome != headwatch.Withheld { // that it was decided not to send says nothing of the receiver
		l.observe.Attempt(l.channel.Name, reasonOf(err))
		l.remember(err)
	}

	switch {
	case err == nil:
	case e != nil && e.Permanent:
		d.Outcome, d.Detail = cmp.Or(e.Outcome, headwatch.Refused), err.Error()
	default:
		l.complain(q, batch[0].notice, err)
		var asked time.Duration
		if e != nil {
			asked = e.RetryAfter
		}
		return q.pace.next(asked), false
	}
	l.finish(ctx, batch, d)
	return 0, true
}

// send hands a batch to the Sender, with a slot, a deadline and the frozen route. A panic of the Sender is its error: one
// defective channel must not end the watch.
func (l *Loop) send(ctx context.Context, q *lane, batch []*item) (detail string, err error) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("panic in a sender", noticeFields(batch[0].notice, zap.Stack("stack"))...) // an error cannot carry it
			detail, err = "", &Error{Reason: ReasonPanic, Detail: PanicText(p)}
		}
	}()
	first, last := batch[0].notice, batch[len(batch)-1].notice
	route, err := l.route(ctx, q, first)
	if err != nil {
		return "", err
	}
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, l.channel.Timeout)
	defer cancel()
	if len(batch) == 1 {
		return l.channel.Sender.Send(ctx, route, first)
	}
	late := fmt.Sprintf("over before it could be told: the %s was unsent for %s",
		first.Kind, headwatch.Brief(time.Since(first.Transition.At).Round(time.Second)))
	if c, ok := l.channel.Sender.(Coalescer); ok {
		detail, err = c.Coalesced(ctx, route, first, last)
		return late + "; told in one message: " + detail, err
	}
	return late, nil
}

// route gives the frozen route of the incident. While the journal cannot answer, a trigger goes where the channel points
// now: a page fails open. Anything else waits, because a resolve through another key would be lost without an error.
func (l *Loop) route(ctx context.Context, q *lane, n headwatch.Notice) (json.RawMessage, error) {
	current := l.channel.Sender.Route()
	if q.route != nil || current == nil {
		return q.route, nil
	}
	ctx, cancel := context.WithTimeout(ctx, journalPatience)
	defer cancel()
	frozen, err := l.journal.Freeze(ctx, n.Incident, l.channel.Name, current)
	switch {
	case err == nil:
		q.route = frozen
		return frozen, nil
	case n.Kind.Opens():
		l.log.Warn("route not frozen, sending to the current one", noticeFields(n, zap.Error(err))...)
		return current, nil
	}
	return nil, &Error{Reason: ReasonJournal, Detail: "the frozen route could not be read"}
}

func (l *Loop) preview(n headwatch.Notice) string {
	if p, ok := l.channel.Sender.(Previewer); ok {
		return p.Preview(n)
	}
	return "dry run: nothing was sent"
}

// complain logs a failed attempt, and again only when the error reads differently.
func (l *Loop) complain(q *lane, n headwatch.Notice, err error) {
	if text := err.Error(); text != q.pace.complaint {
		q.pace.complaint = text
		l.log.Warn("attempt failed, will try again", noticeFields(n, zap.Int("attempt", q.pace.attempts), zap.Error(err))...)
	}
}

// finish ends every notice of a batch in the same way.
func (l *Loop) finish(ctx context.Context, batch []*item, d headwatch.Delivery) {
	d.At, d.Channel, d.Detail = time.Now(), l.channel.Name, Cut(d.Detail, maxDetail)
	for _, it := range batch {
		n := it.notice
		d.Incident, d.Step, d.Kind, d.Decided = n.Incident, n.Step, n.Kind, n.Transition.At
		fields := noticeFields(n, zap.String("outcome", string(d.Outcome)), zap.Int("attempts", d.Attempts))
		if d.Outcome == headwatch.Refused {
			l.log.Error("refused for good, this notice is lost", append(fields, zap.String("detail", d.Detail))...)
		} else {
			l.log.Info("finished", fields...)
		}
		l.observe.Finished(d)
		l.record(ctx, it, d)
	}
}

// record tells the journal, and goes on trying beside the lane when the journal cannot take it: a full disk must not
// keep the next notice from its people. What was told is recorded even when ctx has ended meanwhile.
func (l *Loop) record(ctx context.Context, it *item, d headwatch.Delivery) {
	err := l.done(ctx, it, d)
	if err == nil {
		return
	}
	l.log.Warn("end of delivery not recorded, will try again", noticeFields(it.notice, zap.Error(err))...)
	l.running.Go(func() {
		for p := newPace(); Sleep(ctx, p.next(0)); {
			if l.done(ctx, it, d) == nil {
				return
			}
		}
	})
}

func (l *Loop) done(ctx context.Context, it *item, d headwatch.Delivery) error {
	l.mu.Lock()
	pending := it.pending
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), journalPatience)
	defer cancel()
	if err := pending.Done(ctx, d); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.items, key{d.Incident, d.Step})
	return nil
}

func noticeFields(n headwatch.Notice, more ...zap.Field) []zap.Field {
	return append([]zap.Field{
		zap.String("incident", n.Incident), zap.Uint64("step", n.Step), zap.String("kind", string(n.Kind)),
	}, more...)
}

// PanicText is what may be shown of a panic: the runtime's own errors, which hold no data, and of anything else the type.
func PanicText(p any) string {
	if e, ok := p.(runtime.Error); ok {
		return Clean(e.Error(), maxShown)
	}
	return fmt.Sprintf("%T", p)
}
