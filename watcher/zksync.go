package watcher

import (
	"encoding/json"

	"headwatch"
	"headwatch/config"
)

// methodBlockDetails tells of one block of a ZKsync chain which of the three steps on L1 it has behind it.
const methodBlockDetails = "zks_getBlockDetails"

// zksync is a node of a chain of the ZK stack: a block is committed to L1, proven there, and executed, hours apart. ZKsync
// OS serves the first and the last as the tags safe and finalized; ZKsync Era serves finalized, and l1_committed in newer
// versions (matter-labs/zksync-era, core/lib/types/src/api). No tag tells what is proven.
func zksync(config.Chain) kind {
	k := served("l1_committed", "safe", "finalized")
	k.stages = &stages{of: [3]stage{{tag: headwatch.Finalized}, {tag: headwatch.Proven}, {tag: headwatch.Safe}}}
	return k
}

// stages find the newest block of each step that no tag tells, at the cost of one question a step and slot: is a block
// further on there yet? The stride doubles with each yes and halves with each no, so a pointer moves forward in some
// twenty questions at first, and afterwards keeps within a few of the truth. The steps are in the order in which a later one
// is the further up the chain.
type stages struct {
	of     [3]stage
	latest uint64 // the chain's newest block, as it was heard last
}

type stage struct {
	tag    headwatch.Tag
	done   headwatch.Head // newest block that is known to have this step behind it
	stride uint64
	asked  uint64 // block that was asked for last; 0 when none was
	tagged bool   // the endpoint tells this step by a tag
}

// questions are what is to be asked next.
func (s *stages) questions() []question {
	var questions []question
	base := uint64(0)
	for i := range s.of {
		t := &s.of[i]
		base = max(base, t.done.Number)
		t.asked = 0
		if t.tagged || s.latest <= base {
			continue
		}
		if t.stride == 0 {
			t.stride = (s.latest-base)/2 + 1
		}
		t.asked = min(base+t.stride, s.latest)
		questions = append(questions, newQuestion(methodBlockDetails, raw(t.asked)).ifServed())
	}
	return questions
}

// take learns from a good answer, and puts into it what it does not say of a step.
func (s *stages) take(o *headwatch.Observation) {
	latest := o.Heads[headwatch.Unsafe]
	s.latest = latest.Number
	for i := range s.of {
		t := &s.of[i]
		head, heard := o.Heads[t.tag]
		if t.tagged = heard && head.Hash != ""; t.tagged {
			t.done = head
			continue
		}
		if t.done.Number > latest.Number {
			t.done, t.stride = headwatch.Head{}, 0 // rolled back
		}
		switch {
		case t.asked == 0:
		case heard && head.Number >= t.asked:
			t.stride *= 2
		default:
			t.stride = max(t.stride/2, 1)
		}
		if heard && head.Number > t.done.Number {
			t.done = head
		}
		if t.done.Number > 0 {
			setHead(o, t.tag, t.done)
		}
	}
}

// readBlockDetails takes a block as the newest one of each step that it has behind it, unless a newer one was heard. Such
// a head has no hash: the answer tells none.
func readBlockDetails(result json.RawMessage, into *headwatch.Observation) error {
	if isNull(result) {
		return nil
	}
	var d struct {
		Number    *quantity       `json:"number"`
		Time      *quantity       `json:"timestamp"`
		Committed json.RawMessage `json:"committedAt"`
		Proven    json.RawMessage `json:"provenAt"`
		Executed  json.RawMessage `json:"executedAt"`
	}
	if err := unmarshal(result, &d); err != nil {
		return err
	}
	head, err := (&block{Number: d.Number, Time: d.Time, Hash: zeroHash}).head("block details", into.At)
	if err != nil {
		return err
	}
	head.Hash = ""
	for _, step := range []struct {
		tag headwatch.Tag
		at  json.RawMessage
	}{{headwatch.Safe, d.Committed}, {headwatch.Proven, d.Proven}, {headwatch.Finalized, d.Executed}} {
		if old, heard := into.Heads[step.tag]; !isNull(step.at) && (!heard || old.Number < head.Number) {
			setHead(into, step.tag, head)
		}
	}
	return nil
}
