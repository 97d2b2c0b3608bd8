package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"headwatch"
)

// maxAttempts bounds the attempts that one channel makes at the same time.
const maxAttempts = 16

// Loop delivers the notices of one channel. Each incident has a lane of its own: notices in one lane go in order, lanes
// do not wait for each other. A lane lives as long as there is something in it.
type Loop struct {
	channel Channel
	journal Journal
	observe Observer
	log     *zap.Logger
	slots   chan struct{} // one for each attempt under way
	running sync.WaitGroup

	mu      sync.Mutex
	items   map[key]*item // handed out, and not yet recorded
	lanes   map[string]*lane
	failure string
}

// key is what makes a notice unique on a channel.
type key struct {
	incident string
	step     uint64
}

type item struct {
	notice  headwatch.Notice
	pending Pending // the newest, guarded by Loop.mu: the journal may hand out again what is not done

	underway bool // guarded by Loop.mu: its last attempt failed in nothing, it takes its time
}

// New prepares the loop of a channel; Run starts it.
func New(c Channel, j Journal, o Observer, log *zap.Logger) *Loop {
	return &Loop{
		channel: c,
		journal: j,
		observe: o,
		log:     log.With(zap.String("channel", c.Name)),
		slots:   make(chan struct{}, maxAttempts),
		items:   map[key]*item{},
		lanes:   map[string]*lane{},
	}
}

// Run delivers until ctx ends, then returns nil once nothing is under way any more; what was not delivered stays in the
// journal. It returns an error only when the journal stops handing out notices. It is called once.
func (l *Loop) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(ctx)
	err := l.journal.Notices(work, l.channel.Name, func(p Pending) { l.accept(work, p) })
	if err == nil && ctx.Err() == nil {
		err = errors.New("the journal stopped handing them out") // a dead channel behind a live process is the worst outcome
	}
	cancel()
	l.running.Wait()
	if err != nil {
		return fmt.Errorf("read the notices of %s: %w", l.channel.Name, err)
	}
	return nil
}

// Oldest gives when the oldest notice was decided that is not delivered and recorded; zero when none waits. One that is under
// way, and those behind it, do not wait for the channel. Safe to call at any time.
func (l *Loop) Oldest() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	var oldest time.Time
	for _, it := range l.items {
		if q := l.lanes[it.notice.Incident]; q != nil && len(q.queue) > 0 && q.queue[0].underway {
			continue
		}
		if at := it.notice.Transition.At; oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// Failure is why the newest attempt failed, for a person: a word, and what a receiver over HTTP said, cleaned and without secrets.
// It is empty when that succeeded. Safe to call at any time.
func (l *Loop) Failure() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failure
}

func (l *Loop) remember(err error) {
	text := strings.ReplaceAll(string(reasonOf(err)), "_", " ")
	if e, ok := errors.AsType[*Error](err); ok && e.Status != 0 {
		text = Cut(text+": "+e.Detail, maxShown)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failure = text
}

// accept puts a notice at the end of its incident's lane.
func (l *Loop) accept(ctx context.Context, p Pending) {
	n := p.Notice()
	l.mu.Lock()
	defer l.mu.Unlock()
	k := key{n.Incident, n.Step}
	if it, again := l.items[k]; again {
		it.pending = p
		return
	}
	it := &item{notice: n, pending: p}
	l.items[k] = it
	q, open := l.lanes[n.Incident]
	if !open {
		q = &lane{incident: n.Incident, pace: newPace()}
		l.lanes[n.Incident] = q
		l.running.Go(func() { l.work(ctx, q) })
	}
	q.queue = append(q.queue, it)
}

// next gives what the lane has to do now: its first notice, or all from an unsent trigger to the resolve when it is too
// late to ring for something that is over. With nothing left it closes the lane and returns nil.
func (l *Loop) next(q *lane) []*item {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(q.queue) == 0 {
		delete(l.lanes, q.incident)
		return nil
	}
	head, limit := q.queue[0].notice, l.channel.Coalesce
	if limit > 0 && head.Kind.Opens() && time.Since(head.Transition.At) > limit {
		if end := slices.IndexFunc(q.queue, func(it *item) bool { return it.notice.Kind == headwatch.StepResolve }); end > 0 {
			return slices.Clone(q.queue[:end+1])
		}
	}
	return slices.Clone(q.queue[:1])
}

func (l *Loop) mark(it *item, underway bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	it.underway = underway
}

func (l *Loop) pop(q *lane, count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q.queue = slices.Delete(q.queue, 0, count)
}
