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

// memory is what this process knows of an incident beyond the journal. Nothing depends on it but how soon something is said.
type memory struct {
	began     time.Time
	reverting time.Time // since when the call would revert, while nothing is kept
	foreign   bool      // the last look saw the contract there, and nothing of ours
	trouble   string    // logged last
	told      map[headwatch.ReportKind]bool
}

// report puts a report into the journal, which keeps the first of each kind.
func (h *Hook) report(ctx context.Context, n headwatch.Notice, m *memory, l line) error {
	h.mu.Lock()
	told := m.told[l.Kind]
	h.mu.Unlock()
	if told {
		return nil
	}
	r := headwatch.Report{
		Kind: l.Kind, Hook: h.config.Name, Incident: n.Incident, Circuit: n.Transition.Circuit, Chain: h.config.Chain,
		At: time.Now(), Detail: l.Detail,
	}
	if l.Tx != (common.Hash{}) {
		r.Tx = l.Tx.Hex()
	}
	if err := h.deps.Journal.Report(ctx, r); err != nil {
		return &delivery.Error{Reason: delivery.ReasonJournal, Detail: "a report could not be recorded"}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m.told[l.Kind] = true
	return nil
}

// complain logs what keeps the hook from going on, when that changes.
func (h *Hook) complain(n headwatch.Notice, m *memory, ways []way, err error) {
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
	if text != "" && text != m.trouble {
		h.deps.Log.Warn("does not get on, will try again", zap.String("hook", h.config.Name), zap.String("incident", n.Incident), zap.String("trouble", text))
	}
	m.trouble = text
}

func (h *Hook) memory(incident string) *memory {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.begun[incident]
	if m == nil {
		m = &memory{began: time.Now(), told: map[headwatch.ReportKind]bool{}}
		h.begun[incident] = m
	}
	return m
}

func (h *Hook) forget(incident string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.begun, incident)
}
