package headwatch

import (
	"slices"
	"time"
)

// ReportKind says what a hook reports.
type ReportKind string

// Reports of a hook. Of each kind there is at most one for a hook, an incident and what the hook brings about. The urgent ones need a person.
const (
	ReportAnnounced   ReportKind = "announced"   // urgent: it will fire at Until unless somebody vetoes it
	ReportVetoed      ReportKind = "vetoed"      // somebody did
	ReportWithheld    ReportKind = "withheld"    // urgent: its budget, its cooldown or a cap forbids it to fire
	ReportLapsed      ReportKind = "lapsed"      // the incident was over while it waited: nothing was sent
	ReportFired       ReportKind = "fired"       // it begins to act: from here on it counts against its budget
	ReportNeedless    ReportKind = "needless"    // what it would have done was done already: nothing was sent
	ReportSent        ReportKind = "sent"        // its transaction was handed to the network
	ReportDeposited   ReportKind = "deposited"   // its deposit is on L1 and waits for the L2 to execute it
	ReportEffective   ReportKind = "effective"   // the contract, read back, is as it was to be
	ReportForeign     ReportKind = "foreign"     // somebody else brought the contract there first
	ReportUnconfirmed ReportKind = "unconfirmed" // urgent: not effective within its limit; it is still tried
	ReportFailed      ReportKind = "failed"      // urgent: it is not going to be effective by itself any more
	ReportUndone      ReportKind = "undone"      // urgent: the contract is no longer as it was to be while the circuit is open
)

// Urgent reports whether a person has to act on it: it rings like a page.
func (k ReportKind) Urgent() bool {
	switch k {
	case ReportAnnounced, ReportWithheld, ReportUnconfirmed, ReportFailed, ReportUndone:
		return true
	}
	return false
}

// Report is what a hook says of its own doing, beyond the end of a delivery. It is an event of the journal, and the people of
// the incident are told of it.
type Report struct {
	Kind     ReportKind `json:"kind"`
	What     string     `json:"what,omitempty"` // it brings about: "feed down", "resume"; empty for what a trip makes it do
	Hook     string     `json:"hook"`
	Incident string     `json:"incident"`
	Circuit  string     `json:"circuit"`
	Chain    string     `json:"chain,omitempty"` // on which it acts; empty when it acts on none
	At       time.Time  `json:"at"`
	Until    time.Time  `json:"until,omitzero"`  // of one that says that it will fire: when
	Actor    string     `json:"actor,omitempty"` // who vetoed it, or who approved what fired
	Tx       string     `json:"tx,omitempty"`    // hash of the transaction that it is about
	Detail   string     `json:"detail"`          // one clause for a person; no URL, no text of a stranger that was not cleaned
}

// Kept is what a hook put into the journal before it acted on it. Incident and Slot are as they are in the journal's subjects.
type Kept struct {
	Incident string
	Slot     string
	Data     []byte // a secret
}

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
