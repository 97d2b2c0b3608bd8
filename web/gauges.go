package web

import (
	"runtime"

	"headwatch"
)

// chainGauges are the metrics of chains and their endpoints.
func chainGauges() []gauge {
	return []gauge{
		{
			desc("head_block_number", "Newest head that the endpoint reported.", "chain", "endpoint", "tag"),
			eachHead(func(put put, h *headwatch.Head, labels ...string) { put(float64(h.Number), labels...) }),
		},
		{
			desc("head_timestamp_seconds", "The block's own timestamp of that head.", "chain", "endpoint", "tag"),
			eachHead(func(put put, h *headwatch.Head, labels ...string) { put.at(h.Time, labels...) }),
		},
		{
			desc("head_advanced_timestamp_seconds", "When the endpoint's unsafe head last rose.", "chain", "endpoint"),
			eachEndpoint(func(put put, e *headwatch.EndpointStatus, labels ...string) { put.at(e.Advanced, labels...) }),
		},
		{
			desc("endpoint_heard_timestamp_seconds", "When the endpoint last gave a good answer.", "chain", "endpoint"),
			eachEndpoint(func(put put, e *headwatch.EndpointStatus, labels ...string) { put.at(e.Heard, labels...) }),
		},
		{
			desc("endpoint_up", "Whether the endpoint's last answer was good.", "chain", "endpoint"),
			eachEndpoint(func(put put, e *headwatch.EndpointStatus, labels ...string) {
				put.flag(e.Fault == "" && !e.Heard.IsZero(), labels...)
			}),
		},
		{
			desc("assessed_timestamp_seconds", "When the chain was last assessed.", "chain"),
			eachChain(func(put put, a *headwatch.Assessment) { put.at(a.At, a.Chain) }),
		},
		{
			desc("chain_phase", "1 for the phase that the chain is in.", "chain", "phase"),
			eachChain(func(put put, a *headwatch.Assessment) {
				for _, p := range phases {
					put.flag(a.Phase == p, a.Chain, p.String())
				}
			}),
		},
		{
			desc("chain_hint", "1 for where the cause of what was found most likely lies; absent when nothing points anywhere.", "chain", "hint"),
			eachChain(func(put put, a *headwatch.Assessment) {
				if a.Hint != "" {
					put(1, a.Chain, string(a.Hint))
				}
			}),
		},
		{
			desc("condition_active", "Whether the condition holds.", "chain", "condition"),
			eachChain(func(put put, a *headwatch.Assessment) {
				for _, c := range conditions {
					put.flag(a.Find(c) != nil, a.Chain, string(c))
				}
			}),
		},
		{
			desc("condition_since_timestamp_seconds", "When a condition that holds began.", "chain", "condition"),
			eachChain(func(put put, a *headwatch.Assessment) {
				for _, c := range conditions {
					if f := a.Find(c); f != nil {
						put.at(f.Since, a.Chain, string(c))
					}
				}
			}),
		},
	}
}

// circuitGauges are the metrics of circuits, and of what follows from them.
func circuitGauges() []gauge {
	return []gauge{
		{
			desc("circuit_state", "1 for the state that the circuit is in; unknown when the lease ran out.", "circuit", "state"),
			eachCircuit(func(v *view, put put, sig *headwatch.Signal) {
				state := sig.State
				if !leased(*sig, v.now) {
					state = headwatch.StateUnknown
				}
				for _, s := range states {
					put.flag(state == s, sig.Circuit, s.String())
				}
			}),
		},
		{
			desc("circuit_level", "1 for the rung that the circuit's incident is on.", "circuit", "level"),
			eachCircuit(func(_ *view, put put, sig *headwatch.Signal) {
				for _, l := range levels {
					put.flag(sig.Level == l, sig.Circuit, l.String())
				}
			}),
		},
		{
			desc("circuit_lease_timestamp_seconds", "Until when the circuit's state may be believed.", "circuit"),
			eachCircuit(func(_ *view, put put, sig *headwatch.Signal) { put.at(sig.ValidUntil, sig.Circuit) }),
		},
		{
			desc("incidents_open", "Incidents that are not resolved.", "circuit"),
			eachCircuit(func(v *view, put put, sig *headwatch.Signal) {
				n := 0
				for _, inc := range v.incidents {
					if inc.Circuit == sig.Circuit && inc.Resolved.IsZero() {
						n++
					}
				}
				put(float64(n), sig.Circuit)
			}),
		},
		{
			desc("delivery_oldest_timestamp_seconds", "When the oldest notice not yet delivered was decided.", "channel"),
			func(v *view, put put) {
				for channel, decided := range v.oldest {
					put.at(decided, channel)
				}
			},
		},
		{
			desc("journal_bytes", "Size of the journal."),
			func(v *view, put put) { put(float64(v.bytes)) },
		},
		{
			desc("build_info", "1, with what the process was built from.", "version", "goversion"),
			func(v *view, put put) { put(1, v.version, runtime.Version()) },
		},
	}
}

func eachChain(read func(put, *headwatch.Assessment)) func(*view, put) {
	return func(v *view, put put) {
		for i := range v.chains {
			read(put, &v.chains[i].Assessment)
		}
	}
}

func eachEndpoint(read func(put put, e *headwatch.EndpointStatus, labels ...string)) func(*view, put) {
	return func(v *view, put put) {
		for _, c := range v.chains {
			for i := range c.Endpoints {
				read(put, &c.Endpoints[i], c.Assessment.Chain, c.Endpoints[i].Name)
			}
		}
	}
}

func eachHead(read func(put put, h *headwatch.Head, labels ...string)) func(*view, put) {
	return eachEndpoint(func(put put, e *headwatch.EndpointStatus, labels ...string) {
		heads := map[headwatch.Tag]*headwatch.Head{
			headwatch.Unsafe: e.Head, headwatch.Safe: e.Safe, headwatch.Proven: e.Proven, headwatch.Finalized: e.Finalized,
		}
		for tag, h := range heads {
			if h != nil {
				read(put, h, append(labels, tag.String())...)
			}
		}
	})
}

func eachCircuit(read func(*view, put, *headwatch.Signal)) func(*view, put) {
	return func(v *view, put put) {
		for i := range v.circuits {
			read(v, put, &v.circuits[i])
		}
	}
}
