package watcher

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
)

// maxEndpoints bounds the endpoints of one chain: who said what is kept and compared for each pair of them.
const maxEndpoints = 64

// View is all that is known of one chain: what each endpoint said last, and which head is agreed. It belongs to one
// goroutine. It never reads a clock: time comes in with Observations and with Assess.
type View struct {
	chain     config.Chain
	limit     time.Duration   // how long a head may stand still
	limits    []time.Duration // the thresholds of the circuits, ascending: instants at which somebody acts
	settling  time.Duration   // how long a disagreement must last to count
	started   time.Time       // first sign of life of this View
	endpoints []endpointView
	index     map[string]int

	tip      headwatch.Head // the agreed unsafe head
	agreed   bool           // tip is set
	adopted  time.Time      // when the first tip was agreed here; a standstill counts only once it has been watched
	recorded bool           // the journal knows the head at which the chain stands
	advanced time.Time      // when the chain last showed life, by the evidence: here, in the journal, or by the head's own timestamp
	highest  uint64         // number and timestamp that life must surpass: a head that was seen before is no sign of it,
	newest   time.Time      // however often answers alternate between two dead forks
	trail    trail          // hashes of the agreed chain behind tip
	pace     pace
	behind   bool      // the chain has been late and has not yet been seen to keep up again
	resumed  time.Time // when it moved again after it stood still for the limit
	lateFrom time.Time // when the age of the head passed the limit; zero when the newest head came in time

	replaced replaced
	search   search // for the newest block that was not replaced
	reorg    reorg
	promised [headwatch.Proven + 1]headwatch.Head // by tag: the newest that a majority named
	below    time.Time                            // since when nobody who answers is at the agreed head; zero while somebody is

	alive    time.Time // when the sequencer itself last showed life
	stood    time.Time // since when the journal knows that the chain stood; zero when it did not, or has moved since
	apiSince time.Time // since when the journal knows that the API was stale; zero when it was not, or was fresh since
	apiOpen  bool      // an API endpoint may still be heard for the first time; scratch of Assess

	witness Witness
	clocks  clocks
	ledgers ledgers   // of a layer 1
	batcher batcher   // of an L2
	jumped  time.Time // when the wall clock last moved against the monotonic one

	users    users
	backlogs []backlog
	drift    drift
	closing  closing
	hooks    []hookView

	findings []headwatch.Finding // scratch of Assess
	votes    []headwatch.Vote    // scratch of Assess
	apiVotes []headwatch.Vote    // scratch of Assess
	skew     skew                // of the local clock; scratch of Assess
}

type endpointView struct {
	name      string
	operator  string    // who runs it
	who       int       // the operator's number
	votes     operators // its operator; nobody where it has no vote
	tempo               // how often it answers, and so how old its last good answer may be
	heard     time.Time // last good answer
	failing   time.Time // first bad answer since the last good one
	refused   time.Time // last bad answer that says nothing of the chain: it refused us
	fault     headwatch.FaultKind
	latency   time.Duration
	has       bool
	head      headwatch.Head
	safe      *headwatch.Head
	proven    *headwatch.Head
	final     *headwatch.Head
	expires   time.Time // when its certificate ends; zero without TLS
	advanced  time.Time // when its own head last rose here
	syncing   bool
	wrongFrom time.Time // when it was first seen on another chain; zero when it is on the right one
	lagFrom   time.Time // when it fell behind the agreed head by more than the limit; zero when it has not
	standing  standing
	grace     time.Duration // how far it was behind when the agreed head last rose: what it needs to catch up before its silence counts
	said      sayings
	words     [wordCount]word // what it says besides its unsafe head
	empty     uint64          // the newest agreed block in which it counted no users
	emptied   time.Time       // when that arrived here
	apart     apart
	parted    time.Time      // when it was last seen apart, or back from there
	peak      uint64         // highest block of the agreed chain that it named, since that chain was agreed; 0 for none
	left      uint64         // the same of the chain before, until it is on the present one
	moved     uint64         // what left was when it came over
	past      headwatch.Head // the block it was asked for last, since the agreed chain was agreed

	serves string
	alive  time.Time // when it last showed that the sequencer lives
	api    apiClock
}

// NewView gives an empty View. limits are the thresholds of all circuits on the chain, in any order.
func NewView(chain config.Chain, limits []time.Duration) (*View, error) {
	if len(chain.Endpoints) == 0 || len(chain.Endpoints) > maxEndpoints {
		return nil, fmt.Errorf("chain %s: %d endpoints, between 1 and %d are possible", chain.Name, len(chain.Endpoints), maxEndpoints)
	}
	v := &View{chain: chain, limit: chain.StaleAfter.D(), limits: limits, index: make(map[string]int, len(chain.Endpoints))}
	v.endpoints = make([]endpointView, len(chain.Endpoints))
	who, operators := numbered(chain.Endpoints)
	for i, e := range chain.Endpoints {
		e.Serves = cmp.Or(e.Serves, config.ServesEth)
		v.index[e.Name] = i
		v.endpoints[i] = endpointView{
			name: e.Name, tempo: newTempo(e), operator: operatorOf(&e), who: who[i], serves: e.Serves, api: apiClock{fresh: e.Fresh.D()},
		}
		if e.Votes(chain.Kind) {
			v.endpoints[i].votes = v.endpoints[i].as()
		}
	}
	v.clocks = newClocks(len(chain.Endpoints), operators)
	v.batcher.address = strings.ToLower(chain.Batcher)
	v.backlogs = backlogsOf(chain)
	v.closing.rollup = chain.Serves(config.ServesRollup)
	v.watchUsers()
	v.settling = v.settlingOf()
	return v, nil
}

// Restore gives the View what the journal knows from before a restart: the agreed head of the newest decision and when
// it rose. That head, and those before it, are no life any more: a chain that still stands there keeps the beginning of its
// stall, whichever endpoint is heard first. Call it before the first Observe.
func (v *View) Restore(a headwatch.Assessment) {
	if f := a.Find(headwatch.UnsafeHeadStalled); f != nil {
		v.stood = f.Since
	}
	if f := a.Find(headwatch.APIStale); f != nil {
		v.apiSince = f.Since
	}
	if a.Head != nil && !a.Advanced.IsZero() {
		v.highest, v.advanced, v.recorded = a.Head.Number, a.Advanced, true
		v.newest = earlier(a.Head.Time, a.At.Add(v.chain.MaxSkew.D())) // a lie about the future ends with it
		v.users.number = a.Head.Number - min(a.Head.Number, 1)
	}
	for i := range a.Findings {
		if s := v.stretchOf(a.Findings[i].Condition); s != nil && a.Head != nil {
			*s = stretch{since: a.Findings[i].Since, restored: true}
		}
	}
	v.restoreReorg(a)
	v.restoreHooks(a)
}

// Observe folds one observation in. Observations of endpoints and hooks that the chain does not have are ignored.
func (v *View) Observe(o headwatch.Observation) {
	if o.Hook != "" {
		v.hearHook(o)
		return
	}
	i, ok := v.index[o.Endpoint]
	if !ok {
		return
	}
	v.begin(o.At)
	e := &v.endpoints[i]
	e.latency = o.Latency
	v.hearClock(i, o)
	if !o.Expires.IsZero() {
		e.expires = o.Expires
	}
	if o.Err != nil {
		e.fail(o)
		return
	}
	e.heard, e.failing, e.fault, e.wrongFrom = o.At, time.Time{}, "", time.Time{}
	e.hear(o)
	if !o.Pushed {
		e.syncing = o.Syncing
	}
	if h, ok := o.Heads[headwatch.Safe]; ok {
		head := h // a copy of its own: h would be allocated also when there is none
		e.safe = &head
		v.promise(e, headwatch.Safe, h, o.At)
	}
	if h, ok := o.Heads[headwatch.Finalized]; ok {
		head := h
		e.final = &head
		v.promise(e, headwatch.Finalized, h, o.At)
	}
	if h, ok := o.Heads[headwatch.Proven]; ok {
		head := h
		e.proven = &head
	}
	if o.Alive {
		e.alive, v.alive = o.At, later(v.alive, o.At)
	}
	if o.Reading != nil {
		if e.api.take(*o.Reading, o.At); o.At.Sub(e.api.risen) < e.api.fresh {
			v.apiSince = time.Time{}
		}
	}
	if h, ok := o.Heads[headwatch.Unsafe]; ok && e.votes != 0 {
		v.hear(e, h, o.At)
		if o.Past != nil {
			v.hearPast(e, *o.Past, o.At)
		}
		v.compare(e, o.At)
		v.retreat(e, o.At)
	}
	v.lag(e, o.At)
	v.hearAccounts(i, o)
	v.hearTags(i, &o)
	v.hearOrigin(i, &o)
	v.hearSafeOrigin(i, &o)
}

func (v *View) begin(at time.Time) {
	if v.started.IsZero() {
		v.started = at
	}
}

func (e *endpointView) fail(o headwatch.Observation) {
	if e.failing.IsZero() {
		e.failing = o.At
	}
	e.fault = headwatch.FaultOther
	if f, ok := errors.AsType[*headwatch.Fault](o.Err); ok {
		e.fault = f.Kind
	}
	if refuses(e.fault) {
		e.refused = o.At
	}
	if e.fault == headwatch.FaultWrongChain && e.wrongFrom.IsZero() {
		e.wrongFrom = o.At
	}
}
