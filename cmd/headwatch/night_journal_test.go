package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"headwatch"
	"headwatch/delivery"
	"headwatch/journal"
)

// nightJournal keeps the contracts of package journal in memory, where a bubble can have it: one order, each subject once, a
// decision only after the newest of its circuit, notices until their delivery has an end, readers' positions, frozen routes.
// Events pass through JSON, as they do on a disk.
type nightJournal struct {
	mu        sync.Mutex
	log       []headwatch.Event
	subjects  map[string][]byte
	seqs      map[string]uint64 // of transitions, by circuit
	positions map[string]uint64
	changed   chan struct{} // closed and replaced with every append
	down      bool          // takes nothing, as on a full disk
	mark      journal.Mark
}

var errNightDown = errors.New("the journal takes nothing tonight")

func newNightJournal() *nightJournal {
	return &nightJournal{subjects: map[string][]byte{}, seqs: map[string]uint64{}, positions: map[string]uint64{}, changed: make(chan struct{})}
}

// Err is journal.Err, as far as that is known from the last append.
func (j *nightJournal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.down {
		return errNightDown
	}
	return nil
}

func (j *nightJournal) set(down bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.down = down
}

// once appends an event unless its subject is there.
func (j *nightJournal) once(subject string, e headwatch.Event) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, there := j.subjects[subject]; there {
		return nil
	}
	if j.down {
		return errNightDown
	}
	var read headwatch.Event
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	j.subjects[subject] = data
	read.Seq, read.At = uint64(len(j.log)+1), time.Now()
	j.log = append(j.log, read)
	close(j.changed)
	j.changed = make(chan struct{})
	return nil
}

// Decide is journal.Decide.
func (j *nightJournal) Decide(_ context.Context, t headwatch.Transition) error {
	subject := fmt.Sprintf("transition %q %d", t.Circuit, t.Seq)
	e := headwatch.Event{Transition: &t}
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	j.mu.Lock()
	newest, there, down := j.seqs[t.Circuit], j.subjects[subject], j.down
	fits := newest == t.Seq-1 && !down
	if fits {
		j.seqs[t.Circuit] = t.Seq
	}
	j.mu.Unlock()
	switch {
	case bytes.Equal(there, data):
		return nil
	case down:
		return errNightDown
	case !fits:
		return fmt.Errorf("transition %d of %s after %d: %w", t.Seq, t.Circuit, newest, journal.ErrFenced)
	}
	return j.once(subject, e)
}

// Act is journal.Act.
func (j *nightJournal) Act(_ context.Context, a headwatch.Action) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return j.once("action "+string(data), headwatch.Event{Action: &a})
}

// Tell is journal.Tell.
func (j *nightJournal) Tell(_ context.Context, notices ...headwatch.Notice) error {
	for _, n := range notices {
		if err := j.once(fmt.Sprintf("notice %q %d %q", n.Incident, n.Step, n.Channel), headwatch.Event{Notice: &n}); err != nil {
			return err
		}
	}
	return nil
}

// Escalate is journal.Escalate.
func (j *nightJournal) Escalate(_ context.Context, e headwatch.Escalation) error {
	return j.once(fmt.Sprintf("escalation %q %d", e.Incident, e.N), headwatch.Event{Escalation: &e})
}

// Record is journal.Record.
func (j *nightJournal) Record(_ context.Context, d headwatch.Delivery) error {
	return j.once(fmt.Sprintf("delivery %q %d %q", d.Incident, d.Step, d.Channel), headwatch.Event{Delivery: &d})
}

// Freeze is journal.Freeze.
func (j *nightJournal) Freeze(_ context.Context, incident, channel string, route []byte) ([]byte, error) {
	return j.first(fmt.Sprintf("route %q %q", incident, channel), route)
}

// Keep is journal.Keep.
func (j *nightJournal) Keep(_ context.Context, incident, keeper, slot string, data []byte) ([]byte, error) {
	return j.first(fmt.Sprintf("kept %q %q %q", incident, keeper, slot), data)
}

// Secret is journal.Secret.
func (j *nightJournal) Secret(_ context.Context, name string, data []byte) ([]byte, error) {
	return j.first(fmt.Sprintf("secret %q", name), data)
}

func (j *nightJournal) first(subject string, data []byte) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, there := j.subjects[subject]; !there {
		if j.down {
			return nil, errNightDown
		}
		j.subjects[subject] = data
	}
	return j.subjects[subject], nil
}

// LastMark is journal.LastMark.
func (j *nightJournal) LastMark() journal.Mark {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.mark
}

// Mark is journal.Mark.
func (j *nightJournal) Mark(line []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.mark = journal.Mark{Data: line, At: time.Now()}
	return nil
}

// Stats is journal.Stats.
func (j *nightJournal) Stats() journal.Stats { return journal.Stats{Last: uint64(len(j.events()))} }

// Read is journal.Read of what there is.
func (j *nightJournal) Read(_ context.Context, after uint64, _ bool) iter.Seq2[headwatch.Event, error] {
	return func(yield func(headwatch.Event, error) bool) {
		for _, e := range j.events()[after:] {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Reported is journal.Reported.
func (j *nightJournal) Reported(_ context.Context, handle func(headwatch.Event)) error {
	for _, e := range j.events() {
		if e.Action != nil || e.Report != nil {
			handle(e)
		}
	}
	return nil
}

// Last is journal.Last.
func (j *nightJournal) Last() map[string]headwatch.Transition {
	last := map[string]headwatch.Transition{}
	for _, e := range j.events() {
		if e.Transition != nil {
			last[e.Transition.Circuit] = *e.Transition
		}
	}
	return last
}

func (j *nightJournal) events() []headwatch.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.log[:len(j.log):len(j.log)]
}

// scan hands out events after a position, and waits for more until ctx ends.
func (j *nightJournal) scan(ctx context.Context, after uint64, handle func(headwatch.Event) error) error {
	for {
		j.mu.Lock()
		fresh, changed := j.log[after:len(j.log):len(j.log)], j.changed
		j.mu.Unlock()
		for _, e := range fresh {
			if ctx.Err() != nil {
				return nil
			}
			if err := handle(e); err != nil {
				return err
			}
			after = e.Seq
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

func decisive(e headwatch.Event) bool {
	return e.Transition != nil || e.Action != nil || e.Report != nil || e.Escalation != nil
}

// Follow is journal.Follow.
func (j *nightJournal) Follow(ctx context.Context, name string, restore func(headwatch.Event), restored func(), handle func(context.Context, headwatch.Event) error) error {
	j.mu.Lock()
	position := j.positions[name]
	j.mu.Unlock()
	for _, e := range j.events() {
		if e.Notice != nil || decisive(e) && e.Seq <= position {
			restore(e)
		}
	}
	restored()
	return j.scan(ctx, position, func(e headwatch.Event) error {
		if !decisive(e) {
			return nil
		}
		for handle(ctx, e) != nil || !j.came(name, e.Seq) { // as often as it takes
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(time.Second):
			}
		}
		return nil
	})
}

// came puts on record how far a reader has come.
func (j *nightJournal) came(name string, seq uint64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.down {
		j.positions[name] = seq
	}
	return !j.down
}

// Notices is journal.Notices.
func (j *nightJournal) Notices(ctx context.Context, channel string, handle func(delivery.Pending)) error {
	ended := map[step]bool{}
	for _, e := range j.events() {
		if d := e.Delivery; d != nil && d.Channel == channel {
			ended[step{d.Incident, d.Step}] = true
		}
	}
	return j.scan(ctx, 0, func(e headwatch.Event) error {
		if n := e.Notice; n != nil && n.Channel == channel && !ended[step{n.Incident, n.Step}] {
			handle(nightPending{j, *n})
		}
		return nil
	})
}

type nightPending struct {
	journal *nightJournal
	notice  headwatch.Notice
}

func (p nightPending) Notice() headwatch.Notice { return p.notice }

func (p nightPending) Done(ctx context.Context, d headwatch.Delivery) error {
	return p.journal.Record(ctx, d)
}
