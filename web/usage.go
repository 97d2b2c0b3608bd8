package web

import "headwatch"

// usageCounters are what endpoints have cost since the process began.
func usageCounters() []gauge {
	count := func(of func(headwatch.Usage) uint64) func(*view, put) {
		return eachEndpoint(func(put put, e *headwatch.EndpointStatus, labels ...string) { put(float64(of(e.Usage)), labels...) })
	}
	return []gauge{
		{
			desc("endpoint_requests_total", "HTTP requests and WebSocket messages sent.", "chain", "endpoint"),
			count(func(u headwatch.Usage) uint64 { return u.Requests }),
		},
		{
			desc("endpoint_calls_total", "JSON-RPC calls made, and notifications received.", "chain", "endpoint"),
			count(func(u headwatch.Usage) uint64 { return u.Calls }),
		},
		{
			desc("endpoint_bytes_total", "Bytes of requests and answers, without headers.", "chain", "endpoint", "direction"),
			eachEndpoint(func(put put, e *headwatch.EndpointStatus, labels ...string) {
				put(float64(e.Usage.Sent), append(labels, "sent")...)
				put(float64(e.Usage.Received), append(labels, "received")...)
			}),
		},
		{
			desc("endpoint_compute_units_total", "What the provider charges, by its own table; calls where none is known.", "chain", "endpoint"),
			count(func(u headwatch.Usage) uint64 { return u.Units }),
		},
	}
}

// usageGauges are what is left, and how an endpoint is asked for it.
func usageGauges() []gauge {
	return []gauge{
		{
			desc("endpoint_budget_left_units", "Units of the running day, UTC, until the endpoint's budget is spent.", "chain", "endpoint"),
			eachEndpoint(func(put put, e *headwatch.EndpointStatus, labels ...string) {
				if u := e.Usage; u.Budget > 0 {
					put(float64(u.Budget)-float64(u.Today), labels...)
				}
			}),
		},
		{
			desc("endpoint_interval_seconds", "How long until the endpoint's next answer is due while all is well.", "chain", "endpoint"),
			eachEndpoint(func(put put, e *headwatch.EndpointStatus, labels ...string) { put(e.Every.Seconds(), labels...) }),
		},
	}
}
