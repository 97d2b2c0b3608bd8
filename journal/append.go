package journal

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headwatch"
)

// The engine's codes for an append that it read and refused.
const (
	codeStoreFailed  = 10077 // among others: the subject has a message
	codeWrongLastSeq = 10071
)

// Act appends an operator's action that is no transition; one on a silence is of no circuit. The same action again changes nothing.
func (j *Journal) Act(ctx context.Context, a headwatch.Action) error {
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("write the %s of %s: %w", a.Kind, a.Circuit, err)
	}
	digest := sha256.Sum256(data)
	return j.once(ctx, subject(actionKind, cmp.Or(token(a.Circuit), ofNoCircuit), fmt.Sprintf("%x", digest[:8])), data)
}

// Record appends the end of a delivery. The first one of a notice counts; a later one changes nothing.
func (j *Journal) Record(ctx context.Context, d headwatch.Delivery) error {
	data, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write the delivery of step %d of %s: %w", d.Step, d.Incident, err)
	}
	return j.once(ctx, noticeSubject(deliveryKind, d.Incident, d.Step, d.Channel), data)
}

// Report appends what a hook says of its doing. The first one of a kind for what a hook does in an incident counts; a later one
// changes nothing.
func (j *Journal) Report(ctx context.Context, r headwatch.Report) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the report of %s on %s: %w", r.Hook, r.Incident, err)
	}
	kind := string(r.Kind)
	if r.What != "" {
		kind = r.What + " " + kind
	}
	return j.once(ctx, subject(reportKind, token(r.Incident), token(r.Hook), token(kind)), data)
}

// Escalate appends what the clock brings about in an incident. Each number of an incident is taken once: one that is there already
// is success, and what it says stays.
func (j *Journal) Escalate(ctx context.Context, e headwatch.Escalation) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write escalation %d of %s: %w", e.N, e.Incident, err)
	}
	return j.once(ctx, subject(escalationKind, token(e.Incident), number(e.N)), data)
}

// Tell appends notices, in this order. One that the journal has is not told again. After an error some may have been
// taken: call it again with all of them.
func (j *Journal) Tell(ctx context.Context, notices ...headwatch.Notice) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	e, err := j.use(ctx)
	if err != nil {
		return j.fail(fmt.Errorf("append %d notices: %w", len(notices), err))
	}
	acks := make([]jetstream.PubAckFuture, len(notices))
	for i, n := range notices {
		data, err := json.Marshal(n)
		if err == nil {
			acks[i], err = e.js.PublishAsync(noticeSubject(noticeKind, n.Incident, n.Step, n.Channel), data)
		}
		if err != nil {
			return j.fail(fmt.Errorf("append the notice of step %d of %s to %s: %w", n.Step, n.Incident, n.Channel, err))
		}
	}
	for _, f := range acks {
		var ack *jetstream.PubAck
		select {
		case ack = <-f.Ok():
		case err = <-f.Err():
		case <-e.gone:
			err = nats.ErrConnectionClosed
		case <-ctx.Done():
			err = ctx.Err()
		}
		if _, _, err := j.settle(ctx, f.Msg().Subject, ack, err); err != nil {
			return err
		}
	}
	return nil
}

// Freeze keeps the route of an incident on a channel when none is kept yet, and gives the one that is kept. A route is a
// secret: it is in the log, readable by the owner of the directory alone, and never in what Read gives. Giving a route that is
// kept writes nothing, so a resolve finds its way while the disk is full.
func (j *Journal) Freeze(ctx context.Context, incident, channel string, route []byte) ([]byte, error) {
	return j.first(ctx, subject(routeKind, token(incident), token(channel)), route)
}

// first appends the first message of a subject, and gives the one that is there.
func (j *Journal) first(ctx context.Context, name string, data []byte) ([]byte, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if kept, err := j.get(ctx, name); err == nil && kept != nil {
		return kept.Data, nil
	}
	_, stored, err := j.append(ctx, name, data)
	if err != nil || stored == nil {
		return data, err
	}
	return stored.Data, nil
}

// once appends what must be in the log once; that it is there already is success.
func (j *Journal) once(ctx context.Context, subject string, data []byte) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, _, err := j.append(ctx, subject, data)
	return err
}

// append gives the sequence of the new message or, when the engine refused it, what is on the subject since before. That
// may be nothing: another subject was in the way. An error is trouble with the engine. When that is started again
// meanwhile, append tries once more: what it appends can be there only once.
func (j *Journal) append(ctx context.Context, subject string, data []byte, o ...jetstream.PublishOpt) (uint64, *jetstream.RawStreamMsg, error) {
	for again := false; ; again = true {
		e, err := j.use(ctx)
		if err != nil {
			return 0, nil, j.fail(fmt.Errorf("append %s: %w", subject, err))
		}
		ack, err := e.js.Publish(ctx, subject, data, o...)
		if err == nil || again || !e.isGone() {
			return j.settle(ctx, subject, ack, err)
		}
	}
}

// settle reads the engine's answer to an append.
func (j *Journal) settle(ctx context.Context, subject string, ack *jetstream.PubAck, err error) (sequence uint64, stored *jetstream.RawStreamMsg, _ error) {
	api, _ := errors.AsType[*jetstream.APIError](err)
	switch {
	case err == nil:
		sequence = ack.Sequence
		if j.claim != nil {
			j.claim.tail.advance(sequence)
		}
	case api != nil && api.ErrorCode == codeWrongLastSeq:
		stored, err = j.get(ctx, subject)
	case api != nil && api.ErrorCode == codeStoreFailed:
		// Also the code of a stream that somebody gave a limit: only what is there makes it a repetition.
		var readErr error
		if stored, readErr = j.get(ctx, subject); stored != nil {
			err = nil
		} else {
			err = errors.Join(err, readErr)
		}
	}
	if err != nil {
		return 0, nil, j.fail(fmt.Errorf("append %s: not acknowledged: %w", subject, err))
	}
	j.setFailed(nil)
	return sequence, stored, nil
}

// fail keeps the error of an append for Err, unless the caller gave up, and has the engine looked at.
func (j *Journal) fail(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	j.alarm()
	j.setFailed(err)
	return err
}

func (j *Journal) setFailed(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failed = err
}

// get gives the newest message on a subject, which may have wildcards; nil when there is none.
func (j *Journal) get(ctx context.Context, subject string) (*jetstream.RawStreamMsg, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	e, err := j.use(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", subject, err)
	}
	m, err := e.stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", subject, err)
	}
	return m, nil
}
