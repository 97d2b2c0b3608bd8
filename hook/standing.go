package hook

import (
	"maps"
	"slices"

	"headwatch"
)

// standing is where a hook is in an incident.
type standing struct {
	over           bool
	fired          bool
	waiting        bool
	again          bool // a relapse is to be looked at as the trip was
	reports        map[headwatch.ReportKind]headwatch.Report
	veto, approval *headwatch.Action
}

func (s *standing) has(kind headwatch.ReportKind) bool {
	_, has := s.reports[kind]
	return has
}

// fires reports whether a notice lets the hook fire, or goes on with what it let fire: the trip; or a relapse, when the trip
// found nothing to do: what was done already may have been taken back.
func (s *standing) fires(n headwatch.Notice) bool {
	needless, spared := s.reports[headwatch.ReportNeedless]
	if s.fired && spared {
		spared = needless.At.Before(s.reports[headwatch.ReportFired].At)
	}
	return n.Kind == headwatch.StepTrip || n.Kind == headwatch.StepRelapse && spared
}

// begun reports whether the hook has said that it did something.
func (s *standing) begun() bool {
	return slices.ContainsFunc([]headwatch.ReportKind{
		headwatch.ReportSent, headwatch.ReportDeposited, headwatch.ReportEffective, headwatch.ReportForeign, headwatch.ReportFailed,
	}, s.has)
}

// opening is the report that gives people the time for a veto. An announcement that came to nothing cannot be made twice.
func (s *standing) opening() headwatch.ReportKind {
	announced, was := s.reports[headwatch.ReportAnnounced]
	if s.again && was && announced.At.Before(s.reports[headwatch.ReportNeedless].At) {
		return headwatch.ReportUndone
	}
	return headwatch.ReportAnnounced
}

func (l *Ledger) standing(incident, hook, circuit string) standing {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := standing{over: l.over(incident, circuit)}
	if x := l.accounts[account{incident, hook}]; x != nil {
		_, s.fired = x.reports[headwatch.ReportFired]
		s.reports, s.veto, s.approval, s.waiting = maps.Clone(x.reports), x.veto, x.approval, !x.waited.IsZero()
	}
	return s
}
