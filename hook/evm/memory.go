package evm

import (
	"context"
	"errors"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/delivery"
)

// memory is what this process knows of an errand beyond the journal. Nothing depends on it but how soon something is said.
type memory struct {
	began     time.Time
	noted     bool      // began is in the journal
	read      time.Time // when what the call is made of was read; zero when that was just before
	reverting time.Time // since when the call would revert, while nothing is kept
	foreign   bool      // the last look saw the contract there, and nothing of ours
	trouble   string    // logged last
	told      map[headwatch.ReportKind]bool
}

// report puts a report into the journal, which keeps the first of each kind.
func (h *Hook) report(ctx context.Context, e errand, l line) error {
	h.mu.Lock()
	told := e.memory.told[l.Kind] || e.tells != nil && !e.tells(l.Kind)
	h.mu.Unlock()
	if told {
		return nil
	}
	r := headwatch.Report{
		Kind: l.Kind, What: e.what, Hook: h.config.Name, Incident: e.notice.Incident, Circuit: e.notice.Transition.Circuit, Chain: h.config.Chain,
		At: time.Now(), Detail: l.Detail,
	}
	if l.Tx != (common.Hash{}) {
		r.Tx = l.Tx.Hex()
	}
	ctx, cancel := context.WithTimeout(ctx, patience) // a journal that hangs must not keep the chain waiting
	defer cancel()
	if err := h.deps.Journal.Report(ctx, r); err != nil {
		return &delivery.Error{Reason: delivery.ReasonJournal, Detail: "a report could not be recorded"}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e.memory.told[l.Kind] = true
	return nil
}

// complain logs what keeps the hook from going on, when that changes.
func (h *Hook) complain(e errand, ways []way, err error) {
	var all []error
	if err != nil {
		all = append(all, err)
	}
	for _, w := range ways {
		if w.Trouble {
			all = append(all, errors.New(w.Name+": "+w.Why))
		}
	}
	text := ""
	if len(all) > 0 {
		text = clauses(all).Error()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if text != "" && text != e.memory.trouble {
		h.deps.Log.Warn("does not get on, will try again", zap.String("hook", h.config.Name), zap.String("incident", e.key), zap.String("trouble", text))
	}
	e.memory.trouble = text
}

func (h *Hook) memory(key string) *memory {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.begun[key]
	if m == nil {
		m = &memory{began: time.Now(), told: map[headwatch.ReportKind]bool{}}
		h.begun[key] = m
	}
	return m
}

// begin takes the time at which an errand began from the journal, so that a process which starts again and again is late all the
// same. While the journal cannot tell, the time in memory counts.
func (h *Hook) begin(ctx context.Context, e errand) {
	h.mu.Lock()
	noted, began := e.memory.noted, e.memory.began
	h.mu.Unlock()
	if noted {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	data, err := began.UTC().MarshalJSON()
	if err == nil {
		data, err = h.deps.Journal.Keep(ctx, e.key, h.config.Name, beganSlot, data)
	}
	if err != nil || began.UnmarshalJSON(data) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e.memory.began, e.memory.noted = began, true
}

func (h *Hook) forget(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.begun, key)
}
