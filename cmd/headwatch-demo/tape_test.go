package main

import (
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/devnet"
)

func TestTheTapeKeepsEachBlockOfTheL2Once(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tape := &tape{changed: make(chan struct{})}
		show := func(endpoint string, number uint64, late time.Duration) {
			tape.add(devnet.Block{At: time.Now(), Endpoint: endpoint, Head: headwatch.Head{Number: number, Time: time.Now().Add(-late)}})
		}
		if tape.last().Head.Number != 0 {
			t.Error("a block out of nothing")
		}
		show("l2-b", 1, 0)
		show("l1", 100, 0)
		show("l2-a", 1, 0)
		if b := tape.last(); b.Head.Number != 1 || b.Endpoint != "l2-b" {
			t.Errorf("the last is %+v", b)
		}
		go func() {
			for n := range uint64(5) { // back-fill, until it is on schedule
				time.Sleep(time.Second)
				show("l2-a", 2+n, time.Duration(3-int(n))*time.Second)
			}
		}()
		b := tape.find(t.Context(), time.Minute, func(b devnet.Block) bool { return b.Head.Number > 1 && onSchedule(b) })
		if b.Head.Number != 5 {
			t.Errorf("on schedule with block %d", b.Head.Number)
		}
		if b := tape.find(t.Context(), time.Minute, func(b devnet.Block) bool { return b.Head.Number > 99 }); b.Head.Number != 0 {
			t.Errorf("found %+v", b)
		}
	})
}
