package journal

import (
	"fmt"
	"strconv"
	"strings"

	"headwatch"
)

// streamName is the one stream of a journal, and subjectPrefix how all its subjects begin. The second token says what a
// message is; the rest makes it unique.
const (
	streamName    = "HEADWATCH"
	subjectPrefix = "hw."

	transitionKind = "transition" // <circuit>.<seq>
	actionKind     = "action"     // <circuit, or ofNoCircuit>.<digest of the action>
	noticeKind     = "notice"     // <incident>.<step>.<channel>
	deliveryKind   = "delivery"   // <incident>.<step>.<channel>
	routeKind      = "route"      // <incident>.<channel>; its body is a secret
	reportKind     = "report"     // <incident>.<hook>.<what and kind of report>
	escalationKind = "escalation" // <incident>.<n>
	keptKind       = "kept"       // <incident>.<channel>.<slot>; its body is a secret
	secretKind     = "secret"     // <name>; its body is a secret, and stays for as long as the log
	positionKind   = "position"   // <reader>.<sequence>; has no body
)

// ofNoCircuit stands where the name of a circuit would. No name in a configuration is like it.
const ofNoCircuit = "-"

// subject joins a kind and names. "*" and ">" are passed on as wildcards, so a name may not be one; token sees to it.
func subject(kind string, tokens ...string) string {
	return subjectPrefix + kind + "." + strings.Join(tokens, ".")
}

// token makes a name from the configuration fit into a subject: what the engine would read as a separator or a wildcard
// is written as in a URL. An empty name stays empty, and the engine refuses the subject.
func token(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func transitionSubject(t headwatch.Transition) string {
	return subject(transitionKind, token(t.Circuit), number(t.Seq))
}

func noticeSubject(kind, incident string, step uint64, channel string) string {
	return subject(kind, token(incident), number(step), token(channel))
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// kindOf gives the second token of a subject.
func kindOf(subject string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(subject, subjectPrefix), ".")
	return kind
}

// lastNumber gives the number at the end of a subject, 0 when there is none.
func lastNumber(subject string) uint64 {
	n, _ := strconv.ParseUint(subject[strings.LastIndexByte(subject, '.')+1:], 10, 64)
	return n
}
