package headwatch

import (
	"encoding/json"
	"fmt"
)

// Schema versions of the documents that other programs read. A field may be added under the same version; anything else
// is a new version. The golden files in testdata hold one document of each.
const (
	TransitionSchema = "headwatch.transition/v1"
	SignalSchema     = "headwatch.signal/v1"
	IncidentSchema   = "headwatch.incident/v1"
	NoticeSchema     = "headwatch.notice/v1"
)

// The documents without their methods, so that encoding/json does not come back to MarshalJSON.
type (
	plainTransition Transition
	plainSignal     Signal
	plainIncident   Incident
	plainNotice     Notice
)

// MarshalJSON writes the versioned document.
func (t Transition) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Schema string `json:"schema"`
		plainTransition
	}{TransitionSchema, plainTransition(t)})
}

// UnmarshalJSON reads a document of the same version; another version is an error.
func (t *Transition) UnmarshalJSON(b []byte) error {
	return read(b, TransitionSchema, (*plainTransition)(t))
}

// MarshalJSON writes the versioned document; Reasons is never null.
func (s Signal) MarshalJSON() ([]byte, error) {
	if s.Reasons == nil {
		s.Reasons = []Condition{}
	}
	return json.Marshal(struct {
		Schema string `json:"schema"`
		plainSignal
	}{SignalSchema, plainSignal(s)})
}

// UnmarshalJSON reads a document of the same version; another version is an error.
func (s *Signal) UnmarshalJSON(b []byte) error {
	return read(b, SignalSchema, (*plainSignal)(s))
}

// MarshalJSON writes the versioned document; Steps is never null.
func (i Incident) MarshalJSON() ([]byte, error) {
	if i.Steps == nil {
		i.Steps = []Step{}
	}
	return json.Marshal(struct {
		Schema string `json:"schema"`
		plainIncident
	}{IncidentSchema, plainIncident(i)})
}

// UnmarshalJSON reads a document of the same version; another version is an error.
func (i *Incident) UnmarshalJSON(b []byte) error {
	return read(b, IncidentSchema, (*plainIncident)(i))
}

// MarshalJSON writes the versioned document.
func (n Notice) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Schema string `json:"schema"`
		plainNotice
	}{NoticeSchema, plainNotice(n)})
}

// UnmarshalJSON reads a document of the same version; another version is an error.
func (n *Notice) UnmarshalJSON(b []byte) error {
	return read(b, NoticeSchema, (*plainNotice)(n))
}

func read(b []byte, want string, into any) error {
	var document struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(b, &document); err != nil {
		return fmt.Errorf("read %s: %w", want, err)
	}
	if document.Schema != want {
		return fmt.Errorf("read %s: the document says schema %q", want, document.Schema)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("read %s: %w", want, err)
	}
	return nil
}
