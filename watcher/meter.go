package watcher

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"headwatch"
)

const day = 24 * time.Hour

// meter counts what one endpoint costs, at the wire. It travels in the context of whatever asks the endpoint, as an
// httptrace does, so that nothing that goes over the shared wire is forgotten. Any goroutine may call its methods, also
// those of a nil meter, which counts nothing.
type meter struct {
	tariff tariff
	mu     sync.Mutex
	usage  headwatch.Usage
	day    int64 // number of the day to which usage.Today belongs
}

type meterKey struct{}

func (m *meter) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// meterOf gives the meter of a context, nil when there is none.
func meterOf(ctx context.Context) *meter {
	m, _ := ctx.Value(meterKey{}).(*meter)
	return m
}

// request counts an HTTP request before it is sent.
func (m *meter) request(req *http.Request) error {
	if m == nil {
		return nil
	}
	var body []byte
	if req.GetBody != nil {
		text, err := req.GetBody()
		if err != nil {
			return err
		}
		if body, err = io.ReadAll(text); err != nil {
			return err
		}
	}
	m.message(time.Now(), body)
	return nil
}

// message counts one message that is sent, and the calls in it. What is no JSON-RPC is one call.
func (m *meter) message(now time.Time, body []byte) {
	if m == nil {
		return
	}
	type call struct {
		Method string `json:"method"`
	}
	calls := make([]call, 1, 8)
	if len(body) > 0 && body[0] == '[' {
		_ = json.Unmarshal(body, &calls) // it was written here, and what it is not is not charged
	} else {
		_ = json.Unmarshal(body, &calls[0])
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.Requests++
	m.usage.Calls += uint64(len(calls))
	m.usage.Sent += uint64(len(body))
	for _, c := range calls {
		m.spend(now, m.tariff.call(c.Method))
	}
}

// received counts bytes of an answer.
func (m *meter) received(bytes int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.Received += uint64(bytes)
}

// notified counts a notification of a subscription.
func (m *meter) notified(now time.Time, bytes int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.Calls++
	m.usage.Received += uint64(bytes)
	m.spend(now, m.tariff.notification(bytes))
}

func (m *meter) spend(now time.Time, units uint64) {
	m.turn(now)
	m.usage.Units += units
	m.usage.Today += units
}

// turn begins a new day, UTC.
func (m *meter) turn(now time.Time) {
	if today := now.Unix() / int64(day/time.Second); today != m.day {
		m.day, m.usage.Today = today, 0
	}
}

// read gives the counts at an instant.
func (m *meter) read(now time.Time) headwatch.Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(now)
	return m.usage
}

// metered counts the bytes of a body as they are read.
type metered struct {
	io.ReadCloser
	meter *meter
}

func (b metered) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.meter.received(n)
	return n, err
}
