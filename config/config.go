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
	KindEVM      = "evm"
	KindOPStack  = "op-stack"
	KindArbitrum = "arbitrum"
	KindZKsync   = "zksync"
	KindLinea    = "linea"
	KindScroll   = "scroll"
	KindPolygon  = "polygon"
	KindAPI      = "api" // no blocks are read: only API endpoints
)

// Chain is one chain to watch. A chain without an L1 is a layer 1.
type Chain struct {
	Name        string   `toml:"name"`
	Preset      string   `toml:"preset"`
	Kind        string   `toml:"kind"`
	ChainID     uint64   `toml:"chain_id"`
	BlockTime   Duration `toml:"block_time"`
	L1          string   `toml:"l1"`            // name of the chain that is the second clock
	StaleAfter  Duration `toml:"stale_after"`   // when a head counts as standing still; default: the first threshold of the chain's circuits
	Quorum      int      `toml:"quorum"`        // stale votes needed; default: a majority of the endpoints
	ProofOfLife int      `toml:"proof_of_life"` // endpoints that must hold a new head before it counts; default 1
	MaxSkew     Duration `toml:"max_skew"`      // clock difference that is not yet a finding; default 15s

	// Busy says that users' transactions never pause for as long as the first threshold: then blocks without any mean
	// that users are shut out, and on a chain that seals no empty blocks silence means that it stands still.
	Busy             bool     `toml:"busy"`
	SafeLag          Duration `toml:"safe_lag"`          // how long a block may wait to become safe; 0 = not judged
	ProvenLag        Duration `toml:"proven_lag"`        // to be proven; 0 = not judged
	FinalizedLag     Duration `toml:"finalized_lag"`     // to become final; 0 = not judged
	SequencingWindow uint64   `toml:"sequencing_window"` // in L1 blocks; default: what a rollup endpoint says, else 3600; op-stack only
	ReorgDepth       int      `toml:"reorg_depth"`       // replaced blocks from which a reorganisation is told; default 1
	Batcher          string   `toml:"batcher"`           // its address on the L1; empty = not watched
	BatcherFunds     Ether    `toml:"batcher_funds"`     // less than this on the batcher's account is told; default 0.5 ETH
	BatcherSilence   Duration `toml:"batcher_silence"`   // longest time between its transactions, at least 15m; default: safe_lag, else 30m

	Endpoints []Endpoint `toml:"endpoint"`
}

// What an endpoint serves.
const (
	ServesEth       = "eth"
	ServesRollup    = "rollup"
	ServesSequencer = "sequencer" // is asked to refuse a transaction: the active probe
	ServesFeed      = "feed"      // the sequencer feed of an Arbitrum chain, over ws
	ServesAPI       = "api"       // any JSON over HTTP or WebSocket
)

// Units of a value that an API endpoint reports.
const (
	UnitSeconds = "s"
	UnitMillis  = "ms"
	UnitNanos   = "ns"
	UnitRFC3339 = "rfc3339"
	UnitCounter = "counter" // a number that rises
)

// Endpoint is one way to ask a chain.
type Endpoint struct {
	Name     string   `toml:"name"`
	URL      Secret   `toml:"url"`      // http(s); may hold a key
	WS       Secret   `toml:"ws"`       // ws(s), for newHeads; optional, eth only
	Serves   string   `toml:"serves"`   // eth (default) or rollup: optimism_syncStatus of an op-node
	Interval Duration `toml:"interval"` // between polls while all is well; default: the block time, never under 1s
	Timeout  Duration `toml:"timeout"`  // of one request; default: 80% of the interval, at most 5s
	Operator string   `toml:"operator"` // who runs it: votes of one operator count once; default: the endpoint's name
	Budget   uint64   `toml:"budget"`   // compute units a day; polling slows down before they are exceeded; 0 = none

	// Of endpoints that serve api.
	Request string   `toml:"request"` // JSON to POST, or to send once on a WebSocket; default: a GET
	Path    string   `toml:"path"`    // of the value in the answer, as gjson has it: "time", "levels.0.0.px"
	Unit    string   `toml:"unit"`    // of the value: s, ms, ns, rfc3339 or counter; default ms
	Fresh   Duration `toml:"fresh"`   // the value may be this old, or stand still for so long; default 30s
	Below   []string `toml:"below"`   // two paths: the first number must be below the second, as bid and ask
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

// Ether is an amount in gwei, written as "0.5 ETH".
type Ether uint64

// Size is a number of bytes written as "512MiB", "1GiB" or "100MB".
type Size int64
