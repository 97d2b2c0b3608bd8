package breaker

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sony/gobreaker/v2"

	"headwatch"
)

// What gobreaker is fed instead of nil.
var (
	errUnhealthy = errors.New("unhealthy") // a failure
	errUnproven  = errors.New("unproven")  // excluded: neither counts nor closes
)

// states is gobreaker's enumeration in the project's words.
var states = []headwatch.State{
	gobreaker.StateClosed:   headwatch.Closed,
	gobreaker.StateHalfOpen: headwatch.HalfOpen,
	gobreaker.StateOpen:     headwatch.Open,
}

// engine is one gobreaker, bent to times that are not its own: when to trip, to probe and to close is said by whoever
// feeds it, its expiry has always passed, and its state can be set. The owner of the circuit owns it; nothing is locked.
type engine struct {
	store memory
	cb    *gobreaker.DistributedCircuitBreaker[struct{}]
	due   bool              // the answer of ReadyToTrip to the sample that is being fed
	moves []headwatch.State // what OnStateChange heard of that sample
}

func newEngine(name string, state headwatch.State) (*engine, error) {
	if !slices.Contains(states, state) {
		return nil, fmt.Errorf("there is no circuit in state %s", state)
	}
	e := &engine{}
	e.force(state)
	var err error
	e.cb, err = gobreaker.NewDistributedCircuitBreaker[struct{}](&e.store, gobreaker.Settings{
		Name:        name,
		MaxRequests: 2, // successes that close: the one that enters half-open, and the one that ends the recovery
		Interval:    0, // with any other, a sample on the edge of two intervals would be dropped
		ReadyToTrip: func(gobreaker.Counts) bool { return e.due },
		IsExcluded:  func(err error) bool { return errors.Is(err, errUnproven) },
		// Runs under gobreaker's mutex: to ask it anything here would deadlock.
		OnStateChange: func(_ string, _, to gobreaker.State) { e.moves = append(e.moves, states[to]) },
	})
	return e, err
}

// feed gives gobreaker one sample and returns the states that it moved through, in order. A failure in the closed state
// trips if it is due.
func (e *engine) feed(sample error, due bool) []headwatch.State {
	e.due, e.moves = due, nil
	// Execute returns the sample, or an error of the store, which has none.
	_, _ = e.cb.Execute(func() (struct{}, error) { return struct{}{}, sample })
	if n := len(e.moves); n > 0 && e.moves[n-1] == headwatch.Open {
		e.force(headwatch.Open)
	}
	return e.moves
}

// force rewrites the stored state, without a call of OnStateChange. Open is stored as long expired, so that gobreaker's
// clock never keeps the circuit from probing; half-open has had the success that it was entered with.
func (e *engine) force(state headwatch.State) {
	s := gobreaker.SharedState{State: gobreaker.State(slices.Index(states, state))}
	if state == headwatch.HalfOpen {
		s.Counts = gobreaker.Counts{Requests: 1, TotalSuccesses: 1, ConsecutiveSuccesses: 1}
	}
	s.Buckets = []gobreaker.Counts{s.Counts} // without a bucket gobreaker panics
	e.store.data, _ = json.Marshal(s)        // plain numbers and zero times
}

// memory is the shared store of a gobreaker that shares with nobody. It is used by one goroutine and cannot fail.
type memory struct{ data []byte }

// Lock implements gobreaker.SharedDataStore.
func (*memory) Lock(string) error { return nil }

// Unlock implements gobreaker.SharedDataStore.
func (*memory) Unlock(string) error { return nil }

// GetData implements gobreaker.SharedDataStore.
func (m *memory) GetData(string) ([]byte, error) { return m.data, nil }

// SetData implements gobreaker.SharedDataStore.
func (m *memory) SetData(_ string, data []byte) error {
	m.data = data
	return nil
}
