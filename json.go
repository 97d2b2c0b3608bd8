package headwatch

import (
	"encoding/json"
	"fmt"
	"time"
)

// Schema versions of the documents that other programs read. A field may be added under the same version; anything else
// is a new version. The golden files in testdata hold one document of each.
const (
	TransitionSchema = "headwatch.transition/v1"
	SignalSchema     = "headwatch.signal/v1"
	IncidentSchema   = "headwatch.incident/v1"
	NoticeSchema     = "headwatch.notice/v1"
)

type transitionJSON struct {
	Schema    string     `json:"schema"`
	Circuit   string     `json:"circuit"`
	Seq       uint64     `json:"seq"`
	From      State      `json:"from"`
	To        State      `json:"to"`
	At        time.Time  `json:"at"`
	Level     Level      `json:"level"`
	Actor     string     `json:"actor"`
	Reason    string     `json:"reason,omitempty"`
	Incident  string     `json:"incident,omitempty"`
	Since     time.Time  `json:"since"`
	Latched   bool       `json:"latched,omitempty"`
	HeldUntil time.Time  `json:"held_until,omitzero"`
	Cause     Assessment `json:"cause"`
}

// MarshalJSON writes the versioned document.
func (t Transition) MarshalJSON() ([]byte, error) {
	return json.Marshal(transitionJSON{
		TransitionSchema, t.Circuit, t.Seq, t.From, t.To, t.At, t.Level, t.Actor, t.Reason, t.Incident, t.Since, t.Latched, t.HeldUntil, t.Cause,
	})
}

// UnmarshalJSON reads a document of the same version; another version is an error.
func (t *Transition) UnmarshalJSON(b []byte) error {
	var w transitionJSON
	if err := read(b, &w, &w.Schema, TransitionSchema); err != nil {
		return err
	}
	*t = Transition{
		w.Circuit, w.Seq, w.From, w.To, w.At, w.Level, w.Cause, w.Actor, w.Reason, w.Incident, w.Since, w.Latched, w.HeldUntil,
	}
	return nil
}

type signalJSON struct {
	Schema     string      `json:"schema"`
	Circuit    string      `json:"circuit"`
	Chain      string      `json:"chain"`
	State      State       `json:"state"`
	Since      time.Time   `json:"since"`
	Seq        uint64      `json:"seq"`
	Phase      Phase       `json:"phase"`
	Level      Level       `json:"level"`
	ValidUntil time.Time   `json:"valid_until"`
	Reasons    []Condition `json:"reasons"`
	Incident   string      `json:"incident,omitempty"`
	HeldUntil  time.Time   `json:"held_until,omitzero"`
	Latched    bool        `json:"latched,omitempty"`
}

// MarshalJSON writes the versioned document; Reasons is never null.
func (s Signal) MarshalJSON() ([]byte, error) {
	w := signalJSON{
		SignalSchema, s.Circuit, s.Chain, s.State, s.Since, s.Seq, s.Phase, s.Level, s.ValidUntil, s.Reasons, s.Incident, s.HeldUntil, s.Latched,
	}
	if w.Reasons == nil {
		w.Reasons = []Condition{}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads a document of the same version; another version is an error.
func (s *Signal) UnmarshalJSON(b []byte) error {
	var w signalJSON
	if err := read(b, &w, &w.Schema, SignalSchema); err != nil {
		return err
	}
	*s = Signal{
		w.Circuit, w.Chain, w.State, w.Since, w.Seq, w.Phase, w.Level, w.ValidUntil, w.Reasons, w.Incident, w.HeldUntil, w.Latched,
	}
	return nil
}

type incidentJSON struct {
	Schema   string    `json:"schema"`
	ID       string    `json:"id"`
	Circuit  string    `json:"circuit"`
	Chain    string    `json:"chain"`
	Opened   time.Time `json:"opened"`
	Since    time.Time `json:"since"`
	Resolved time.Time `json:"resolved,omitzero"`
	Level    Level     `json:"level"`
	Peak     Level     `json:"peak"`
	Relapses int       `json:"relapses"`
	AckedBy  string    `json:"acked_by,omitempty"`
	AckedAt  time.Time `json:"acked_at,omitzero"`
	Steps    []Step    `json:"steps"`
}

// MarshalJSON writes the versioned document; Steps is never null.
func (i Incident) MarshalJSON() ([]byte, error) {
	w := incidentJSON{
		IncidentSchema, i.ID, i.Circuit, i.Chain, i.Opened, i.Since, i.Resolved, i.Level, i.Peak, i.Relapses, i.AckedBy, i.AckedAt, i.Steps,
	}
	if w.Steps == nil {
		w.Steps = []Step{}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads a document of the same version; another version is an error.
func (i *Incident) UnmarshalJSON(b []byte) error {
	var w incidentJSON
	if err := read(b, &w, &w.Schema, IncidentSchema); err != nil {
		return err
	}
	*i = Incident{
		w.ID, w.Circuit, w.Chain, w.Opened, w.Since, w.Resolved, w.Level, w.Peak, w.Relapses, w.AckedBy, w.AckedAt, w.Steps,
	}
	return nil
}

type noticeJSON struct {
	Schema      string     `json:"schema"`
	Incident    string     `json:"incident"`
	Step        uint64     `json:"step"`
	Kind        StepKind   `json:"kind"`
	Channel     string     `json:"channel"`
	DedupKey    string     `json:"dedup_key"`
	Opened      time.Time  `json:"opened"`
	Since       time.Time  `json:"since"`
	Peak        Level      `json:"peak"`
	Relapses    int        `json:"relapses,omitempty"`
	Unjournaled bool       `json:"unjournaled,omitempty"`
	Transition  Transition `json:"transition"`
}

// MarshalJSON writes the versioned document.
func (n Notice) MarshalJSON() ([]byte, error) {
	return json.Marshal(noticeJSON{
		NoticeSchema, n.Incident, n.Step, n.Kind, n.Channel, n.DedupKey, n.Opened, n.Since, n.Peak, n.Relapses, n.Unjournaled, n.Transition,
	})
}

// UnmarshalJSON reads a document of the same version; another version is an error.
func (n *Notice) UnmarshalJSON(b []byte) error {
	var w noticeJSON
	if err := read(b, &w, &w.Schema, NoticeSchema); err != nil {
		return err
	}
	*n = Notice{
		w.Incident, w.Step, w.Kind, w.Channel, w.DedupKey, w.Opened, w.Since, w.Transition, w.Peak, w.Relapses, w.Unjournaled,
	}
	return nil
}

func read(b []byte, into any, schema *string, want string) error {
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("read %s: %w", want, err)
	}
	if *schema != want {
		return fmt.Errorf("read %s: the document says schema %q", want, *schema)
	}
	return nil
}
