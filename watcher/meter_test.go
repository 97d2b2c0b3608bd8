package watcher

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestEveryPollIsCountedAtTheWire(t *testing.T) {
	var before headwatch.Usage
	server := httptest.NewServer(healthy)
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	m := &meter{tariff: tariff{other: 20, method: map[string]uint64{methodChainID: 3}}}
	for _, want := range []headwatch.Usage{
		{Requests: 1, Calls: 2, Units: 23},
		{Requests: 2, Calls: 3, Units: 43},
	} {
		if o := p.probe(m.within(t.Context()), false); o.Err != nil {
			t.Fatal(o.Err)
		}
		got := m.read(time.Now())
		if got.Requests != want.Requests || got.Calls != want.Calls || got.Units != want.Units || got.Today != got.Units {
			t.Errorf("counted %+v, want %+v", got, want)
		}
		if got.Sent <= before.Sent || got.Received < before.Received+uint64(len(blockNow(100))) {
			t.Errorf("bytes went from %+v to %+v", before, got)
		}
		before = got
	}
	server.Close()
	p.probe(m.within(t.Context()), false)
	if got := m.read(time.Now()); got.Requests != 3 {
		t.Errorf("what was never answered was asked all the same: %+v", got)
	}
}

func TestBytesAreCountedAsTheyCame(t *testing.T) {
	answer := `{"jsonrpc":"2.0","id":1,"result":` + block15KB() + `}`
	server := httptest.NewServer(compressed(200, []byte(answer)))
	defer server.Close()
	m := &meter{tariff: plain}
	p := proberOf(server.URL, 5*time.Second)
	p.verified = true
	p.probe(m.within(t.Context()), false)
	if got := m.read(time.Now()); got.Received == 0 || got.Received >= uint64(len(answer)) {
		t.Errorf("%d bytes of a packed answer", got.Received)
	}
}

func TestEveryPushIsCounted(t *testing.T) {
	n := newPushNode(t)
	m := &meter{tariff: tariff{other: 10, perKB: 1000}}
	ctx, cancel := context.WithCancel(m.within(t.Context()))
	heard, ended := make(chan headwatch.Observation), make(chan error)
	go func() { ended <- n.follower().follow(ctx, func(o headwatch.Observation) { heard <- o }) }()
	headers := <-n.subscribers
	size := 0
	for number := range uint64(3) {
		h := header(number + 1)
		size += len(h)
		headers <- h
		<-heard
	}
	cancel()
	<-ended
	got := m.read(time.Now())
	want := headwatch.Usage{
		Requests: 2, Calls: 5, Sent: uint64(len(subscribeMessage) + len(chainIDMessage)), Received: uint64(size), Units: 20 + uint64(size), Today: 20 + uint64(size),
	}
	if got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

func TestADayEndsAtMidnightUTC(t *testing.T) {
	m := &meter{tariff: plain}
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	m.notified(midnight.Add(-1), 0)
	m.notified(midnight.Add(-1), 0)
	if got := m.read(midnight.Add(-1).In(time.FixedZone("east", 7200))).Today; got != 2 {
		t.Errorf("%d before midnight", got)
	}
	if got := m.read(midnight); got.Today != 0 || got.Units != 2 {
		t.Errorf("at midnight %+v", got)
	}
}

// asking is a prober that only pays: for the questions of an op-stack endpoint without a rollup endpoint beside it.
func (r *rig) asking() {
	k := opStack(config.Chain{Kind: config.KindOPStack})
	batch := func(questions ...question) []byte {
		calls := make([]map[string]string, len(questions))
		for i, q := range questions {
			calls[i] = map[string]string{"method": q.method}
		}
		text, err := json.Marshal(calls)
		if err != nil {
			r.Fatal(err)
		}
		return text
	}
	fast, slow := batch(k.head), batch(append(k.slow, k.head)...)
	r.prober = probeFunc(func(ctx context.Context, slowly bool) headwatch.Observation {
		if slowly {
			r.meter.message(time.Now(), slow)
		} else {
			r.meter.message(time.Now(), fast)
		}
		return good(ctx)
	})
}

// The figures of docs/performance.md: what an endpoint of a healthy chain with blocks of 2 s costs in a day.
func TestWhatADayCosts(t *testing.T) {
	for name, c := range map[string]struct {
		pushes          bool
		requests, calls uint64 // at most
		atLeast         uint64 // calls
	}{
		"over HTTP":        {requests: uint64(day/(2*time.Second)) + 1, calls: 72_010, atLeast: 71_990},
		"over a WebSocket": {pushes: true, requests: 1_450, calls: 8_000, atLeast: 7_000},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				r.asking()
				r.out = make(chan headwatch.Observation, 100_000)
				pushes := uint64(0)
				if c.pushes {
					r.follower = followFunc(func(ctx context.Context, deliver func(headwatch.Observation)) error {
						block := time.NewTicker(2 * time.Second)
						defer block.Stop()
						for {
							select {
							case <-ctx.Done():
								return context.Cause(ctx)
							case <-block.C:
								pushes++
								deliver(pushed(7 + pushes))
							}
						}
					})
				}
				r.start()
				time.Sleep(day)
				r.stop()
				got := r.meter.read(time.Now())
				t.Logf("%d requests, %d calls; %d heads pushed", got.Requests, got.Calls, pushes)
				if got.Requests > c.requests || got.Calls > c.calls || got.Calls < c.atLeast {
					t.Errorf("%d requests and %d calls a day", got.Requests, got.Calls)
				}
			})
		})
	}
}
