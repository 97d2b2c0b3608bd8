package headwatch

import "time"

// Signal is the lease on a circuit's state, for programs that act on it. A subscriber that holds an expired lease must
// assume that the watchdog is gone and apply its own rule: a stale "closed" is not a "closed".
type Signal struct {
	Circuit    string      `json:"circuit"`
	Chain      string      `json:"chain"`
	State      State       `json:"state"`
	Since      time.Time   `json:"since"`
	Seq        uint64      `json:"seq"`
	Phase      Phase       `json:"phase"`
	Level      Level       `json:"level"`
	ValidUntil time.Time   `json:"valid_until"`
	Reasons    []Condition `json:"reasons"` // what holds now and matters to this circuit
	Incident   string      `json:"incident,omitempty"`
	HeldUntil  time.Time   `json:"held_until,omitzero"`
	Latched    bool        `json:"latched,omitempty"`
	Told       bool        `json:"told,omitempty"`  // Level and Incident are of what is only told: nothing that trips has one
	Aside      *Aside      `json:"aside,omitempty"` // the incident of what is only told, beside the one of what trips; nobody changes it
	Well       time.Time   `json:"well,omitzero"`   // while an incident is open: since when the chain is well without a break; zero when it is not
}

// Show makes a Signal tell of a circuit's incidents: of the one that trips, where there is one.
func (s *Signal) Show(on, tell Aside) {
	s.Told, s.Aside = false, nil
	switch {
	case on.Level == LevelNone:
		s.Told = tell.Level != LevelNone
		on = tell
	case tell.Level != LevelNone:
		s.Aside = &tell
	}
	s.Incident, s.Level = on.Incident, on.Level
}

// Ladders gives how far what trips and what is only told have come.
func (s *Signal) Ladders() (on, tell Level) {
	switch {
	case s.Told:
		return LevelNone, s.Level
	case s.Aside != nil:
		return s.Level, s.Aside.Level
	}
	return s.Level, LevelNone
}
