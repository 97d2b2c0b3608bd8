package headwatch

import "slices"

// ReportKinds lists every kind of report, in the order in which they may come.
func ReportKinds() []ReportKind {
	return []ReportKind{
		ReportAnnounced, ReportVetoed, ReportWithheld, ReportLapsed, ReportNeedless, ReportFired, ReportSent, ReportDeposited,
		ReportEffective, ReportForeign, ReportUnconfirmed, ReportFailed, ReportUndone,
	}
}

// Waits reports whether a hook that says this does nothing until a person or the clock lets it.
func (k ReportKind) Waits() bool { return k == ReportAnnounced || k == ReportWithheld }

// Waits reports whether the hook that says this does nothing until a person or the clock lets it. One that was undone may fire
// at Until.
func (r *Report) Waits() bool { return r.Kind.Waits() || r.Kind == ReportUndone && !r.Until.IsZero() }

// Waits gives the newest report of each hook that a person may still stop or let go in the incident, longest waiting first.
func (i *Incident) Waits() []Report {
	var waits []Report
	if !i.Resolved.IsZero() {
		return nil
	}
	for _, s := range i.Steps {
		if s.Report == nil {
			continue
		}
		at := slices.IndexFunc(waits, func(r Report) bool { return r.Hook == s.Report.Hook })
		switch {
		case s.Report.Waits() && at < 0:
			waits = append(waits, *s.Report)
		case s.Report.Waits():
			waits[at] = *s.Report
		case at >= 0:
			waits = slices.Delete(waits, at, at+1)
		}
	}
	return waits
}
