package watcher

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

var eraChain = config.Chain{Name: "era", Kind: config.KindZKsync, ChainID: 324}

// era is a ZKsync chain: one block a second, of which the newest of each step are known.
type era struct{ latest, committed, proven, executed uint64 }

func (e era) details(n uint64) string {
	at := func(done uint64) string {
		if n <= done {
			return `"2023-03-26T07:21:21.046817Z"`
		}
		return "null"
	}
	return fmt.Sprintf(`{"number":%d,"l1BatchNumber":1617,"timestamp":%d,"rootHash":%s,"status":"verified","committedAt":%s,"provenAt":%s,"executedAt":%s}`,
		n, n, hashA, at(e.committed), at(e.proven), at(e.executed))
}

// poll answers what the stages ask.
func (e era) poll(t require, s *stages, tags ...headwatch.Tag) (o headwatch.Observation, asked int) {
	o.At = time.Unix(1<<31, 0)
	setHead(&o, headwatch.Unsafe, headwatch.Head{Number: e.latest, Hash: "0x1"})
	for _, tag := range tags {
		number := map[headwatch.Tag]uint64{headwatch.Safe: e.committed, headwatch.Proven: e.proven, headwatch.Finalized: e.executed}[tag]
		setHead(&o, tag, headwatch.Head{Number: number, Hash: "0x2"})
	}
	for _, q := range s.questions() {
		var n uint64
		if err := json.Unmarshal(q.params[0], &n); err != nil || q.method != methodBlockDetails || !q.optional {
			t.Fatalf("asked %+v", q)
		}
		if err := decodeAnswer(eraChain, q.method, q.params, json.RawMessage(e.details(n)), &o); err != nil {
			t.Fatalf("%v", err)
		}
		asked++
	}
	s.take(&o)
	return o, asked
}

type require interface{ Fatalf(string, ...any) }

func TestTheStagesOfZKsyncAreFoundAndFollowed(t *testing.T) {
	s := zksync(eraChain).stages
	e := era{latest: 60_000_000, committed: 59_990_000, proven: 59_970_000, executed: 59_940_000}
	for range 60 {
		_, asked := e.poll(t, s)
		if asked > 3 {
			t.Fatalf("%d questions in one poll", asked)
		}
	}
	o, _ := e.poll(t, s)
	for tag, want := range map[headwatch.Tag]uint64{headwatch.Safe: e.committed, headwatch.Proven: e.proven, headwatch.Finalized: e.executed} {
		if got := o.Heads[tag]; got.Number > want || want-got.Number > 10 || got.Time.Unix() != int64(got.Number) || got.Hash != "" {
			t.Errorf("%s is %+v, want %d", tag, got, want)
		}
	}
	e = era{e.latest + 3600, e.committed + 3600, e.proven, e.executed + 1800}
	for range 30 {
		o, _ = e.poll(t, s)
	}
	if o.Heads[headwatch.Safe].Number != e.committed || o.Heads[headwatch.Proven].Number > e.proven {
		t.Errorf("an hour later %+v", o.Heads)
	}
}

func TestWhatATagTellsIsNotSearched(t *testing.T) {
	s := zksync(eraChain).stages
	e := era{latest: 1000, committed: 900, proven: 800, executed: 700}
	for range 40 {
		e.poll(t, s, headwatch.Safe, headwatch.Finalized)
	}
	o, asked := e.poll(t, s, headwatch.Safe, headwatch.Finalized)
	if asked != 1 || o.Heads[headwatch.Safe].Hash == "" || o.Heads[headwatch.Proven].Number != 800 || o.Heads[headwatch.Finalized].Number != 700 {
		t.Errorf("%d questions, heads %+v", asked, o.Heads)
	}
}

func TestAStageNeverLeadsTheTruthNorFallsBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := zksync(eraChain).stages
		e := era{}
		var before [3]uint64
		for range 50 {
			e.latest += rapid.Uint64Range(0, 500).Draw(r, "blocks")
			e.committed = rapid.Uint64Range(e.committed, e.latest).Draw(r, "committed")
			e.proven = rapid.Uint64Range(e.proven, e.committed).Draw(r, "proven")
			e.executed = rapid.Uint64Range(e.executed, e.proven).Draw(r, "executed")
			o, _ := e.poll(r, s)
			for i, c := range []struct {
				tag   headwatch.Tag
				truth uint64
			}{{headwatch.Safe, e.committed}, {headwatch.Proven, e.proven}, {headwatch.Finalized, e.executed}} {
				got := o.Heads[c.tag].Number
				if got > c.truth || got < before[i] {
					r.Fatalf("%s is %d, it was %d and is in truth %d", c.tag, got, before[i], c.truth)
				}
				before[i] = got
			}
		}
	})
}

func TestARollbackBeginsTheSearchAnew(t *testing.T) {
	s := zksync(eraChain).stages
	for range 30 {
		era{latest: 1000, committed: 900}.poll(t, s)
	}
	if o, _ := (era{latest: 500, committed: 400}).poll(t, s); o.Heads[headwatch.Safe].Number > 400 {
		t.Errorf("still at %+v", o.Heads[headwatch.Safe])
	}
}

func TestAnArbitrumBlockNamesItsL1Block(t *testing.T) {
	chain := config.Chain{Name: "arb", Kind: config.KindArbitrum, ChainID: 42161}
	o := headwatch.Observation{At: time.Unix(1000, 0)}
	text := `{"number":"0x5","hash":` + hashA + `,"timestamp":"0x384","l1BlockNumber":"0xf7c65b","transactions":["0x1","0x2","0x3"]}`
	if err := decodeAnswer(chain, methodBlock, latest, json.RawMessage(text), &o); err != nil {
		t.Fatal(err)
	}
	if o.Origin == nil || o.Origin.Number != 0xf7c65b || *o.Heads[headwatch.Unsafe].UserTxs != 2 {
		t.Errorf("got %+v, origin %+v", o.Heads, o.Origin)
	}
}

func TestWhichTagsAreAskedFor(t *testing.T) {
	for kindOf, want := range map[string][]string{
		config.KindArbitrum: {"latest", "safe", "finalized"},
		config.KindScroll:   {"latest", "safe", "finalized"},
		config.KindLinea:    {"latest", "finalized"},
		config.KindPolygon:  {"latest", "finalized"},
		config.KindZKsync:   {"latest", "l1_committed", "safe", "finalized"},
	} {
		k := kinds[[2]string{kindOf, config.ServesEth}](config.Chain{Kind: kindOf})
		var got []string
		for _, q := range append([]question{k.head}, k.slow...) {
			if q.method == methodBlock {
				var tag string
				if err := json.Unmarshal(q.params[0], &tag); err != nil || tags[string(q.params[0])] == 0 {
					t.Errorf("%s asks for %s", kindOf, q.params[0])
				}
				got = append(got, tag)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s asks for %v, want %v", kindOf, got, want)
		}
	}
}
