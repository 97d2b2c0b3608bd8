package watcher

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"headwatch"
)

// Replay puts recorded observations through the chains' Views and assess on the recording's own clock, as fast as it
// can, with the same steps between them that the live loop would have taken. The chains must be new and must not Run;
// a chain comes after its L1. Observations must be in order of their time; each is done with when the next one is taken.
func Replay(chains []*Chain, observations iter.Seq[headwatch.Observation], assess func(headwatch.Assessment) error) error {
	desks := make([]desk, len(chains))
	byName := make(map[string]*desk, len(chains))
	for i, c := range chains {
		desks[i].chain = c
		byName[c.config.Name] = &desks[i]
	}
	for o := range observations {
		for {
			due := earliest(desks)
			if due == nil || !due.next.Before(o.At) {
				break
			}
			if err := due.step(due.next, assess); err != nil {
				return err
			}
		}
		d := byName[o.Chain]
		d.chain.hear(o)
		if err := d.step(o.At, assess); err != nil {
			return err
		}
	}
	return nil
}

// desk is one chain's place in a replay: the instant of its next step.
type desk struct {
	chain *Chain
	next  time.Time
}

func (d *desk) step(now time.Time, assess func(headwatch.Assessment) error) error {
	a, next := d.chain.judge(now)
	d.next = next
	return assess(a)
}

func earliest(desks []desk) *desk {
	var first *desk
	for i := range desks {
		if d := &desks[i]; !d.next.IsZero() && (first == nil || d.next.Before(first.next)) {
			first = d
		}
	}
	return first
}

// LoadTrace reads a whole trace and names each line's chain by its endpoint, or its chains by its hook, in the order in which the answers were
// complete. Lines of endpoints and hooks that no chain has are counted, not an error: a recording may hold more than is watched. With
// ErrCut come all observations but those of the missing end.
func LoadTrace(name string, r io.Reader, chains []*Chain) (observations []headwatch.Observation, foreign int, err error) {
	owner := make(map[string]*Chain)
	for _, c := range chains {
		for _, e := range c.config.Endpoints {
			if other, taken := owner[e.Name]; taken {
				return nil, 0, fmt.Errorf("endpoint %s is on chain %s and on chain %s: a trace names endpoints only, so their names must differ", e.Name, other.config.Name, c.config.Name)
			}
			owner[e.Name] = c
		}
	}
	var last Record // of the newest observation
	var cut error
	for record, err := range ReadTrace(name, r) {
		if errors.Is(err, ErrCut) {
			cut = err
			break
		}
		if err != nil {
			return nil, 0, err
		}
		if record.Event != "" {
			continue
		}
		if record.Hook != "" {
			told := hookChains(chains, record.Hook)
			for _, c := range told {
				observations = append(observations, record.ofHook(c.config.Name))
			}
			if last = record; len(told) == 0 {
				foreign++
			}
			continue
		}
		c, ok := owner[record.Endpoint]
		if !ok {
			foreign++
			continue
		}
		if n := len(observations); n > 0 && record.samePoll(&last) && observations[n-1].Err == nil {
			record.into(c.config, &observations[n-1])
		} else {
			observations = append(observations, record.Observation(c.config))
		}
		last = record
	}
	if len(observations) == 0 {
		return nil, foreign, fmt.Errorf("replay %s: none of its %d answers is from an endpoint of the configuration (endpoints are matched by name)", name, foreign)
	}
	slices.SortStableFunc(observations, func(a, b headwatch.Observation) int { return a.At.Compare(b.At) })
	return observations, foreign, cut
}

// hookChains gives the chains that are told of a hook.
func hookChains(chains []*Chain, hook string) []*Chain {
	return slices.DeleteFunc(slices.Clone(chains), func(c *Chain) bool { return !slices.Contains(c.hooks, hook) })
}
