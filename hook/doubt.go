package hook

import (
	"sync"
	"time"

	"headwatch"
)

const (
	fresh    = 10 * time.Second       // how old the newest look at a circuit's chain may be; there is one a second
	askAgain = 200 * time.Millisecond // how long a circuit may be open again before that is seen
)

// watch is what a process knows of circuits by itself, not from the journal.
type watch struct {
	signals func(lease time.Duration) []headwatch.Signal
	began   time.Time

	mu     sync.Mutex
	judged map[string]bool // circuits whose chain was seen in trouble since the process began
}

func newWatch(signals func(time.Duration) []headwatch.Signal) *watch {
	return &watch{signals: signals, began: time.Now(), judged: map[string]bool{}}
}

// doubt says why a trip must not fire by itself now; "" when it may. A circuit that was restored is open because it was,
// however long ago: until its chain was seen once, that proves nothing. After that, and for what this process itself decided,
// being blind is no reason to wait: on the worst day the endpoints go, too. newest is the circuit's newest transition.
//
// A trip of this process never waits here: a circuit shows what it is before it hands out the transition.
func (w *watch) doubt(n headwatch.Notice, newest headwatch.Transition) string {
	s, ok := w.signal(n.Transition.Circuit)
	switch {
	case !ok || !time.Now().Before(s.ValidUntil):
		return "its circuit is not judged at the moment"
	case s.Incident != n.Incident || s.State != headwatch.Open:
		return "its circuit is not open at the moment"
	case n.Transition.Actor != headwatch.Watchdog, newest.To == headwatch.Open && newest.Actor != headwatch.Watchdog:
		return "" // a person wants it open, whatever the chain does
	case !s.Well.IsZero():
		return "the chain is well at the moment"
	case newest.Since.Before(w.began) && !w.saw(s): // a decision that only tells is newer, and proves nothing
		return "nothing has been seen of its chain since headwatch started"
	}
	return ""
}

func (w *watch) signal(circuit string) (headwatch.Signal, bool) {
	if w.signals != nil {
		for _, s := range w.signals(fresh) {
			if s.Circuit == circuit {
				return s, true
			}
		}
	}
	return headwatch.Signal{}, false
}

func (w *watch) saw(s headwatch.Signal) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.judged[s.Circuit] = w.judged[s.Circuit] || s.Phase != headwatch.Unknown
	return w.judged[s.Circuit]
}

// until is when an announced hook fires. People could not veto while no process was there: after a restart half of their time
// is left to them anew.
func (w *watch) until(announced headwatch.Report, veto time.Duration) time.Time {
	anew := w.began.Add(veto / 2)
	if announced.At.Before(w.began) && announced.Until.Before(anew) {
		return anew
	}
	return announced.Until
}
