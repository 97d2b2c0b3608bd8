package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/explain"
	"headwatch/web"
)

// ack puts on record that somebody has a circuit's open incident in hand.
func (d *desk) ack(ctx context.Context, a headwatch.Action) (headwatch.Event, error) {
	i := calling(d.book.Incidents(), a.Circuit, a.Incident)
	if i == nil {
		if a.Incident == "" {
			if _, _, err := d.net.circuit(a.Circuit); err != nil {
				return headwatch.Event{}, fmt.Errorf("%w: %w", web.ErrNotFound, err)
			}
		}
		return headwatch.Event{}, fmt.Errorf("%w: circuit %s has no such open incident to acknowledge", web.ErrConflict, a.Circuit)
	}
	a.Circuit, a.Incident = i.Circuit, i.ID
	return d.record(ctx, a)
}

// record puts an order on record that is about what people are told, and nothing else.
func (d *desk) record(ctx context.Context, a headwatch.Action) (headwatch.Event, error) {
	if err := d.journal.Act(ctx, a); err != nil {
		return headwatch.Event{}, err
	}
	return headwatch.Event{At: a.At, Action: &a}, nil
}

// calling gives the open incident that is meant when somebody acknowledges: the one with this id, whatever circuit it is of; without
// an id the circuit's one that nobody has in hand, of two such the more urgent. It is nil when there is none.
func calling(all []headwatch.Incident, circuit, id string) *headwatch.Incident {
	var best *headwatch.Incident
	for _, i := range all {
		if circuit != "" && i.Circuit != circuit || !i.Resolved.IsZero() || id != "" && id != i.ID {
			continue
		}
		inHand := i.AckedBy != ""
		if best == nil || inHand != (best.AckedBy != "") && !inHand || inHand == (best.AckedBy != "") && i.Level > best.Level {
			best = &i
		}
	}
	return best
}

// linksKept is where it is kept which links were used. No channel has such a name.
const linksKept = "@links"

// ackOnce takes the acknowledgement of whoever holds a link. What the journal keeps first in the link's slot is what counts, so a link
// is used once however many processes serve it; and if that was never carried out, it is now.
func (d *desk) ackOnce(ctx context.Context, slot string, a headwatch.Action) (headwatch.Action, error) {
	mine, err := json.Marshal(a)
	if err != nil {
		return a, fmt.Errorf("write the acknowledgement of %s: %w", a.Incident, err)
	}
	kept, err := d.journal.Keep(ctx, a.Incident, linksKept, slot, mine)
	if err != nil {
		return a, err
	}
	if !bytes.Equal(kept, mine) {
		a = headwatch.Action{}
		if err := json.Unmarshal(kept, &a); err != nil {
			return a, fmt.Errorf("read who used the link: %w", err)
		}
	}
	_, err = d.record(ctx, a)
	return a, err
}

// heed takes the order of a person who has no token, from a channel that says who it is. Such a person may acknowledge and note. What
// comes too late, or a second time, or is of an incident that is not here, changes nothing and is no error: whoever sends it would only
// send it again.
func (d *desk) heed(ctx context.Context, a headwatch.Action) error {
	all := d.book.Incidents()
	at := slices.IndexFunc(all, func(i headwatch.Incident) bool { return i.ID == a.Incident })
	if a.Incident == "" && a.Circuit != "" { // without both it would be any incident
		if i := calling(all, a.Circuit, ""); i != nil {
			at = slices.IndexFunc(all, func(x headwatch.Incident) bool { return x.ID == i.ID })
		}
	}
	if at < 0 {
		return nil
	}
	i := &all[at]
	a.Circuit, a.Incident = i.Circuit, i.ID
	if a.At.IsZero() {
		a.At = time.Now()
	}
	switch {
	case a.Kind == headwatch.ActionAck && (!i.Resolved.IsZero() || i.AckedBy == a.Actor && explain.InHand(i, time.Now())):
		return nil
	case a.Kind == headwatch.ActionAck && explain.WorseSince(i, a.At):
		a.Kind, a.Reason = headwatch.ActionNote, a.Reason+", but it got worse meanwhile: nobody has it in hand"
	case a.Kind != headwatch.ActionAck && a.Kind != headwatch.ActionNote:
		return fmt.Errorf("a %s is not taken from a channel", a.Kind)
	}
	_, err := d.record(ctx, a)
	return err
}

// owner gives the person whom a channel reaches alone.
func owner(cfg *config.Config) func(channel string) string {
	return func(channel string) string {
		var name string
		for _, p := range cfg.People {
			if slices.Contains(p.Tell, channel) {
				if name != "" {
					return ""
				}
				name = p.Name
			}
		}
		return name
	}
}

// secrets is the part of the journal that keeps what only this program may know.
type secrets interface {
	Secret(ctx context.Context, name string, data []byte) ([]byte, error)
}

// newLinks gives the links of this configuration. Their key is in the journal, so they hold over restarts and in every process on it;
// where it cannot be kept they hold for as long as this process: a page must not wait for a disk.
func newLinks(ctx context.Context, cfg *config.Config, j secrets, log *zap.Logger) *web.Links {
	key := make([]byte, web.KeySize)
	_, _ = rand.Read(key) // never fails
	kept, err := j.Secret(ctx, "links", key)
	if err != nil || len(kept) != web.KeySize {
		log.Warn("the key of links is not in the journal: they end with this process", zap.Error(err))
		kept = key
	}
	return web.NewLinks(cfg.API.PublicURL, kept)
}
