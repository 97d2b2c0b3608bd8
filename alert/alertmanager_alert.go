package alert

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"headwatch"
	"headwatch/delivery"
	"headwatch/explain"
)

// fire keeps what a notice says, and gives all alerts of its incident. The text is inert, because templates of Alertmanager hand it on as
// it is, to Slack among others. What is not in earnest is not kept: it ends by itself.
func (a *alertmanager) fire(n headwatch.Notice) []amAlert {
	m, t := a.write.message(n).inert(), n.Transition
	slot, labels := a.identity(n.Incident, t.Circuit, t.Cause.Chain, t.Level, n.Report, n.Dependant)
	fired := amAlert{Labels: labels, Annotations: a.annotations(m.headline, m.lines()), StartsAt: t.At, Generator: a.write.page(n)}
	i := a.write.incident(n.Incident)
	a.mu.Lock()
	defer a.mu.Unlock()
	said := a.open[n.Incident]
	alone := n.Mark != "" || said != nil && !said.ended.IsZero() || i != nil && !i.Resolved.IsZero() // what comes after the end is told, and ends by itself
	switch {
	case alone || said == nil && i == nil:
		said = &amIncident{alerts: make(map[string]amAlert)}
	case said == nil:
		said = a.remember(*i)
	}
	if before, ok := said.alerts[slot]; ok {
		fired.StartsAt = before.StartsAt
	}
	said.alerts[slot] = fired
	if !alone {
		a.open[n.Incident] = said
	}
	return said.wire(time.Now())
}

// now gives the alerts of an incident that is open here.
func (a *alertmanager) now(incident string) []amAlert {
	a.mu.Lock()
	defer a.mu.Unlock()
	if said := a.open[incident]; said != nil {
		return said.wire(time.Now())
	}
	return nil
}

// end gives the alerts of an incident that is over, as over: what was said of it, here or before a restart, or else every rung
// that it can have been told of.
func (a *alertmanager) end(n headwatch.Notice) []amAlert {
	i := a.write.incident(n.Incident)
	a.mu.Lock()
	defer a.mu.Unlock()
	said := a.open[n.Incident]
	switch {
	case said != nil:
	case i != nil:
		said = a.remember(*i)
	default:
		said = &amIncident{alerts: make(map[string]amAlert)}
		for level := max(a.from, headwatch.LevelWarn); level <= n.Peak; level++ {
			slot, labels := a.identity(n.Incident, n.Transition.Circuit, n.Transition.Cause.Chain, level, nil, nil)
			said.alerts[slot] = amAlert{Labels: labels, Annotations: a.annotations("", ""), StartsAt: n.Opened}
		}
	}
	m := a.write.message(n).inert()
	for _, fired := range said.alerts {
		fired.Annotations["summary"], fired.Annotations["description"] = m.headline, m.lines()
	}
	said.ended = n.Transition.At
	if n.Mark == "" {
		a.open[n.Incident] = said
	}
	return said.wire(time.Now())
}

// leave ends the alert of an incident that was beneath this one.
func (a *alertmanager) leave(n headwatch.Notice) []amAlert {
	if n.Dependant == nil {
		return nil
	}
	slot, _ := a.identity(n.Incident, "", "", 0, nil, n.Dependant)
	a.mu.Lock()
	defer a.mu.Unlock()
	said := a.open[n.Incident]
	if said == nil {
		return nil
	}
	fired, ok := said.alerts[slot]
	if !ok {
		return nil
	}
	fired.EndsAt = n.Transition.At
	said.alerts[slot] = fired
	return said.wire(time.Now())
}

// remember makes of an incident in the book what a process before this one said of it. The words were in its memory alone: a
// person finds the evidence in the incident.
func (a *alertmanager) remember(i headwatch.Incident) *amIncident {
	said := &amIncident{alerts: make(map[string]amAlert), ended: i.Resolved}
	for _, s := range i.Steps {
		urgent := s.Kind == headwatch.StepHook && s.Report != nil && s.Report.Kind.Urgent()
		if !urgent && (!s.Kind.Opens() || s.Level < a.from && s.Escalation == nil && s.Dependant == nil) {
			continue
		}
		slot, labels := a.identity(i.ID, i.Circuit, i.Chain, s.Level, s.Report, s.Dependant)
		if _, ok := said.alerts[slot]; !ok {
			said.alerts[slot] = amAlert{
				Labels: labels, StartsAt: s.At, Generator: a.write.page(headwatch.Notice{Incident: i.ID}),
				Annotations: a.annotations(fmt.Sprintf("%s %s: %s since %s", strings.ToUpper(labels["level"]), i.Circuit, i.Chain, explain.Stamp(i.Since)),
					"headwatch was restarted since: headwatch incidents show "+i.ID),
			}
		}
	}
	return said
}

// identity is what makes an alert one of its own within an incident, and all its labels: they follow from what never changes of it.
func (a *alertmanager) identity(
	incident, circuit, chain string, level headwatch.Level, report *headwatch.Report, beneath *headwatch.Dependant,
) (slot string, labels map[string]string) {
	labels = maps.Clone(a.labels)
	if labels == nil {
		labels = make(map[string]string)
	}
	switch {
	case report != nil:
		slot = fmt.Sprintf("hook %s %s %s", report.Hook, report.What, report.Kind)
		labels["hook"], labels["report"] = report.Hook, strings.TrimSpace(report.What+" "+string(report.Kind))
		level = max(level, headwatch.LevelPage)
	case beneath != nil:
		slot = "beneath " + beneath.Incident
		labels["dependant"], level = beneath.Circuit, beneath.Level
	default:
		slot = level.String()
	}
	// Alertmanager's own examples inhibit by alertname: with that of the circuit none mutes another circuit.
	labels["alertname"], labels["job"] = circuit, "headwatch"
	labels["circuit"], labels["chain"], labels["incident"] = circuit, chain, incident
	labels["level"], labels["severity"] = level.String(), "critical" // what the routes of most people page for
	if level == headwatch.LevelWarn {
		labels["severity"] = "warning"
	}
	for k, v := range labels {
		labels[k] = delivery.Clean(v, maxLabel)
	}
	return slot, labels
}

func (a *alertmanager) annotations(summary, description string) map[string]string {
	all := map[string]string{"summary": summary, "description": description}
	if a.write.link != "" {
		all["runbook_url"] = a.write.link
	}
	return all
}

// wire gives the alerts of an incident as they are sent now: with the end that they have, or else with one that comes only if
// nothing is heard of them any more.
func (i *amIncident) wire(now time.Time) []amAlert {
	var alerts []amAlert
	for _, slot := range slices.Sorted(maps.Keys(i.alerts)) {
		fired := i.alerts[slot]
		fired.Annotations = maps.Clone(fired.Annotations)
		switch {
		case !fired.EndsAt.IsZero():
		case i.ended.IsZero():
			fired.EndsAt = now.Add(firesUnheard)
		default:
			fired.EndsAt = i.ended
		}
		if fired.EndsAt.Before(fired.StartsAt) {
			fired.StartsAt = fired.EndsAt // an end before its start is refused, and the earliest start counts
		}
		alerts = append(alerts, fired)
	}
	return alerts
}
