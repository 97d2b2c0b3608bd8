package alert

import (
	"fmt"
	"strings"

	"headwatch"
	"headwatch/explain"
)

// reported is the headline of what a hook reports: what happens, of which circuit, and what to type where a person may act.
func reported(n headwatch.Notice) string {
	r := n.Report
	said := func(word, text string) string {
		return fmt.Sprintf("%s %s: %s", word, n.Transition.Circuit, r.Hook+" "+text)
	}
	if r.What != "" {
		return said(strings.ToUpper(r.What)+outcomes[r.Kind], r.Detail)
	}
	switch r.Kind {
	case headwatch.ReportAnnounced:
		return said(fmt.Sprintf("WILL FIRE AT %s (in %s) UNLESS VETOED", second(r.Until), explain.Span(r.Until.Sub(r.At))),
			order("fires by itself; stop it: ", headwatch.ActionVeto, r))
	case headwatch.ReportVetoed:
		return said("VETOED", "does not fire, by order of "+r.Actor)
	case headwatch.ReportWithheld:
		return said("HELD BACK", "has not fired and a person must decide: "+r.Detail)
	case headwatch.ReportLapsed:
		return said("NOT FIRED", "waited, and nothing was sent: "+r.Detail)
	case headwatch.ReportFired:
		return said("FIRING", "acts now ("+r.Detail+")")
	case headwatch.ReportNeedless:
		return said("NOTHING TO DO", "sent nothing: "+r.Detail)
	case headwatch.ReportSent:
		return said("PAUSE SENT", "sent its transaction; it is not in effect yet")
	case headwatch.ReportDeposited:
		return said("PAUSE ON L1", "is on the L1; it takes effect as soon as "+r.Chain+" goes on")
	case headwatch.ReportEffective:
		return said("PAUSED", "is in effect, read back from the contract")
	case headwatch.ReportForeign:
		return said("PAUSED BY OTHERS", "found that somebody else was first")
	case headwatch.ReportUnconfirmed:
		return said("PAUSE NOT CONFIRMED", "is not in effect in time, and is still tried")
	case headwatch.ReportFailed:
		return said("PAUSE FAILED", "will not take effect by itself: "+r.Detail)
	case headwatch.ReportUndone:
		if r.Waits() {
			return said("PAUSE UNDONE", order(fmt.Sprintf("fires at %s (in %s), because what others had done was taken back; stop it: ",
				second(r.Until), explain.Span(r.Until.Sub(r.At))), headwatch.ActionVeto, r))
		}
		return said("PAUSE UNDONE", "was taken back while the circuit is open")
	}
	return said(strings.ToUpper(string(r.Kind)), r.Detail)
}

// outcomes follow what a hook brings about, where that is not a pause.
var outcomes = map[headwatch.ReportKind]string{
	headwatch.ReportNeedless: " NOT NEEDED", headwatch.ReportSent: " SENT", headwatch.ReportDeposited: " ON L1", headwatch.ReportEffective: " DONE",
	headwatch.ReportForeign: " DONE BY OTHERS", headwatch.ReportUnconfirmed: " NOT CONFIRMED", headwatch.ReportFailed: " FAILED",
}

// acted says what a hook did, for the fact that otherwise says what became of the circuit.
func acted(r *headwatch.Report) string {
	text := r.Hook
	if r.Chain != "" {
		text += " on " + r.Chain
	}
	text += ": " + r.Detail
	if r.Tx != "" {
		text += "; transaction " + r.Tx
	}
	return text
}

// remedy says what a person can do about a report; "" where nothing needs to be done.
func remedy(r *headwatch.Report) string {
	if r.What != "" {
		if r.Kind.Urgent() {
			return fmt.Sprintf("Look at it: headwatch hook check %s.", r.Hook)
		}
		return ""
	}
	const byHand = "Pause by hand now: headwatch hook calldata %s prints what to send."
	switch r.Kind {
	case headwatch.ReportAnnounced:
		return stopOrGo(r)
	case headwatch.ReportWithheld:
		return order("Fire it in spite of the limit: ", headwatch.ActionApprove, r) + order("; let it be: ", headwatch.ActionVeto, r)
	case headwatch.ReportEffective, headwatch.ReportNeedless:
		return fmt.Sprintf("Nothing now. It stays so after the incident: headwatch hook resume %s prints what takes it back.", r.Hook)
	case headwatch.ReportUnconfirmed:
		return "Look at the transaction and be ready to act. " + fmt.Sprintf(byHand, r.Hook)
	case headwatch.ReportFailed:
		return fmt.Sprintf(byHand, r.Hook)
	case headwatch.ReportUndone:
		if r.Waits() {
			return stopOrGo(r)
		}
		return "Find out who took it back and why. " + fmt.Sprintf(byHand, r.Hook)
	}
	return ""
}

func stopOrGo(r *headwatch.Report) string {
	return order("Stop it: ", headwatch.ActionVeto, r) + order("; fire it at once: ", headwatch.ActionApprove, r)
}

func order(before string, kind headwatch.ActionKind, r *headwatch.Report) string {
	return fmt.Sprintf("%sheadwatch %s %s --reason ...", before, kind, r.Hook)
}
