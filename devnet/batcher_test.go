package devnet

import (
	"reflect"
	"testing"
)

func TestBatcherKeepsItsLagAndMakesGoodForAStop(t *testing.T) {
	b := newBatcher()
	var safe, finalized []uint64
	for i, unsafe := range []uint64{2, 4, 6, 8, 10, 10, 10} {
		b.stopped = i == 3 || i == 4
		b.post(unsafe, 2)
		safe = append(safe, b.latest())
		finalized = append(finalized, ago(b.safe, 3))
	}
	// Two L1 blocks behind, standing at 2 while stopped, then where it would have been; at the end L2 stands.
	if want := []uint64{0, 0, 2, 2, 2, 8, 10}; !reflect.DeepEqual(safe, want) {
		t.Errorf("safe heads %v, want %v", safe, want)
	}
	if want := []uint64{0, 0, 0, 0, 0, 2, 2}; !reflect.DeepEqual(finalized, want) {
		t.Errorf("finalized heads %v, want %v", finalized, want)
	}
}

func TestSafeAndFinalizedFollowUntilBatcherOrL1Stop(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	client := dial(t, n.L2()[1].HTTP)
	tags := func() (latest, safe, finalized uint64) {
		t.Helper()
		n.StopL1() // so that the three are of one moment
		n.StopL2()
		defer n.ResumeL1()
		defer n.ResumeL2(0)
		return uint64(get(t, client, "latest").Number), uint64(get(t, client, "safe").Number), uint64(get(t, client, "finalized").Number)
	}
	var latest, safe, finalized uint64
	for tries := 0; finalized == 0 || finalized == safe || safe == latest; tries++ {
		blocks(t, n, "l1", 1)
		if latest, safe, finalized = tags(); finalized > safe || safe > latest || tries > 10 {
			t.Fatalf("latest %d, safe %d, finalized %d", latest, safe, finalized)
		}
	}

	n.StopBatcher()
	_, stopped, _ := tags()
	blocks(t, n, "l1", 4)
	if latest, safe, finalized = tags(); safe != stopped || finalized != stopped || latest <= stopped {
		t.Errorf("without a batcher: latest %d, safe %d, finalized %d, stopped at %d", latest, safe, finalized, stopped)
	}
	n.StartBatcher()
	blocks(t, n, "l1", 2)
	if _, safe, _ = tags(); safe <= stopped {
		t.Errorf("safe %d after the batcher's return, stopped at %d", safe, stopped)
	}

	l1 := dial(t, n.L1().HTTP)
	n.StopL1()
	before, safeBefore := get(t, l1, "latest"), get(t, client, "safe")
	await(t, n, func(b Block) bool {
		return b.Endpoint == "l2-b" && b.Head.Time.Unix() >= int64(before.Timestamp)+3
	})
	if after := get(t, l1, "latest"); after.Hash != before.Hash {
		t.Errorf("L1 head %d after the stop at %d", after.Number, before.Number)
	}
	if after := get(t, client, "safe"); after.Hash != safeBefore.Hash {
		t.Errorf("safe moved from %d to %d without L1", safeBefore.Number, after.Number)
	}
	n.ResumeL1()
	blocks(t, n, "l1", 1)
	n.StopL1()
	after := get(t, l1, "latest")
	if added, passed := after.Number-before.Number, after.Timestamp-before.Timestamp; added == 0 || passed <= added {
		t.Errorf("%d L1 blocks in the %d slots since the stop: none was left out", added, passed)
	}
	if safe, final := get(t, l1, "safe"), get(t, l1, "finalized"); safe.Number <= final.Number {
		t.Errorf("L1 safe %d, finalized %d", safe.Number, final.Number)
	}
}
