package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"headwatch"
)

// Every default stands in this file. prepare sets those that depend on nothing, before the file's own values are decoded
// over them; complete adds those that follow from other values.

const (
	defaultTimeout = Duration(15 * time.Second) // of one attempt to deliver
	defaultFunds   = Ether(5e8)
	defaultWindow  = 3600 // L1 blocks, the OP Stack's seq_window_size
)

// pagers wake people: they are told from a page on.
var pagers = []string{AlertPagerDuty, AlertJSM, AlertGrafanaIRM, AlertIncidentIO, AlertTwilio}

// knownURLs are the addresses of kinds that have one.
var knownURLs = map[string]string{
	AlertPagerDuty: "https://events.pagerduty.com",
	AlertJSM:       "https://api.atlassian.com/jsm/ops/integration", // with https://api.opsgenie.com instead it is Opsgenie
	AlertTwilio:    "https://api.twilio.com",
}

// intervals between polls of what does not move with the blocks.
var intervals = map[string]Duration{
	ServesSequencer: Duration(10 * time.Second),
	ServesFeed:      Duration(5 * time.Second), // between pings
	ServesAPI:       Duration(2 * time.Second),
}

func (d *document) prepare(at path, values map[string]any, table any) {
	switch t := table.(type) {
	case *Config:
		t.Journal = Journal{Dir: "data", Keep: Duration(90 * day), MaxSize: 1 << 30}
		t.API = API{Listen: "127.0.0.1:9464", Lease: Duration(30 * time.Second), MaxSilence: Duration(7 * day)}
		t.Watchdog = Watchdog{WarnAfter: Duration(30 * time.Second), PageAfter: Duration(2 * time.Minute), RecoverAfter: Duration(time.Minute)}
		t.Log = Log{Level: "info", Format: "auto"}
	case *Chain:
		if name, ok := values["preset"].(string); ok {
			d.preset(at.key("preset"), name, t)
		}
		t.ProofOfLife = 1
		t.MaxSkew = Duration(15 * time.Second)
		t.ReorgDepth = max(t.ReorgDepth, 1)
		t.BatcherFunds = defaultFunds
	case *Endpoint:
		t.Serves = ServesEth
		t.Unit = UnitMillis
		t.Fresh = Duration(30 * time.Second)
	case *Circuit:
		t.Tell = []headwatch.Condition{headwatch.Blind}
		t.Rearm = RearmAuto
	case *Hook:
		t.Mode = ModeDryRun
		t.Timeout = defaultTimeout
		t.VetoFor = Duration(2 * time.Minute)
	case *Signer:
		t.Timeout = Duration(5 * time.Second)
	case *Escalation:
		t.AckFor = Duration(time.Hour)
	case *EscalationStep:
		t.From = headwatch.LevelPage
	case *Rota:
		t.Timezone, t.Turn, t.Every = "UTC", Duration(7*day), Duration(15*time.Minute)
	case *Hours:
		t.Timezone, t.Days = "UTC", []string{"mon", "tue", "wed", "thu", "fri"}
	case *Maintenance:
		t.Timezone, t.Every = "UTC", Duration(15*time.Minute)
	case *Heartbeat:
		t.Kind, t.Every, t.Timeout = HeartbeatURL, Duration(time.Minute), Duration(10*time.Second)
	case *Peer:
		t.Every, t.Timeout = Duration(5*time.Second), Duration(4*time.Second)
	case *Alert:
		t.Timeout = defaultTimeout
		t.Coalesce = Duration(time.Hour)
	}
}

// preset fills a chain; it is named like its preset unless the file names it. A name with a slip stands for the one that
// was meant, so that what follows from the slip is not reported as well: the file is refused anyway.
func (d *document) preset(at path, name string, c *Chain) {
	if !d.choice(at, name, Presets()) {
		if name = nearest(name, Presets()); name == "" {
			return
		}
	}
	p, err := presetNamed(name)
	if err != nil {
		d.fault(at, err.Error(), "")
		return
	}
	*c = p.Chain
	c.Name = name
}

func (d *document) complete(c *Config) {
	if !c.Journal.URL.IsZero() && !d.has(path("journal").key("dir")) {
		c.Journal.Dir = ""
	}
	if c.Journal.Dir != "" {
		c.Journal.Dir = d.relative(c.Journal.Dir)
	}
	if !d.has(path("api").key("max_silence")) {
		c.API.MaxSilence = max(min(c.API.MaxSilence, c.Journal.Keep), minSilence) // a silence is in the journal alone
	}
	for i := range c.Circuits {
		d.completeCircuit(path("circuit").item(i), &c.Circuits[i], c.Chain(c.Circuits[i].Chain))
		d.completeTell(path("circuit").item(i), &c.Circuits[i], c)
	}
	for i := range c.Chains {
		d.completeChain(path("chain").item(i), &c.Chains[i], c.Limits(c.Chains[i].Name))
	}
	for i := range c.Hooks {
		d.completeHook(path("hook").item(i), &c.Hooks[i], c)
	}
	for i := range c.Signers {
		d.completeSigner(&c.Signers[i])
	}
	for i := range c.Alerts {
		completeAlert(&c.Alerts[i])
		if body := &c.Alerts[i].Body; *body != "" {
			*body = d.relative(*body)
		}
	}
	d.completeWatchdog(c)
}

func (d *document) completeCircuit(at path, c *Circuit, chain *Chain) {
	if chain == nil {
		return
	}
	if !d.has(at.key("on")) {
		c.On = []headwatch.Condition{stall(chain)}
		if missingFor(headwatch.UserTxsMissing, chain) == "" {
			c.On = append(c.On, headwatch.UserTxsMissing)
		}
	}
	if !slices.Contains(Presets(), chain.Preset) {
		return
	}
	p, err := presetNamed(chain.Preset)
	if err != nil {
		return // reported where the chain was read
	}
	for _, t := range []struct {
		key  string
		to   *Duration
		from Duration
	}{
		{"warn_after", &c.WarnAfter, p.Thresholds.WarnAfter},
		{"page_after", &c.PageAfter, p.Thresholds.PageAfter},
		{"trip_after", &c.TripAfter, p.Thresholds.TripAfter},
		{"recover_after", &c.RecoverAfter, p.Thresholds.RecoverAfter},
	} {
		if !d.has(at.key(t.key)) {
			*t.to = t.from
		}
	}
}

// completeChain takes the limits of the chain's circuits in ascending order.
func (d *document) completeChain(at path, c *Chain, limits []time.Duration) {
	if !d.has(at.key("stale_after")) {
		if len(limits) > 0 {
			c.StaleAfter = Duration(limits[0])
		} else {
			c.StaleAfter = max(5*c.BlockTime, Duration(10*time.Second))
		}
	}
	if c.SequencingWindow == 0 && c.Kind == KindOPStack {
		c.SequencingWindow = defaultWindow
	}
	if c.BatcherSilence == 0 {
		c.BatcherSilence = max(cmp.Or(c.SafeLag, Duration(30*time.Minute)), leastSilence)
	}
	for i := range c.Endpoints {
		e, at := &c.Endpoints[i], at.key("endpoint").item(i)
		if e.Name == "" && !d.has(at.key("name")) {
			e.Name = cmp.Or(nameOf(e.URL.Host()), nameOf(e.WS.Host()), fmt.Sprintf("endpoint-%d", i+1))
		}
		if !d.has(at.key("interval")) && e.Interval == 0 {
			e.Interval = cmp.Or(intervals[e.Serves], max(c.BlockTime, Duration(time.Second)))
		}
		if !d.has(at.key("timeout")) && e.Timeout == 0 {
			e.Timeout = min(e.Interval/10*8, Duration(5*time.Second))
		}
		e.Operator = cmp.Or(e.Operator, e.Name)
	}
	if !d.has(at.key("quorum")) {
		c.Quorum = len(c.Voters())/2 + 1
	}
}

func completeAlert(a *Alert) {
	if a.From == headwatch.LevelNone {
		a.From = headwatch.LevelWarn
		if slices.Contains(pagers, a.Kind) {
			a.From = headwatch.LevelPage
		}
	}
	if a.URL.IsZero() {
		a.URL = NewSecret(knownURLs[a.Kind])
	}
}

// stall is the condition that a circuit trips on unless it says otherwise. Without an L1 a chain is a layer 1.
func stall(c *Chain) headwatch.Condition {
	switch {
	case c.Kind == KindAPI:
		return headwatch.APIStale
	case c.L1 != "" || slices.Contains(rollups, c.Kind):
		return headwatch.UnsafeHeadStalled
	default:
		return headwatch.L1HeadStalled
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9_-]+`)

// nameOf makes a valid name of a host: mainnet-base-org of mainnet.base.org.
func nameOf(host string) string {
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(host), "-"), "-_")
	return name[:min(len(name), 63)]
}
