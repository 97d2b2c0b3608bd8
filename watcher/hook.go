package watcher

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"headwatch"
)

// maxWhy bounds what is kept of why a hook is not ready: several clauses, since all that is wrong is told at once.
const maxWhy = 600

// hookView is what is known of one hook: whether it would work if it had to fire now. It is told from outside, and nothing
// follows from it but what people are told: no verdict on the chain rests on a hook.
type hookView struct {
	name  string
	since time.Time // when it was first found not ready; zero while it is ready or was never tried
	why   string
}

// watchHooks makes the View take in whether these hooks are ready. Call it before Restore and the first Observe.
func (v *View) watchHooks(names []string) {
	for _, name := range names {
		v.hooks = append(v.hooks, hookView{name: name})
	}
}

// restoreHooks takes over which hooks the journal knows not to be ready. They are not until they have been tried again.
func (v *View) restoreHooks(a headwatch.Assessment) {
	for _, f := range a.Findings {
		if h := v.hook(f.Hook); h != nil && f.Condition == headwatch.HookNotReady {
			h.since, h.why = f.Since, f.Detail
		}
	}
}

// hearHook takes in that a hook was tried. One that is not watched here is ignored.
func (v *View) hearHook(o headwatch.Observation) {
	h := v.hook(o.Hook)
	switch {
	case h == nil:
	case o.Err == nil:
		h.since, h.why = time.Time{}, ""
	default:
		if h.since.IsZero() {
			h.since = o.At
		}
		h.why = whyOf(o.Err)
	}
}

func (v *View) hook(name string) *hookView {
	for i := range v.hooks {
		if v.hooks[i].name == name {
			return &v.hooks[i]
		}
	}
	return nil
}

func (v *View) assessHooks(now time.Time) {
	for i := range v.hooks {
		if h := &v.hooks[i]; !h.since.IsZero() {
			v.find(headwatch.Finding{
				Condition: headwatch.HookNotReady, Since: h.since, Value: now.Sub(h.since), Hook: h.name, Detail: h.why,
			})
		}
	}
}

// whyOf makes the reason in an error fit to be shown: printable ASCII, single spaces, no URL, bounded.
func whyOf(err error) string {
	text := err.Error()
	if f, ok := errors.AsType[*headwatch.Fault](err); ok && f.Detail != "" {
		text = f.Detail
	}
	words := strings.Fields(strings.Map(printable, text[:min(len(text), maxQuoted)]))
	for i, word := range words {
		if strings.Contains(word, "://") {
			words[i] = "[URL]"
		}
	}
	if text = strings.Join(words, " "); len(text) > maxWhy {
		text = text[:maxWhy-3] + "..."
	}
	return text
}

// mailbox holds what a Chain is told from outside until its loop takes it: of each hook the newest. Nobody waits for the
// other side.
type mailbox struct {
	mu   sync.Mutex
	news []headwatch.Observation
}

func (m *mailbox) put(o headwatch.Observation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.news = append(slices.DeleteFunc(m.news, func(old headwatch.Observation) bool { return old.Hook == o.Hook }), o)
}

func (m *mailbox) take() []headwatch.Observation {
	m.mu.Lock()
	defer m.mu.Unlock()
	news := m.news
	m.news = nil
	return news
}

// Hear takes in what was found out about one of Options.Hooks: Hook, At and Err are set. Any goroutine may call it at any
// time; it does not block. Before Run the newest word on each hook waits for it.
func (c *Chain) Hear(o headwatch.Observation) {
	if !slices.Contains(c.hooks, o.Hook) {
		return
	}
	o.Chain = c.config.Name
	c.told.put(o)
	c.Wake()
	if c.tapped != nil {
		c.tapped([]Record{hookRecord(o)})
	}
}

// hookRecord is an observation of a hook as a line of a trace.
func hookRecord(o headwatch.Observation) Record {
	r := Record{AtMS: o.At.UnixMilli(), Hook: o.Hook}
	if o.Err != nil {
		r.Error = raw(recordedFault{Kind: headwatch.FaultOther, Detail: whyOf(o.Err)})
	}
	return r
}

// ofHook is what a line of a trace says of a hook.
func (r *Record) ofHook(chain string) headwatch.Observation {
	o := headwatch.Observation{Chain: chain, Hook: r.Hook, At: time.UnixMilli(r.AtMS)}
	if r.Error != nil {
		var fault recordedFault
		_ = json.Unmarshal(r.Error, &fault) // of another recorder: then nothing is known but that it was not ready
		o.Err = faultf(headwatch.FaultOther, "%s", fault.Detail)
	}
	return o
}
