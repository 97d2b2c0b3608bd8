package breaker

import (
	"context"
	"fmt"
	"strings"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/config"
)

const (
	warnAfter    = 30 * time.Second
	pageAfter    = 60 * time.Second
	tripAfter    = 120 * time.Second
	recoverAfter = 5 * time.Minute
)

// began is the instant that scripts count from.
var began = time.Date(2026, 6, 26, 15, 0, 0, 0, time.UTC)

func policy() config.Circuit {
	return config.Circuit{
		Name:         "base-lending",
		Chain:        "base",
		On:           []headwatch.Condition{headwatch.UnsafeHeadStalled, headwatch.UnsafeHeadSlow},
		Tell:         []headwatch.Condition{headwatch.Blind, headwatch.L1HeadStalled},
		WarnAfter:    config.Duration(warnAfter),
		PageAfter:    config.Duration(pageAfter),
		TripAfter:    config.Duration(tripAfter),
		RecoverAfter: config.Duration(recoverAfter),
		Rearm:        config.RearmAuto,
	}
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// lab is one circuit under test, checked against the ledger at every step. It must be used inside a synctest bubble.
type lab struct {
	t       tester
	cfg     config.Circuit
	circuit *Circuit
	ledger  ledger
	numbers map[string]int // incidents, as scripts number them
}

func newLab(t tester, cfg config.Circuit) *lab {
	t.Helper()
	c, err := New(cfg, nil)
	if err != nil {
		t.Fatalf("new circuit: %v", err)
	}
	return &lab{t: t, cfg: cfg, circuit: c, ledger: ledger{cfg: cfg}, numbers: map[string]int{}}
}

// feed puts orders into the circuit's way and feeds it. The errors are in the order of the orders.
func (l *lab) feed(a headwatch.Assessment, orders ...headwatch.Action) ([]headwatch.Transition, []error) {
	l.t.Helper()
	errs := make([]error, len(orders))
	results := make([]headwatch.Transition, len(orders))
	for i, o := range orders {
		go func() { results[i], errs[i] = l.circuit.Do(l.t.Context(), o) }()
		synctest.Wait() // until it waits for a Feed, so that orders arrive in order
	}
	decided := l.circuit.Feed(a)
	synctest.Wait()
	l.ledger.check(l.t, a, decided, l.circuit.Signal(time.Minute))
	for i := range orders {
		if errs[i] == nil && l.ledger.seq(results[i].Seq).Actor != orders[i].Actor {
			l.t.Errorf("order %d returned a transition that Feed did not decide: %+v", i, results[i])
		}
	}
	return decided, errs
}

// restart throws the circuit away and restores it from its newest transition, as the journal would.
func (l *lab) restart() {
	l.t.Helper()
	c, err := New(l.cfg, l.ledger.last())
	if err != nil {
		l.t.Fatalf("restart: %v", err)
	}
	l.circuit = c
	l.ledger.restarted()
}

// render writes a transition as scripts do: "closed>open trip #1 latched by ada".
func (l *lab) render(d headwatch.Transition) string {
	var b strings.Builder
	b.WriteString(d.From.String())
	if d.To != d.From {
		b.WriteString(">" + d.To.String())
	}
	b.WriteString(" " + d.Level.String())
	if d.Incident != "" {
		if l.numbers[d.Incident] == 0 {
			l.numbers[d.Incident] = len(l.numbers) + 1
		}
		fmt.Fprintf(&b, " #%d", l.numbers[d.Incident])
	}
	if d.Told {
		b.WriteString(" told")
	}
	if d.Latched {
		b.WriteString(" latched")
	}
	if !d.HeldUntil.IsZero() {
		b.WriteString(" held")
	}
	if d.Actor != headwatch.Watchdog {
		b.WriteString(" by " + d.Actor)
	}
	return b.String()
}
