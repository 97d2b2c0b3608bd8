package incident

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"headwatch"
)

// settle is the least that what a cause held back waits after the end of the cause. Most of it ends with its cause, a moment later.
const settle = time.Minute

// patience is how long d waits after the end of its cause c before it is told by itself: one that is over with its cause takes as much
// longer to resolve as its circuit asks for more proof. A circuit that is open still fails, and waits no longer than it must.
func (b *Book) patience(c, d *record) time.Duration {
	if d.last.To != headwatch.Closed {
		return settle
	}
	return settle + max(0, b.plan(d.Circuit).Recovers-b.plan(c.Circuit).Recovers)
}

// scene is what an incident began with, and where.
type scene struct {
	chain, l1 string // l1 is empty for a layer 1
	trigger   headwatch.Trigger
}

// layer1 gives the layer 1 that a scene is about.
func (s scene) layer1() string { return cmp.Or(s.l1, s.chain) }

func (s scene) is(conditions ...headwatch.Condition) bool {
	return slices.Contains(conditions, s.trigger.Condition)
}

// rules say what is a consequence of what. Of two incidents that are consequences of each other the later one is.
var rules = []struct {
	name  string
	holds func(cause, dependant scene) bool
}{
	{"a layer 1 that stands still stops what settles on it", func(c, d scene) bool {
		return c.is(headwatch.L1HeadStalled) && d.layer1() == c.layer1() && d.trigger.Endpoint == "" && d.trigger.Hook == ""
	}},
	{"who cannot see anything sees no endpoint, no API and no hook", func(c, d scene) bool {
		return c.is(headwatch.Blind) && c.trigger.Hint == headwatch.HintUs && d.is(
			headwatch.Blind, headwatch.EndpointUnreachable, headwatch.EndpointLagging, headwatch.APIStale, headwatch.HookNotReady,
		)
	}},
	{"who does not see a layer 1 has no second clock for what settles on it", func(c, d scene) bool {
		return c.is(headwatch.Blind) && c.l1 == "" && d.is(headwatch.Blind) && d.l1 == c.chain
	}},
	{"what one operator runs fails together", func(c, d scene) bool {
		ofOne := []headwatch.Condition{headwatch.EndpointUnreachable, headwatch.EndpointLagging, headwatch.CertificateExpiring}
		return c.is(ofOne...) && d.is(ofOne...) && c.trigger.Operator != "" && c.trigger.Operator == d.trigger.Operator
	}},
}

// beneath reports whether an incident is a consequence of another.
func beneath(cause, dependant scene) bool {
	for _, r := range rules {
		if r.holds(cause, dependant) {
			return true
		}
	}
	return false
}

// covers reports whether d is a consequence of c. What a person began is none, and has none.
func (b *Book) covers(c, d *record) bool {
	if c == d || c.began == nil || d.began == nil {
		return false
	}
	return beneath(scene{c.Chain, b.plan(c.Circuit).L1, *c.began}, scene{d.Chain, b.plan(d.Circuit).L1, *d.began})
}

// cause gives the open incident that r is beneath, or nil.
func (b *Book) cause(r *record) *record {
	if r.Beneath == "" {
		return nil
	}
	return b.open[r.Beneath]
}

// roots gives the open incidents that are beneath none, the oldest first.
func (b *Book) roots() []*record {
	var roots []*record
	for _, r := range b.open {
		if r.Beneath == "" {
			roots = append(roots, r)
		}
	}
	slices.SortFunc(roots, older)
	return roots
}

func older(a, b *record) int { return cmp.Or(a.Opened.Compare(b.Opened), cmp.Compare(a.ID, b.ID)) }

// place finds an incident that stands by itself its place: beneath an older one, or over what is there already. Nothing is beneath
// what is itself beneath something: it goes to the root.
func (b *Book) place(r *record, at time.Time, p pass) []headwatch.Notice {
	roots := b.roots()
	for _, c := range roots {
		if b.covers(c, r) {
			return b.attach(c, r, at, p)
		}
	}
	var notices []headwatch.Notice
	for _, d := range roots {
		if !b.covers(r, d) {
			continue
		}
		under := d.Bears
		d.Bears = nil
		notices = append(notices, b.attach(r, d, at, p)...)
		for _, id := range under {
			notices = append(notices, b.attach(r, b.open[id], at, p)...)
		}
	}
	return notices
}

// attach puts d beneath c. Who was told of d by another cause is told by this one too, when that is due.
func (b *Book) attach(c, d *record, at time.Time, p pass) []headwatch.Notice {
	d.Beneath, d.joined = c.ID, headwatch.LevelNone
	clear(d.through)
	c.Bears = append(c.Bears, d.ID)
	slices.Sort(c.Bears)
	return b.bear(c, d, at, headwatch.StepJoin, nil, p)
}

// bear tells, by the incident of the cause, those of the channels that do not know from d itself: when they have not heard of it yet,
// when it trips or falls back, and when that is worse than all that was known. Then an acknowledgement of the cause is void, and who
// was told of the cause is told as well.
func (b *Book) bear(c, d *record, at time.Time, kind headwatch.StepKind, channels []string, p pass) []headwatch.Notice {
	relapsed := kind == headwatch.StepRelapse
	dependant := d.dependant()
	if d.Level > d.joined || relapsed {
		d.joined = d.Level
		c.add(headwatch.Step{At: at, Kind: headwatch.StepJoin, Level: c.Level, Actor: headwatch.Watchdog, Dependant: dependant})
	}
	if d.Silenced != "" {
		return nil
	}
	worse := d.Level > c.worst() || relapsed
	c.rise(d.Level, at)
	void := worse && c.void(at, "incident "+d.ID+" joined") != nil

	told := make(map[string]bool)
	for _, name := range channels {
		level, before := d.through[name]
		if c.speaks(name) && (!before || worse || d.Level == headwatch.LevelTrip && level < d.Level) {
			told[name] = true
		}
	}
	if void {
		for name := range c.alerts {
			told[name] = true
		}
	}
	maps.DeleteFunc(told, func(name string, _ bool) bool { return d.alerts[name] })
	if p.tell {
		for name := range told {
			d.through[name] = d.Level
		}
	}
	notices := c.to(slices.Sorted(maps.Keys(told)), c.beside(at, headwatch.Watchdog, ""), besides|p.seq, headwatch.StepJoin, p)
	for i := range notices {
		notices[i].Dependant = dependant
	}
	return notices
}

// leave takes an incident that is over from its cause, and tells those who knew of it from there.
func (b *Book) leave(d *record, at time.Time, p pass) []headwatch.Notice {
	c := b.cause(d)
	if c == nil {
		return nil
	}
	d.Beneath = ""
	c.Bears = slices.DeleteFunc(c.Bears, func(id string) bool { return id == d.ID })
	dependant := d.dependant()
	c.add(headwatch.Step{At: at, Kind: headwatch.StepLeave, Level: c.Level, Actor: headwatch.Watchdog, Dependant: dependant})
	notices := c.to(slices.Sorted(maps.Keys(d.through)), c.beside(at, headwatch.Watchdog, ""), besides|p.seq, headwatch.StepLeave, p)
	for i := range notices {
		notices[i].Dependant = dependant
	}
	return notices
}

// free lets what an incident bore stand by itself when it is over, or beneath another one.
func (b *Book) free(c *record, at time.Time, p pass) []headwatch.Notice {
	var freed []*record
	for _, id := range c.Bears {
		freed = append(freed, b.open[id])
	}
	c.Bears = nil
	slices.SortFunc(freed, older)
	var notices []headwatch.Notice
	for _, d := range freed {
		d.Beneath, d.joined, d.after, d.ready = "", headwatch.LevelNone, c.ID, at.Add(b.patience(c, d))
		clear(d.through)
		d.restart(at)
		notices = append(notices, b.place(d, at, p)...)
	}
	return notices
}

func (r *record) dependant() *headwatch.Dependant {
	return &headwatch.Dependant{Incident: r.ID, Circuit: r.Circuit, Chain: r.Chain, Level: r.Level, Trigger: r.began}
}
