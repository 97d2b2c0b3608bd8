// Package config is config.toml as structs: decoded strictly, filled from presets and defaults, and checked as a whole.
// It imports only the words of the root package; the other packages take their own section from here. It opens no
// connection and starts nothing.
package config

import (
	"time"

	"headwatch"
)

// Config is a whole configuration file. After Load it is complete (presets and defaults filled in) and checked; nobody
// changes it afterwards.
//
// Every Secret under a key x may instead be kept in a file, named by x_file relative to the configuration file; of a list of
// secrets the file holds one a line. ${ENV} is replaced in secrets and nowhere else.
type Config struct {
	Path     string    `toml:"-"`
	Journal  Journal   `toml:"journal"`
	API      API       `toml:"api"`
	Log      Log       `toml:"log"`
	Chains   []Chain   `toml:"chain"`
	Circuits []Circuit `toml:"circuit"`
	Hooks    []Hook    `toml:"hook"`
	Alerts   []Alert   `toml:"alert"`

	warnings []string
}

// Journal says where decisions are kept.
type Journal struct {
	Dir     string   `toml:"dir"`      // directory of the embedded engine; default "data", relative to the configuration file
	URL     Secret   `toml:"url"`      // of an external NATS server; excludes dir
	Keep    Duration `toml:"keep"`     // events older than this are dropped once nothing needs them; default 90d
	MaxSize Size     `toml:"max_size"` // oldest events that nothing needs are dropped above this; default 1GiB
}

// API is the HTTP server.
type API struct {
	Listen    string     `toml:"listen"` // host:port; default 127.0.0.1:9464; "" after an explicit off = no server
	Lease     Duration   `toml:"lease"`  // how long a Signal is valid; default 30s
	Operators []Operator `toml:"operator"`
}

// Operator may act on circuits over the API.
type Operator struct {
	Name      string `toml:"name"`
	Token     Secret `toml:"token"`
	TokenFile string `toml:"token_file"`
}

// Log is how the program logs.
type Log struct {
	Level  string `toml:"level"`  // debug, info, warn, error; default info
	Format string `toml:"format"` // auto (console on a terminal, else JSON), console, json; default auto
}

// Chain kinds.
const (
	KindEVM     = "evm"
	KindOPStack = "op-stack"
)

// Chain is one chain to watch. A chain without an L1 is a layer 1.
type Chain struct {
	Name        string     `toml:"name"`
	Preset      string     `toml:"preset"`
	Kind        string     `toml:"kind"`
	ChainID     uint64     `toml:"chain_id"`
	BlockTime   Duration   `toml:"block_time"`
	L1          string     `toml:"l1"`            // name of the chain that is the second clock
	StaleAfter  Duration   `toml:"stale_after"`   // when a head counts as standing still; default: the first threshold of the chain's circuits
	Quorum      int        `toml:"quorum"`        // stale votes needed; default: a majority of the endpoints
	ProofOfLife int        `toml:"proof_of_life"` // endpoints that must hold a new head before it counts; default 1
	MaxSkew     Duration   `toml:"max_skew"`      // clock difference that is not yet a finding; default 15s
	Endpoints   []Endpoint `toml:"endpoint"`
}

// What an endpoint serves.
const (
	ServesEth    = "eth"
	ServesRollup = "rollup"
)

// Endpoint is one way to ask a chain.
type Endpoint struct {
	Name     string   `toml:"name"`
	URL      Secret   `toml:"url"`      // http(s); may hold a key
	WS       Secret   `toml:"ws"`       // ws(s), for newHeads; optional, eth only
	Serves   string   `toml:"serves"`   // eth (default) or rollup: optimism_syncStatus of an op-node
	Interval Duration `toml:"interval"` // between polls while all is well; default: the block time, never under 1s
	Timeout  Duration `toml:"timeout"`  // of one request; default: 80% of the interval, at most 5s
}

// Rearm modes of a circuit.
const (
	RearmAuto   = "auto"
	RearmManual = "manual"
)

// Circuit is one breaker and its ladder. All times count from Finding.Since.
type Circuit struct {
	Name         string                `toml:"name"`
	Chain        string                `toml:"chain"`
	On           []headwatch.Condition `toml:"on"`   // what trips it; default unsafe_head_stalled (l1_head_stalled on a layer 1)
	Tell         []headwatch.Condition `toml:"tell"` // what warns and pages but never trips; default blind
	WarnAfter    Duration              `toml:"warn_after"`
	PageAfter    Duration              `toml:"page_after"`
	TripAfter    Duration              `toml:"trip_after"`
	RecoverAfter Duration              `toml:"recover_after"`
	Rearm        string                `toml:"rearm"` // auto (default) or manual
	Hooks        []string              `toml:"hooks"`
	Alerts       []string              `toml:"alerts"`
}

// Hook kinds and modes.
const (
	HookWebhook = "webhook"
	HookCommand = "command"

	ModeDryRun = "dry_run"
	ModeArmed  = "armed"
)

// Hook makes the world outside act when a circuit changes its state.
type Hook struct {
	Name    string            `toml:"name"`
	Kind    string            `toml:"kind"`
	Mode    string            `toml:"mode"`    // dry_run (default) or armed
	Timeout Duration          `toml:"timeout"` // of one attempt; default 15s
	URL     Secret            `toml:"url"`     // webhook
	Secrets []Secret          `toml:"secrets"` // webhook: whsec_... ; the first signs, all sign during a rotation
	Command []string          `toml:"command"` // command: program and arguments, no shell
	Env     map[string]Secret `toml:"env"`     // command: added to a minimal environment
}

// Alert kinds.
const (
	AlertPagerDuty = "pagerduty"
	AlertSlack     = "slack"
	AlertWebhook   = "webhook"
	AlertConsole   = "console"
)

// Alert is one channel to people.
type Alert struct {
	Name       string          `toml:"name"`
	Kind       string          `toml:"kind"`
	From       headwatch.Level `toml:"from"`        // lowest rung that is told here; default page for pagerduty, else warn
	URL        Secret          `toml:"url"`         // slack, webhook: where to post; pagerduty: base URL, default https://events.pagerduty.com
	RoutingKey Secret          `toml:"routing_key"` // pagerduty
	Secrets    []Secret        `toml:"secrets"`     // webhook: Standard Webhooks signing secrets
	Timeout    Duration        `toml:"timeout"`     // of one attempt; default 15s
	Coalesce   Duration        `toml:"coalesce"`    // a trigger unsent for longer than this is dropped together with its resolve; default 1h
	Link       string          `toml:"link"`        // runbook or dashboard, shown last in every message
}

// Duration is a time.Duration written as "90s", "5m", "36h" or "90d".
type Duration time.Duration

// D gives the duration as the standard library's type.
func (d Duration) D() time.Duration { return time.Duration(d) }

// Size is a number of bytes written as "512MiB", "1GiB" or "100MB".
type Size int64
