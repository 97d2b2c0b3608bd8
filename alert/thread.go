package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/delivery"
)

// errGone says that a message can be neither changed nor answered any more: somebody deleted it, or it belongs to another bot.
var errGone = errors.New("the message is gone")

// maxSlots bounds the messages of an incident that are kept; there is a second one only when the first is gone.
const maxSlots = 20

// place is where the message of an incident stands.
type place struct {
	To   string `json:"to"`   // the chat, as the configuration named it then
	Chat string `json:"chat"` // the chat, as the receiver names it
	ID   string `json:"id"`   // of the message
	Step uint64 `json:"step"` // of the notice that it was posted for

	By string `json:"by,omitempty"` // the bot, where messages are numbered for each; no other one finds it
}

// room is a receiver in which one message stands for an incident.
type room interface {
	post(ctx context.Context, to delivery.Route, n headwatch.Notice, m message) (place, error)

	// reply adds a step to the message's thread, and change makes the message show how it stands now. Either may give errGone.
	reply(ctx context.Context, to delivery.Route, at place, n headwatch.Notice, m message) error
	change(ctx context.Context, to delivery.Route, at place, n headwatch.Notice, m message) error
}

// threads tells each incident in one message and its thread. Where the message stands is kept in the journal before anything
// further is sent; a crash between the post and the record of it, or a post whose answer was lost, leaves a second message behind.
type threads struct {
	room  room
	name  string // of the channel
	by    string // as in place
	write writer
	api   delivery.Route

	mu    sync.Mutex
	known map[string]*thread // of incidents that are not over
}

// thread belongs to the lane of its incident. All of it but the place is known to this process only.
type thread struct {
	place
	slot    int    // of the journal, from 1
	kept    bool   // the journal has it
	replied uint64 // the newest step that was added to the thread
}

// Route implements delivery.Sender: where an incident is told is kept with its message. The token only lets in: it may be changed
// while an incident lasts, and one that was revoked must not hold up the rest of it.
func (t *threads) Route() json.RawMessage { return nil }

// Send implements delivery.Sender.
func (t *threads) Send(ctx context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	return t.tell(ctx, n, t.write.message(n))
}

// Coalesced implements delivery.Coalescer.
func (t *threads) Coalesced(ctx context.Context, _ json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	return t.tell(ctx, resolve, t.write.coalesced(trigger, resolve))
}

// tell tells one notice: in the thread first, because that rings; then it brings the message up to date.
func (t *threads) tell(ctx context.Context, n headwatch.Notice, m message) (string, error) {
	at, slot, err := t.find(ctx, n)
	if err != nil {
		return "", err
	}
	if at != nil && at.By != t.by {
		at = nil
	}
	if at != nil && at.Step != n.Step && at.replied != n.Step {
		if err = t.room.reply(ctx, t.api, at.place, n, m); err == nil {
			at.replied = n.Step
		}
	}
	if at != nil && err == nil {
		err = t.room.change(ctx, t.api, at.place, n, m)
	}
	if at == nil || errors.Is(err, errGone) {
		p, err := t.room.post(ctx, t.api, n, m)
		if err != nil {
			return "", err
		}
		p.By = t.by
		at = &thread{place: p, slot: slot}
	} else if err != nil {
		return "", err
	}
	t.keep(ctx, n, at)
	return delivery.Clean(fmt.Sprintf("message %s in %s", at.ID, at.Chat), maxReceipt), nil
}

// maxReceipt is how many runes of what the receiver calls a message are shown.
const maxReceipt = 120

// find gives the thread of an incident, nil when it has none, and the slot of the next one. While the journal cannot answer, what
// opens an incident is told in a new one: a page fails open.
func (t *threads) find(ctx context.Context, n headwatch.Notice) (at *thread, slot int, err error) {
	t.mu.Lock()
	at = t.known[n.Incident]
	t.mu.Unlock()
	if at != nil {
		return at, at.slot + 1, nil
	}
	slot = 1
	if t.write.deps.Recall == nil {
		return nil, slot, nil
	}
	for ; slot <= maxSlots; slot++ {
		data, err := t.write.deps.Recall(ctx, n.Incident, t.name, slotName(slot))
		if err != nil && !n.Kind.Opens() {
			return nil, 0, &delivery.Error{Reason: delivery.ReasonJournal, Detail: "where the incident's message stands could not be read"}
		}
		var p place
		if err != nil || json.Unmarshal(data, &p) != nil {
			break
		}
		at = &thread{place: p, slot: slot, kept: true}
	}
	if at != nil { // what was added to it is remembered from now on, also where the rest of an attempt fails
		t.remember(n.Incident, at)
	}
	return at, slot, nil
}

// keep remembers a thread for as long as its incident lasts: in the journal too, and when that does not take it now, at the next
// notice.
func (t *threads) keep(ctx context.Context, n headwatch.Notice, at *thread) {
	if !at.kept && t.write.deps.Keep != nil && at.slot <= maxSlots {
		data, err := json.Marshal(at.place)
		if err == nil {
			data, err = t.write.deps.Keep(ctx, n.Incident, t.name, slotName(at.slot), data)
		}
		if err == nil {
			err = json.Unmarshal(data, &at.place)
		}
		if at.kept = err == nil; err != nil && t.write.deps.Log != nil {
			t.write.deps.Log.Warn("where an incident's message stands is not kept: a restart will post another", zap.String("channel", t.name),
				zap.String("incident", n.Incident), zap.Error(err))
		}
	}
	if over(n) {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.known, n.Incident)
		return
	}
	t.remember(n.Incident, at)
}

func (t *threads) remember(incident string, at *thread) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = make(map[string]*thread)
	}
	t.known[incident] = at
}

func slotName(slot int) string {
	if slot == 1 {
		return "message"
	}
	return fmt.Sprintf("message-%d", slot)
}
