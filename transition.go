package headwatch

// Standing gives a circuit's two incidents as a decision left them: that of what trips, and that of what is only told; zero
// where none is open.
func (t *Transition) Standing() (on, tell Aside) {
	if t.Level != LevelNone {
		on = Aside{t.Incident, t.Level}
	}
	if t.Aside != nil {
		tell = *t.Aside
	}
	if t.Told {
		on, tell = tell, on
	}
	return on, tell
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
