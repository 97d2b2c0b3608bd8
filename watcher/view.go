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

	alive    time.Time // when the sequencer itself last showed life
	stood    bool      // the journal knows that the chain stood before the restart
	apiSince time.Time // since when the journal knows that the API was stale; zero when it was not

	witness Witness
	clocks  clocks
	ledgers ledgers   // of a layer 1
	batcher batcher   // of an L2
	jumped  time.Time // when the wall clock last moved against the monotonic one

	users    users
	backlogs []backlog
	drift    drift
	closing  closing

	findings []headwatch.Finding // scratch of Assess
	votes    []headwatch.Vote    // scratch of Assess
	apiVotes []headwatch.Vote    // scratch of Assess
	skew     skew                // of the local clock; scratch of Assess
}

type endpointView struct {
	name      string
	tempo               // how often it answers, and so how old its last good answer may be
	heard     time.Time // last good answer
	failing   time.Time // first bad answer since the last good one
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

	serves string
	alive  time.Time // when it last showed that the sequencer lives
	api    apiClock
}

// standing is what an endpoint's word on a new head is worth.
type standing uint8

const (
	unproved standing = iota // nothing it said was ever on the agreed chain
	proved                   // its last head was on the agreed chain
	strayed                  // its last head contradicts the agreed chain, or is beyond belief
)

// Witness is what an L2's verdict takes from its L1: proof that network, clock and process work here.
type Witness struct {
	Advanced time.Time     // when the L1 head last rose here
	Limit    time.Duration // how long that may be ago
	Resumed  time.Time     // when it rose again after it had stood still; zero when it never did
	Skew     skew          // what the L1's servers say of the local clock
	Ledger   *ledger       // what the L1 agrees on of accounts; nil for nothing
	Number   uint64        // of that head; 0 when unknown
	Time     time.Time     // its own timestamp
	Slot     time.Duration // between two blocks of the L1; 0 when unknown
}

// NewView gives an empty View. limits are the thresholds of all circuits on the chain, in any order.
func NewView(chain config.Chain, limits []time.Duration) (*View, error) {
	if len(chain.Endpoints) == 0 || len(chain.Endpoints) > maxEndpoints {
		return nil, fmt.Errorf("chain %s: %d endpoints, between 1 and %d are possible", chain.Name, len(chain.Endpoints), maxEndpoints)
	}
	v := &View{chain: chain, limit: chain.StaleAfter.D(), limits: limits, index: make(map[string]int, len(chain.Endpoints))}
	v.endpoints = make([]endpointView, len(chain.Endpoints))
	for i, e := range chain.Endpoints {
		v.index[e.Name] = i
		v.endpoints[i] = endpointView{
			name: e.Name, tempo: newTempo(e), serves: e.Serves,
			api: apiClock{operator: cmp.Or(e.Operator, e.Name), fresh: e.Fresh.D()},
		}
	}
	v.clocks = newClocks(chain)
	v.batcher.address = strings.ToLower(chain.Batcher)
	v.backlogs = backlogsOf(chain)
	v.closing.rollup = hasRollup(chain)
	v.watchUsers()
	return v, nil
}

// Restore gives the View what the journal knows from before a restart: the agreed head of the newest decision and when
// it rose. That head, and those before it, are no life any more: a chain that still stands there keeps the beginning of its
// stall, whichever endpoint is heard first. Call it before the first Observe.
func (v *View) Restore(a headwatch.Assessment) {
	v.stood = a.Find(headwatch.UnsafeHeadStalled) != nil
	if f := a.Find(headwatch.APIStale); f != nil {
		v.apiSince = f.Since
	}
	if a.Head != nil && !a.Advanced.IsZero() {
		v.highest, v.newest, v.advanced, v.recorded = a.Head.Number, a.Head.Time, a.Advanced, true
		v.users.number = a.Head.Number - min(a.Head.Number, 1)
	}
	for i := range a.Findings {
		if s := v.stretchOf(a.Findings[i].Condition); s != nil && a.Head != nil {
			*s = stretch{since: a.Findings[i].Since, restored: true}
		}
	}
}

// SetWitness gives the View the newest state of its L1. A chain without an L1 never gets one.
func (v *View) SetWitness(w Witness) {
	moved := w.Number != v.witness.Number
	v.witness = w
	v.watchFunds()
	if moved {
		v.judgeClosing(w.Advanced)
	}
}

// Observe folds one observation in. Observations of endpoints that the chain does not have are ignored.
func (v *View) Observe(o headwatch.Observation) {
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
	}
	if h, ok := o.Heads[headwatch.Finalized]; ok {
		head := h
		e.final = &head
	}
	if h, ok := o.Heads[headwatch.Proven]; ok {
		head := h
		e.proven = &head
	}
	if o.Alive {
		e.alive, v.alive = o.At, later(v.alive, o.At)
	}
	if o.Reading != nil {
		e.api.take(*o.Reading, o.At)
	}
	if h, ok := o.Heads[headwatch.Unsafe]; ok && v.chain.Kind != config.KindAPI {
		v.hear(e, h, o.At)
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
	if e.fault == headwatch.FaultWrongChain && e.wrongFrom.IsZero() {
		e.wrongFrom = o.At
	}
}

// hear takes an endpoint's unsafe head and decides what it proves.
func (v *View) hear(e *endpointView, h headwatch.Head, at time.Time) {
	if e.has && e.head.Number == h.Number && e.head.Hash == h.Hash {
		if h.UserTxs != nil {
			e.head.UserTxs = h.UserTxs
			v.countUsers(e, at)
		}
		return
	}
	fell := e.has && h.Number < e.head.Number
	if !e.has || h.Number > e.head.Number {
		e.advanced = at
	}
	e.has, e.head = true, h
	e.said.add(h)
	if !v.agreed {
		v.adopt(e, h, at)
		return
	}
	before := v.tip.Number
	if e.standing = v.weigh(e, h, fell, at); e.standing == proved {
		v.raise(e, h, at)
	} else {
		v.reanchor(e, h, at)
	}
	if v.tip.Number == before {
		v.countUsers(e, at)
		return
	}
	if v.users.dark.IsZero() {
		v.users.dark = at
	}
	for i := range v.endpoints {
		v.countUsers(&v.endpoints[i], at) // also of those whose head waited for a second endpoint
	}
}

// adopt takes the first head of all as the anchor, until two others agree on a different one.
func (v *View) adopt(e *endpointView, h headwatch.Head, at time.Time) {
	e.standing = proved
	v.agreed, v.adopted = true, at
	if v.setTip(h, at) && h.Time.Before(at) {
		v.advanced = h.Time // nobody here saw it arrive
	}
	v.advanced = anchor(v.advanced, at)
	v.judgeLate(tardy{}, at)
	v.users.last, v.users.dark = at, at
	v.countUsers(e, at)
}

// raise moves the agreed head up to a proved one, or to its parent, as far as enough endpoints hold it.
func (v *View) raise(e *endpointView, h headwatch.Head, at time.Time) {
	if h.Number <= v.tip.Number {
		return
	}
	if need := v.chain.ProofOfLife; need > 1 && v.supporters(h.Number, h.Hash) < need {
		parent, ok := v.heldParent(h)
		if !ok || parent.Number <= v.tip.Number || v.supporters(parent.Number, parent.Hash) < need {
			return
		}
		h = parent
	}
	before := tardy{stood: at.Sub(v.living()) >= v.limit, late: at.Sub(v.tip.Time) >= v.limit && !v.idle(at), from: v.tip.Time.Add(v.limit)}
	if at.Before(v.settled()) {
		v.pace, before = pace{}, tardy{} // still looking for the head: no pace of the chain's
	}
	v.setTip(h, at)
	v.judgeLate(before, at)
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if other.said.is(h.Number, h.Hash) {
			other.standing = proved
		}
		other.grace = 0
		if other.has {
			other.grace = max(h.Time.Sub(other.head.Time), 0)
		}
		v.lag(other, at)
	}
}

// reanchor gives up the agreed chain for one that more endpoints hold: the sequencer reorganised, or the first head that
// was ever heard was a lie. One endpoint alone never moves others that answer; when none does, the word of one that never
// contradicted the agreed chain is what there is, as far as it can be believed.
func (v *View) reanchor(e *endpointView, h headwatch.Head, at time.Time) {
	holding, staying := v.supporters(h.Number, h.Hash), 0
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if other.standing == proved && other.wrongFrom.IsZero() && !v.silent(other, at) && !other.said.is(h.Number, h.Hash) {
			staying++
		}
	}
	agreed, known := v.trail.hash(h.Number)
	replaced := known && agreed != h.Hash
	if holding <= staying || !replaced && !v.surpasses(h) {
		return // fewer hold it, or it lies in the past of the same chain: a lagging node's word moves nobody
	}
	alone := holding < 2 && len(v.endpoints) > 1
	if alone && (e.standing == strayed || e.syncing || !v.surpasses(h) || !v.believable(h, at)) {
		return
	}
	v.trail = trail{}
	below := h.Number - min(h.Number, 1)
	v.users.number, v.users.counted = min(v.users.number, below), min(v.users.counted, below)
	v.setTip(h, at)
	v.lateFrom = time.Time{}
	v.judgeLate(tardy{}, at)
	for i := range v.endpoints {
		other := &v.endpoints[i]
		other.grace = 0
		switch {
		case other.said.is(h.Number, h.Hash):
			other.standing = proved
		case other.standing == proved:
			other.standing = strayed
		}
	}
}

// surpasses reports whether the chain has never been as far as this head.
func (v *View) surpasses(h headwatch.Head) bool {
	return h.Number > v.highest || h.Time.After(v.newest)
}

// setTip makes a head the agreed one, and reports whether that is life.
func (v *View) setTip(h headwatch.Head, at time.Time) (life bool) {
	if life = v.surpasses(h); life {
		v.advanced, v.recorded = at, false
	}
	v.highest, v.newest = max(v.highest, h.Number), later(v.newest, earlier(h.Time, at)) // a lie about the future ends with it
	if v.tip.Hash != "" {
		v.rise(h, at)
	}
	v.tip = h
	v.trail.add(h)
	v.pace.add(at, h.Time)
	v.noteAhead(at)
	return life
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (v *View) lag(e *endpointView, at time.Time) {
	if !e.has || !v.agreed || e.head.Number >= v.tip.Number || v.tip.Time.Sub(e.head.Time) < v.limit+e.rarer() {
		e.lagFrom = time.Time{}
		return
	}
	if e.lagFrom.IsZero() {
		e.lagFrom = at
	}
	if e.grace == 0 {
		e.grace = v.tip.Time.Sub(e.head.Time)
	}
}
