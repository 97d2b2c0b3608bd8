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
	Signers  []Signer  `toml:"signer"`
	Scarcity Scarcity  `toml:"scarcity"`
	Alerts   []Alert   `toml:"alert"`

	Escalations []Escalation  `toml:"escalation"`
	People      []Person      `toml:"person"`
	Rotas       []Rota        `toml:"rota"`
	Hours       []Hours       `toml:"hours"`
	Maintenance []Maintenance `toml:"maintenance"`
	Watchdog    Watchdog      `toml:"watchdog"`
	Heartbeats  []Heartbeat   `toml:"heartbeat"`
	Peers       []Peer        `toml:"peer"`

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

	PublicURL  string   `toml:"public_url"`  // where people reach this server: messages link to it; "" = no links
	MaxSilence Duration `toml:"max_silence"` // the longest that a silence may last; default 7d, at most journal.keep
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
	Portal           string   `toml:"portal"`            // op-stack: its OptimismPortal on the L1, through which hooks deposit
	Inbox            string   `toml:"inbox"`             // arbitrum: its delayed inbox on the L1
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
	Tell         []headwatch.Condition `toml:"tell"` // what warns and pages but never trips; default blind, and hook_not_ready with a hook that may fire on a chain
	WarnAfter    Duration              `toml:"warn_after"`
	PageAfter    Duration              `toml:"page_after"`
	TripAfter    Duration              `toml:"trip_after"`
	RecoverAfter Duration              `toml:"recover_after"`
	Rearm        string                `toml:"rearm"` // auto (default) or manual
	Hooks        []string              `toml:"hooks"`
	Alerts       []string              `toml:"alerts"`
	Escalation   string                `toml:"escalation"` // who else is told while nobody acknowledges
}

// Hook kinds and modes.
const (
	HookWebhook    = "webhook"
	HookCommand    = "command"
	HookEVM        = "evm"         // a contract call
	HookUptimeFeed = "uptime-feed" // keeps a HeadwatchUptimeFeed contract on an L2
	HookNATS       = "nats"        // publishes decisions and leases

	ModeOff     = "off"     // does nothing, and says so
	ModeDryRun  = "dry_run" // says what it would do
	ModeConfirm = "confirm" // acts when nobody vetoed it in time
	ModeArmed   = "armed"   // acts

	ViaL2        = "l2"         // straight to the nodes of the contract's chain
	ViaL1Deposit = "l1-deposit" // through the chain's portal or delayed inbox on its L1
	ViaBoth      = "both"
)

// Hook makes the world outside act when a circuit changes its state.
type Hook struct {
	Name    string            `toml:"name"`
	Kind    string            `toml:"kind"`
	Mode    string            `toml:"mode"`    // off, dry_run (default), confirm or armed
	Timeout Duration          `toml:"timeout"` // of one attempt; default 15s, of evm and uptime-feed 60s
	URL     Secret            `toml:"url"`     // webhook; nats: default the journal's engine
	Secrets []Secret          `toml:"secrets"` // webhook: whsec_... ; the first signs, all sign during a rotation
	Command []string          `toml:"command"` // command: program and arguments, no shell
	Env     map[string]Secret `toml:"env"`     // command: added to a minimal environment

	// Scarcity, of every kind of hook.
	VetoFor     Duration `toml:"veto_for"`     // confirm: how long a person may veto; default 2m
	MaxPerDay   int      `toml:"max_per_day"`  // incidents in 24 h for which it may fire; 0 = no limit; default 1 for evm
	Cooldown    Duration `toml:"cooldown"`     // from one firing to the next incident's; default 0
	BlastRadius []string `toml:"blast_radius"` // the circuits that may fire it, if more than one lists it

	// evm and uptime-feed.
	Chain         string   `toml:"chain"`          // where the contract is; default: the chain of the circuit that lists the hook
	Via           string   `toml:"via"`            // l2 (default), l1-deposit (default of uptime-feed) or both
	To            string   `toml:"to"`             // the contract that is called
	Signer        string   `toml:"signer"`         // who signs
	GasLimit      uint64   `toml:"gas_limit"`      // of the call on its chain; default: estimated, and half as much again
	MaxFee        Ether    `toml:"max_fee"`        // most per unit of gas, "200 gwei"; default 300 gwei
	ReplaceAfter  Duration `toml:"replace_after"`  // an unmined transaction gets a higher fee after this; default 30s
	Confirmations int      `toml:"confirmations"`  // blocks from the one that holds it on, itself included; default 2
	ConfirmWithin Duration `toml:"confirm_within"` // not effective after this: a person is paged; default 5m

	// evm.
	Preset       string   `toml:"preset"`        // a known contract: openzeppelin-pausable, aave-v3 ...
	Call         string   `toml:"call"`          // "setPoolPause(bool,uint40)"; default: the preset's
	Args         []string `toml:"args"`          // one for each parameter, as text
	Read         string   `toml:"read"`          // "paused()": what is read back; default: the preset's
	ReadArgs     []string `toml:"read_args"`     // of read
	ReadTo       string   `toml:"read_to"`       // the contract that is read back; default: to
	Want         string   `toml:"want"`          // what read gives when the pause is in effect; default "true"
	Resume       string   `toml:"resume"`        // the call that takes it back: printed, never sent by itself
	ResumeArgs   []string `toml:"resume_args"`   // of resume
	ResumeSigner string   `toml:"resume_signer"` // may send resume by order of a person; default: nobody
	Safe         string   `toml:"safe"`          // a Safe that makes the call, asked by the signer, who is a module of it

	// uptime-feed: how long the contract trusts the last word of headwatch; default 24h. nats: default api.lease.
	Lease Duration `toml:"lease"`

	// nats.
	Subject     string            `toml:"subject"`     // prefix of the subjects; default "headwatch"
	Credentials string            `toml:"credentials"` // file with a NATS user's JWT and seed
	CA          string            `toml:"ca"`          // file with the certificates that the other side's must come from; default: the system's
	Cert        string            `toml:"cert"`        // file with our certificate
	CertKey     string            `toml:"cert_key"`    // file with its key
	Listen      string            `toml:"listen"`      // host:port of a server for subscribers in this process; excludes url
	Subscribers map[string]Secret `toml:"subscribers"` // of listen: passwords by user
}

// Signer kinds.
const (
	SignerKeystore = "keystore"
	SignerKey      = "key"
	SignerRemote   = "remote"
)

// Signer signs transactions for hooks.
type Signer struct {
	Name       string   `toml:"name"`
	Kind       string   `toml:"kind"`
	Address    string   `toml:"address"`    // of the account; remote needs it, the others are held against it
	Keystore   string   `toml:"keystore"`   // keystore: a geth keystore file
	Passphrase Secret   `toml:"passphrase"` // keystore
	Key        Secret   `toml:"key"`        // key: 32 bytes in hex
	URL        Secret   `toml:"url"`        // remote: eth_signTransaction over HTTP
	CA         string   `toml:"ca"`         // remote: file with the certificates that the server's must come from; default: the system's
	Cert       string   `toml:"cert"`       // remote: file with our certificate
	CertKey    string   `toml:"cert_key"`   // remote: file with its key
	Timeout    Duration `toml:"timeout"`    // remote: of one signature; default 5s
}

// Scarcity bounds how often scarce hooks act, all of them together. What it forbids is told to people at once.
type Scarcity struct {
	MaxPerDay      int `toml:"max_per_day"`       // firings in 24 h; 0 = no limit
	MaxPerChainDay int `toml:"max_per_chain_day"` // of those that act for one chain; 0 = no limit
}

// Alert kinds.
const (
	AlertPagerDuty    = "pagerduty"
	AlertJSM          = "jsm"         // Jira Service Management Operations, the heir of Opsgenie
	AlertGrafanaIRM   = "grafana-irm" // formatted webhook
	AlertIncidentIO   = "incident-io" // HTTP alert source
	AlertAlertmanager = "alertmanager"
	AlertSlack        = "slack" // incoming webhook, or with a token a bot
	AlertDiscord      = "discord"
	AlertTelegram     = "telegram"
	AlertEmail        = "email"
	AlertTwilio       = "twilio"
	AlertNtfy         = "ntfy"
	AlertWebhook      = "webhook"
	AlertConsole      = "console"
)

// Alert is one channel to people.
type Alert struct {
	Name       string          `toml:"name"`
	Kind       string          `toml:"kind"`
	From       headwatch.Level `toml:"from"`        // lowest rung that is told here; default page for pagers, else warn
	URL        Secret          `toml:"url"`         // where to post; of kinds with one known address another one of it
	RoutingKey Secret          `toml:"routing_key"` // pagerduty
	Secrets    []Secret        `toml:"secrets"`     // webhook: Standard Webhooks signing secrets
	Timeout    Duration        `toml:"timeout"`     // of one attempt; default 15s
	Coalesce   Duration        `toml:"coalesce"`    // a trigger unsent for longer than this is dropped together with its resolve; default 1h
	Link       string          `toml:"link"`        // runbook or dashboard, shown last in every message

	URLs    []Secret          `toml:"urls"`    // alertmanager: every replica
	Token   Secret            `toml:"token"`   // slack (bot), telegram, jsm, incident-io, ntfy, twilio, alertmanager
	Inbound Secret            `toml:"inbound"` // pagerduty, slack: the secret that signs what comes back from there
	To      []string          `toml:"to"`      // slack (bot), telegram: one chat; email: addresses; twilio: numbers; jsm: teams
	Sender  string            `toml:"sender"`  // email: address; twilio: number
	Account string            `toml:"account"` // twilio: account SID; email: user name
	Thread  int               `toml:"thread"`  // telegram: topic of a forum
	Voice   bool              `toml:"voice"`   // twilio: call instead of a text message
	Labels  map[string]string `toml:"labels"`  // alertmanager: added to every alert; jsm: tags
	Body    string            `toml:"body"`    // webhook: file with a template of the body
}

// Duration is a time.Duration written as "90s", "5m", "36h" or "90d".
type Duration time.Duration

// D gives the duration as the standard library's type.
func (d Duration) D() time.Duration { return time.Duration(d) }

// Ether is an amount in gwei, written as "0.5 ETH" or "200 gwei".
type Ether uint64

// Size is a number of bytes written as "512MiB", "1GiB" or "100MB".
type Size int64
