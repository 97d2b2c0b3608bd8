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

// Newest gives the newest report of each hook, and of each thing that it brings about, in the order of their first ones.
func (i *Incident) Newest() []Report {
	var newest []Report
	for _, s := range i.Steps {
		if s.Report == nil {
			continue
		}
		at := slices.IndexFunc(newest, func(r Report) bool { return r.Hook == s.Report.Hook && r.What == s.Report.What })
		if at < 0 {
			newest = append(newest, *s.Report)
		} else {
			newest[at] = *s.Report
		}
	}
	return newest
}

// Waits gives the newest report of each hook that a person may still stop or let go in the incident.
func (i *Incident) Waits() []Report {
	if !i.Resolved.IsZero() {
		return nil
	}
	return slices.DeleteFunc(i.Newest(), func(r Report) bool { return !r.Waits() })
}
