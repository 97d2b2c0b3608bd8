package watcher

import (
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
	reorg    reorg
	promised [headwatch.Proven + 1]headwatch.Head // by tag: the newest that a majority named
	below    time.Time                            // since when nobody who answers is at the agreed head; zero while somebody is

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
	operator  string    // who runs it
	votes     operators // its operator; nobody where it has no vote
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
	apart     apart
	parted    time.Time // when it was last seen apart, or back from there
	peak      uint64    // highest block of the agreed chain that it named, since that chain was agreed; 0 for none
	left      uint64    // the same of the chain before, until it is on the present one
	moved     uint64    // what left was when it came over

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
	bits, apiBits := make(map[string]operators), make(map[string]operators)
	for i, e := range chain.Endpoints {
		v.index[e.Name] = i
		v.endpoints[i] = endpointView{
			name: e.Name, tempo: newTempo(e), operator: operatorOf(&e), votes: voteOf(chain.Kind, e, bits),
			serves: e.Serves, api: apiClock{operator: apiOperator(e, apiBits), fresh: e.Fresh.D()},
		}
	}
	v.clocks = newClocks(chain)
	v.batcher.address = strings.ToLower(chain.Batcher)
	v.backlogs = backlogsOf(chain)
	v.closing.rollup = hasRollup(chain)
	v.watchUsers()
	v.settling = v.settlingOf()
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
	v.restoreReorg(a)
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
		e.api.take(*o.Reading, o.At)
	}
	if h, ok := o.Heads[headwatch.Unsafe]; ok && e.votes != 0 {
		v.hear(e, h, o.At)
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
	before, stood := v.tip.Number, e.standing
	e.standing = v.weigh(e, h, fell, at)
	if fell && stood != proved && e.standing == proved {
		e.parted = at // back from heads that nobody could link: two nodes answer in its name
	}
	if e.standing == proved {
		v.raise(e, h, at)
		v.arrive(e, h)
	} else {
		v.reanchor(e, at)
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
	v.reorg.seen = anchor(v.reorg.seen, at)
	v.arrive(e, h)
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
			v.arrive(other, h)
		}
		v.compare(other, at)
		other.grace = 0
		if other.has {
			other.grace = max(h.Time.Sub(other.head.Time), 0)
		}
		v.lag(other, at)
	}
}

// reanchor gives up the agreed chain for one that more operators hold: the sequencer reorganised, or the first head that
// was ever heard was a lie. One alone never moves others that answer; when none does, the word of one that never
// contradicted the agreed chain is what there is, as far as it can be believed. Those who poll at different instants may
// have no newest head in common, so what the endpoint said before counts as well.
func (v *View) reanchor(e *endpointView, at time.Time) {
	if v.moves(e, e.head, at) {
		v.moveTo(e.head, at)
		return
	}
	for n := e.head.Number; n > e.said.from && e.head.Number-n < uint64(len(e.said.slots)); n-- {
		said := e.said.at(n - 1)
		if said == nil || said.Time.IsZero() || v.claimants(n-1, said.Hash) < 2 {
			continue
		}
		if agreed, known := v.trail.hash(n - 1); known && agreed == said.Hash {
			return
		}
		if v.moves(e, *said, at) {
			v.moveTo(*said, at)
			return
		}
	}
}

// moves reports whether a head of an endpoint is held by more than those who stay with the agreed chain. An operator on
// both sides counts on both.
func (v *View) moves(e *endpointView, h headwatch.Head, at time.Time) bool {
	var staying operators
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if other.standing == proved && other.wrongFrom.IsZero() && !v.silent(other, at) && !other.said.is(h.Number, h.Hash) {
			staying |= other.votes
		}
	}
	holding := v.supporters(h.Number, h.Hash)
	agreed, known := v.trail.hash(h.Number)
	replaced := known && agreed != h.Hash
	if holding <= staying.count() || !replaced && !v.surpasses(h) {
		return false // fewer hold it, or it lies in the past of the same chain: a lagging node's word moves nobody
	}
	alone := holding < 2 && v.voters().count() > 1
	return !alone || e.standing != strayed && !e.syncing && v.surpasses(h) && v.believable(h, at)
}

// moveTo makes a head the agreed one that need not go on from the present one.
func (v *View) moveTo(h headwatch.Head, at time.Time) {
	v.follow(h, at)
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
			v.arrive(other, h)
		case other.standing == proved:
			other.standing = strayed
		}
		v.compare(other, at)
	}
}

// surpasses reports whether the chain has never been as far as this head.
func (v *View) surpasses(h headwatch.Head) bool {
	return h.Number > v.highest || h.Time.After(v.newest)
}

// setTip makes a head the agreed one, and reports whether that is life.
func (v *View) setTip(h headwatch.Head, at time.Time) (life bool) {
	// Another block in the place of the last one is no life by its timestamp alone: a cache may make it up.
	if life = h.Number > v.highest || (h.Number != v.tip.Number || v.tip.Hash == "") && h.Time.After(v.newest); life {
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
	if !e.has || e.votes == 0 || !v.agreed || e.head.Number >= v.tip.Number || v.tip.Time.Sub(e.head.Time) < v.limit+e.rarer() {
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
