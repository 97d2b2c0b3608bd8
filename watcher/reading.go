package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"headwatch"
	"headwatch/config"
)

// errNoValue says that an answer does not have the value. A WebSocket brings other messages too.
var errNoValue = &headwatch.Fault{Kind: headwatch.FaultNull, Detail: "the answer has no value at path"}

// apiProber asks an API over HTTP. It belongs to one goroutine.
type apiProber struct {
	endpoint config.Endpoint
	client   *http.Client
	wire     *wire
}

func newAPIProber(e config.Endpoint, s secrets) *apiProber {
	w := newWire(s)
	w.plain = true
	return &apiProber{endpoint: e, client: &http.Client{Transport: w}, wire: w}
}

func (p *apiProber) probe(ctx context.Context, _ bool) headwatch.Observation {
	asked := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.endpoint.Timeout.D())
	defer cancel()
	p.wire.server = server{}
	text, err := p.ask(ctx)
	o := headwatch.Observation{At: time.Now(), Date: p.wire.server.date, Expires: p.wire.server.expires}
	o.Latency = o.At.Sub(asked)
	if err == nil {
		err = readReading(p.endpoint, text, &o)
	}
	if err != nil {
		o.Err = p.wire.secrets.fault(err)
	}
	return o
}

func (p *apiProber) ask(ctx context.Context) ([]byte, error) {
	method, body := http.MethodGet, io.Reader(nil)
	if p.endpoint.Request != "" {
		method, body = http.MethodPost, strings.NewReader(p.endpoint.Request)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.endpoint.URL.Reveal(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if p.endpoint.Request != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body) // the wire has bounded it
}

// apiFollower is told by an API over a WebSocket.
type apiFollower struct {
	endpoint config.Endpoint
	socket   socket
	told     time.Time
}

func (f *apiFollower) follow(ctx context.Context, deliver func(headwatch.Observation)) error {
	return f.socket.read(ctx, func() { deliver(headwatch.Observation{At: time.Now()}) }, func(text []byte) error {
		o := headwatch.Observation{At: time.Now()}
		if o.At.Sub(f.told) < minFrameGap {
			return nil
		}
		f.told = o.At
		if err := readReading(f.endpoint, text, &o); err != nil && !errors.Is(err, errNoValue) {
			o.Err = f.socket.secrets.fault(err)
		}
		deliver(o)
		return nil
	})
}

// readReading takes an API's answer into an observation, of which At must be set. An error is a *headwatch.Fault that holds
// nothing of the answer.
func readReading(e config.Endpoint, text []byte, into *headwatch.Observation) error {
	if !json.Valid(text) { // it bounds the depth, which gjson does not
		return faultf(headwatch.FaultNotJSON, "no JSON")
	}
	value := gjson.GetBytes(text, e.Path)
	if !value.Exists() || value.Type == gjson.Null {
		return errNoValue
	}
	if len(e.Below) == 2 && !below(gjson.GetBytes(text, e.Below[0]), gjson.GetBytes(text, e.Below[1])) {
		return faultf(headwatch.FaultBadHead, "%s is not below %s", e.Below[0], e.Below[1])
	}
	reading, ok := readingOf(e.Unit, value)
	if !ok {
		return faultf(headwatch.FaultBadHead, "the value at path is not one of unit %s", e.Unit)
	}
	if ahead := reading.Time.Sub(into.At); ahead > maxAhead {
		return faultf(headwatch.FaultFutureHead, "the value is %s ahead of the clock here", headwatch.Brief(ahead.Truncate(time.Second)))
	}
	into.Reading = &reading
	return nil
}

// readingOf understands a value; numbers may be written as texts.
func readingOf(unit string, v gjson.Result) (headwatch.Reading, bool) {
	switch unit {
	case config.UnitCounter:
		var n quantity
		if err := n.UnmarshalJSON([]byte(v.Raw)); err != nil {
			return headwatch.Reading{}, false
		}
		count := uint64(n)
		return headwatch.Reading{Count: &count}, true
	case config.UnitRFC3339:
		at, err := time.Parse(time.RFC3339, v.String())
		return headwatch.Reading{Time: at}, err == nil && at.Unix() > 0 && at.Unix() <= maxTime
	}
	perSecond, known := map[string]float64{config.UnitSeconds: 1, config.UnitMillis: 1e3, config.UnitNanos: 1e9}[unit]
	n, ok := number(v)
	if !known || !ok || n <= 0 || n/perSecond > maxTime {
		return headwatch.Reading{}, false
	}
	whole, part := math.Modf(n / perSecond)
	return headwatch.Reading{Time: time.Unix(int64(whole), int64(part*1e9)).Round(time.Microsecond).UTC()}, true
}

func below(a, b gjson.Result) bool {
	x, isX := number(a)
	y, isY := number(b)
	return isX && isY && x < y
}

func number(v gjson.Result) (float64, bool) {
	if v.Type != gjson.Number && v.Type != gjson.String {
		return 0, false
	}
	n, err := strconv.ParseFloat(v.String(), 64)
	return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}
