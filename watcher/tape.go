package watcher

import (
	"context"
	"encoding/json"
	"time"

	"headwatch"
)

// tape gives what one endpoint answers to a recorder, one Record for each question, as a replay reads it again. Nothing
// of an answer goes on it but checked numbers and hashes, and of an error what a Fault says. It travels in the context, as
// the meter does; the methods of a nil tape do nothing. It belongs to the prober and the follower of its endpoint.
type tape struct {
	endpoint *endpoint
	out      func([]Record)
	held     []Record // of the poll under way: they count only if all of it is well
}

type tapeKey struct{}

func newTape(e *endpoint, out func([]Record)) *tape { return &tape{endpoint: e, out: out} }

func (t *tape) within(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, tapeKey{}, t)
}

// tapeOf gives the tape of a context, nil when nothing is recorded.
func tapeOf(ctx context.Context) *tape {
	t, _ := ctx.Value(tapeKey{}).(*tape)
	return t
}

// hold keeps the answer to a question of a poll until answered or failed.
func (t *tape) hold(q question, answer json.RawMessage) {
	if t != nil {
		t.held = append(t.held, Record{Method: q.method, Params: q.params, Result: t.endpoint.secrets.cutDown(answer)})
	}
}

// answered ends a poll that went well. Its answers have the same two times, by which a replay knows them for one poll.
func (t *tape) answered(asked, at time.Time) {
	if t == nil {
		return
	}
	t.put(t.held, asked, at)
	t.held = nil
}

// failed ends a poll that did not.
func (t *tape) failed(asked time.Time, o headwatch.Observation, q question) {
	if t == nil {
		return
	}
	t.put([]Record{{Method: q.method, Params: q.params, Error: faultText(o.Err)}}, asked, o.At)
	t.held = nil
}

// push puts down a header that was pushed, or the fault that came in its place.
func (t *tape) push(o headwatch.Observation, header *block) {
	if t == nil {
		return
	}
	r := Record{Method: methodPush, Params: newHeads}
	if o.Err != nil {
		r.Error = faultText(o.Err)
	} else {
		r.Result = t.endpoint.secrets.cutDown(raw(header))
	}
	t.put([]Record{r}, o.At, o.At)
}

var newHeads = []json.RawMessage{raw("newHeads")}

// put gives records away. Their time is in whole milliseconds, and their latency leads from there to the instant of the answer.
func (t *tape) put(records []Record, asked, at time.Time) {
	every := t.endpoint.every()
	for i := range records {
		r := &records[i]
		r.AtMS, r.Endpoint = asked.UnixMilli(), t.endpoint.name
		r.Latency = ms(at.Sub(time.UnixMilli(r.AtMS)))
		if every != t.endpoint.interval {
			r.Every = ms(every)
		}
	}
	t.out(records)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// recordedFault is an error in a trace.
type recordedFault struct {
	Kind   headwatch.FaultKind `json:"kind"`
	Detail string              `json:"detail,omitempty"`
}

func faultText(err error) json.RawMessage {
	fault := secrets(nil).fault(err)
	return raw(recordedFault{fault.Kind, fault.Detail})
}

// Tap has every endpoint give what it answers to out, with the answers of one poll or push at a time, from goroutines of
// the endpoints: out must be quick. What Hear is told goes there too. Call it before Run and Hear.
func (c *Chain) Tap(out func([]Record)) {
	c.tapped = out
	for _, e := range c.endpoints {
		e.tape = newTape(e, out)
	}
}
