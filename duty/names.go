package duty

import (
	"slices"
	"strings"
	"unicode"
)

// name is a person's name as its words, in lower case: alice-smith is alice and smith.
type name struct {
	person string
	words  []string
}

func newNames(people []string) []name {
	all := make([]name, len(people))
	for i, p := range people {
		all[i] = name{p, words(p)}
	}
	return all
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// people gives whom an event names: its attendees when any of them is known, else those in its title.
//
// What is exported: PagerDuty writes "SUMMARY:On Call - Alice Smith - Primary" and "ATTENDEE:alice.smith@example.com", without
// mailto: (fixtures of several readers of these feeds agree, for example TestParseICal of a PagerDuty importer in Go, and
// get_usernames_from_ical_event in engine/apps/schedules/ical_utils.py of grafana/oncall, which says that it adds one attendee). Grafana OnCall
// reads and writes "[L1] alice" or a mail address as SUMMARY (parse_username_from_string there). Google Calendar writes
// "ATTENDEE;CN=Alice Smith;PARTSTAT=ACCEPTED;...:mailto:alice.smith@example.com" for guests, and titles that people choose. An organizer
// is whoever made the calendar, so he is not looked at.
//
// So an attendee is somebody when the local part of the address, or the common name, has exactly the words of the person's name; a
// title when the words are in it one after the other.
func (e *event) people(known []name) (found []string) {
	for _, a := range e.attendees {
		for _, n := range known {
			if slices.Equal(words(a), n.words) {
				found = append(found, n.person)
			}
		}
	}
	if len(found) > 0 {
		return unique(found)
	}
	title := words(e.summary)
	in := slices.DeleteFunc(slices.Clone(known), func(n name) bool { return !contains(title, n.words) })
	for _, n := range in {
		// Beside alice-smith the alice of "Alice Smith" is nobody else.
		if !slices.ContainsFunc(in, func(m name) bool { return len(m.words) > len(n.words) && contains(m.words, n.words) }) {
			found = append(found, n.person)
		}
	}
	return unique(found)
}

// contains reports whether part stands in all, one word after the other.
func contains(all, part []string) bool {
	for i := range len(all) - len(part) + 1 {
		if len(part) > 0 && slices.Equal(all[i:i+len(part)], part) {
			return true
		}
	}
	return false
}
