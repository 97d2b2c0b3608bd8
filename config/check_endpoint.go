package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

var (
	serves = []string{ServesEth, ServesRollup, ServesSequencer, ServesFeed, ServesAPI}
	units  = []string{UnitSeconds, UnitMillis, UnitNanos, UnitRFC3339, UnitCounter}

	// endpointKeys says which keys belong to endpoints that serve what.
	endpointKeys = map[string][]string{
		"url":     {ServesEth, ServesRollup, ServesSequencer, ServesAPI},
		"ws":      {ServesEth, ServesFeed, ServesAPI},
		"request": {ServesAPI}, "path": {ServesAPI}, "unit": {ServesAPI}, "fresh": {ServesAPI}, "below": {ServesAPI},
	}
	// serversOf says on which kinds of chain there are endpoints that serve what; on all where it says nothing.
	serversOf = map[string][]string{
		ServesEth:       {KindEVM, KindOPStack, KindArbitrum, KindZKsync, KindLinea, KindScroll, KindPolygon},
		ServesSequencer: {KindEVM, KindOPStack, KindArbitrum, KindZKsync, KindLinea, KindScroll, KindPolygon},
		ServesRollup:    {KindOPStack},
		ServesFeed:      {KindArbitrum},
	}
)

func (d *document) checkEndpoint(at path, e *Endpoint, c *Chain) {
	d.atLeast(at.key("interval"), e.Interval, Duration(time.Second))
	if e.Interval > 0 && (e.Timeout <= 0 || e.Timeout >= e.Interval) {
		d.fault(at.key("timeout"), fmt.Sprintf("timeout is %v, and the interval %v", e.Timeout, e.Interval), "make it shorter than the interval")
	}
	d.checkWays(at, e)
	if !d.choice(at.key("serves"), e.Serves, serves) {
		return
	}
	if on := serversOf[e.Serves]; on != nil && slices.Contains(chainKinds, c.Kind) && !slices.Contains(on, c.Kind) {
		d.fault(at.key("serves"), fmt.Sprintf("a chain of kind %s has no endpoint that serves %s", c.Kind, e.Serves), "remove it")
	}
	d.belong(at, "an endpoint that serves", e.Serves, endpointKeys)
	if e.Serves == ServesAPI {
		d.checkReading(at, e)
	}
}

// checkWays wants the URLs that the endpoint is reached by: a feed has a WebSocket, an API one of the two, and all others
// have an HTTP URL.
func (d *document) checkWays(at path, e *Endpoint) {
	api := e.Serves == ServesAPI
	if api && !e.URL.IsZero() && !e.WS.IsZero() {
		d.fault(at.key("ws"), "url and ws are both given", "keep url to ask the API, or ws to be told by it")
	}
	if e.Serves != ServesFeed && !(api && !e.WS.IsZero()) {
		d.url(at, "url", e.URL, "https", "http")
	}
	if e.Serves == ServesFeed || !e.WS.IsZero() {
		d.url(at, "ws", e.WS, "wss", "ws")
	}
}

const twoPaths = "name two: the first number must be below the second"

// checkReading checks what is read of an API.
func (d *document) checkReading(at path, e *Endpoint) {
	if e.Path == "" {
		d.missing(at, "path", `say where the time or the counter stands in the answer: path = "time"`)
	}
	d.choice(at.key("unit"), e.Unit, units)
	d.atLeast(at.key("fresh"), e.Fresh, Duration(time.Second))
	if e.WS.IsZero() && e.Fresh >= Duration(time.Second) && e.Fresh <= e.Interval {
		d.fault(at.key("fresh"), fmt.Sprintf("fresh is %v, and the API is asked every %v", e.Fresh, e.Interval), "make it longer: a value is stale before the next one can come")
	}
	if e.Request != "" && !json.Valid([]byte(e.Request)) {
		d.fault(at.key("request"), "request is not JSON", "")
	}
	if d.has(at.key("below")) && len(e.Below) != 2 {
		d.fault(at.key("below"), fmt.Sprintf("below has %d paths", len(e.Below)), twoPaths)
	} else if slices.Contains(e.Below, "") {
		d.fault(at.key("below"), "below has an empty path", twoPaths)
	}
}
