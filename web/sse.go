package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"headwatch"
)

// sink writes server-sent events, each within writeTimeout: a reader that is slower gets an error and is dropped.
type sink struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

// journaled writes an event of the journal. Notices are passed over: what became of them is told by deliveries.
func (k *sink) journaled(ev headwatch.Event) error {
	switch {
	case ev.Transition != nil:
		return k.event(ev.Seq, "transition", ev.Transition)
	case ev.Action != nil:
		return k.event(ev.Seq, "action", ev.Action)
	case ev.Delivery != nil:
		return k.event(ev.Seq, "delivery", ev.Delivery)
	case ev.Report != nil:
		return k.event(ev.Seq, "report", ev.Report)
	case ev.Escalation != nil:
		return k.event(ev.Seq, "escalation", ev.Escalation)
	}
	return nil
}

// event writes one document. The id is the position to resume after; 0 leaves the subscriber's position alone.
func (k *sink) event(id uint64, name string, doc any) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	text := fmt.Sprintf("event: %s\ndata: %s\n\n", name, data)
	if id > 0 {
		text = fmt.Sprintf("id: %d\n%s", id, text)
	}
	return k.write(text)
}

// comment shows both ends, and every proxy between them, that the connection lives.
func (k *sink) comment() error { return k.write(":\n\n") }

func (k *sink) write(text string) error {
	if err := k.rc.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(k.w, text); err != nil {
		return err
	}
	return k.rc.Flush()
}
