// Package deliverytest is what the tests of the channels share: a journal in memory, a receiver that misbehaves in every
// way an HTTP receiver can, and the table of what each channel must make of it. It is imported by tests only.
package deliverytest

import (
	"context"
	"slices"
	"sync"

	"headwatch"
	"headwatch/delivery"
)

// Journal is a delivery.Journal in memory. A new call of Notices hands out again what is not done, like a restart. The
// errors may be set before Notices is called.
type Journal struct {
	FreezeErr func() error // nil means no error
	DoneErr   func() error

	mu      sync.Mutex
	notices []headwatch.Notice
	wake    chan struct{}
	routes  map[string][]byte
	done    []headwatch.Delivery
}

var _ delivery.Journal = (*Journal)(nil)

// NewJournal makes a journal that holds notices.
func NewJournal(notices ...headwatch.Notice) *Journal {
	return &Journal{notices: notices, wake: make(chan struct{}, 1), routes: map[string][]byte{}}
}

// Add appends notices. Adding one that is there already hands it out again.
func (j *Journal) Add(notices ...headwatch.Notice) {
	j.mu.Lock()
	j.notices = append(j.notices, notices...)
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// Done gives the recorded deliveries in the order of their recording.
func (j *Journal) Done() []headwatch.Delivery {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.done)
}

// Notices implements delivery.Journal.
func (j *Journal) Notices(ctx context.Context, channel string, handle func(delivery.Pending)) error {
	for handed := 0; ; {
		j.mu.Lock()
		fresh := slices.Clone(j.notices[handed:])
		handed = len(j.notices)
		fresh = slices.DeleteFunc(fresh, func(n headwatch.Notice) bool { return n.Channel != channel || j.isDone(n) })
		j.mu.Unlock()
		for _, n := range fresh {
			handle(&pending{j, n})
		}
		select {
		case <-j.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

func (j *Journal) isDone(n headwatch.Notice) bool {
	return slices.ContainsFunc(j.done, func(d headwatch.Delivery) bool {
		return d.Incident == n.Incident && d.Step == n.Step && d.Channel == n.Channel
	})
}

// Freeze implements delivery.Journal.
func (j *Journal) Freeze(_ context.Context, incident, channel string, route []byte) ([]byte, error) {
	if j.FreezeErr != nil {
		if err := j.FreezeErr(); err != nil {
			return nil, err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	k := incident + "\x00" + channel
	if _, kept := j.routes[k]; !kept {
		j.routes[k] = slices.Clone(route)
	}
	return slices.Clone(j.routes[k]), nil
}

type pending struct {
	journal *Journal
	notice  headwatch.Notice
}

func (p *pending) Notice() headwatch.Notice { return p.notice }

func (p *pending) Done(ctx context.Context, d headwatch.Delivery) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.journal.DoneErr != nil {
		if err := p.journal.DoneErr(); err != nil {
			return err
		}
	}
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	p.journal.done = append(p.journal.done, d)
	return nil
}
