package config

import "headwatch"

// Escalation says who is told, and when, for as long as nobody acknowledges.
type Escalation struct {
	Name   string           `toml:"name"`
	AckFor Duration         `toml:"ack_for"` // how long an acknowledgement holds; default 1h
	Steps  []EscalationStep `toml:"step"`
}

// EscalationStep tells somebody a while after an incident came to a rung, unless it is acknowledged by then.
type EscalationStep struct {
	Tell    []string        `toml:"tell"`    // alerts, people or rotas
	From    headwatch.Level `toml:"from"`    // the rung from which After counts; default page
	After   Duration        `toml:"after"`   // default 0s: at once
	Every   Duration        `toml:"every"`   // told again that often until somebody acknowledges; 0 = once
	During  string          `toml:"during"`  // only within these [[hours]]
	Outside string          `toml:"outside"` // only outside of these
}

// Person is somebody who can be on call.
type Person struct {
	Name string   `toml:"name"`
	Tell []string `toml:"tell"` // alerts that reach this person alone
}

// Rota says who is on call at which time: in turns, or as a calendar has it.
type Rota struct {
	Name     string     `toml:"name"`
	Timezone string     `toml:"timezone"` // IANA name; default UTC
	People   []string   `toml:"people"`   // in the order of their turns
	Starts   string     `toml:"starts"`   // of the first turn of the first of people, in the time zone: "2026-11-23T09:00"
	Turn     Duration   `toml:"turn"`     // how long one is on call, by the clock on the wall; default 7d
	Calendar Secret     `toml:"calendar"` // iCalendar file, relative to this one, or https URL, whose events name people; excludes people
	Every    Duration   `toml:"every"`    // how often a calendar is read again; default 15m
	Covers   []Override `toml:"cover"`
	Fallback []string   `toml:"fallback"` // people who are on call when nobody else is
}

// Override puts somebody else on call for a while.
type Override struct {
	Person string `toml:"person"`
	From   string `toml:"from"` // in the rota's time zone
	Until  string `toml:"until"`
}

// Hours are recurring times of the week.
type Hours struct {
	Name     string   `toml:"name"`
	Timezone string   `toml:"timezone"` // IANA name; default UTC
	Days     []string `toml:"days"`     // mon to sun; default mon to fri
	From     string   `toml:"from"`     // "09:00"
	Until    string   `toml:"until"`    // "18:00"; before from: of the next day
}

// Maintenance is a planned silence, once or again and again.
type Maintenance struct {
	Name      string   `toml:"name"`
	Match     []string `toml:"match"` // as of headwatch silence: "chain=base", "severity!=trip"
	Reason    string   `toml:"reason"`
	Timezone  string   `toml:"timezone"` // IANA name; default UTC
	Starts    string   `toml:"starts"`   // "2026-12-01T10:00", in the time zone
	Lasts     Duration `toml:"lasts"`    // at most api.max_silence
	Repeat    string   `toml:"repeat"`   // RRULE of RFC 5545: "FREQ=WEEKLY;BYDAY=TU"; default: once
	Calendar  Secret   `toml:"calendar"` // iCalendar file, relative to this one, or https URL, of planned upgrades; excludes starts, lasts and repeat
	Every     Duration `toml:"every"`    // how often a calendar is read again; default 15m
	HoldHooks bool     `toml:"hold_hooks"`
}

// Watchdog is how headwatch tells of its own troubles.
type Watchdog struct {
	Alerts       []string `toml:"alerts"`        // default: every alert that a circuit or an escalation tells
	Escalation   string   `toml:"escalation"`    // default: none
	WarnAfter    Duration `toml:"warn_after"`    // default 30s
	PageAfter    Duration `toml:"page_after"`    // default 2m
	RecoverAfter Duration `toml:"recover_after"` // default 1m
}

// Heartbeat kinds.
const (
	HeartbeatHealthchecks = "healthchecks"
	HeartbeatURL          = "url"
)

// Heartbeat tells somebody outside, again and again, that headwatch watches and that its messages arrive.
type Heartbeat struct {
	Name    string   `toml:"name"`
	Kind    string   `toml:"kind"` // healthchecks (start, success and fail), or url (a POST while all is well); default url
	URL     Secret   `toml:"url"`
	Every   Duration `toml:"every"`   // default 1m
	Timeout Duration `toml:"timeout"` // of one attempt; default 10s
}

// Peer is another headwatch, which watches the same and is watched from here.
type Peer struct {
	Name    string   `toml:"name"`
	URL     Secret   `toml:"url"`     // of its API
	Every   Duration `toml:"every"`   // default 5s
	Timeout Duration `toml:"timeout"` // of one question; default 4s
}
