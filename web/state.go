package web

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headwatch"
)

// state is everything that is, as opposed to what happened: collected from snapshots at a scrape, so it cannot be out of
// step with what the API shows. Times are timestamps; what is unknown has no series.
type state struct {
	deps     Deps
	gauges   []gauge
	counters []gauge
}

// gauge is one metric and how to read it.
type gauge struct {
	desc *prometheus.Desc
	read func(v *view, put put)
}

// view is what one scrape sees.
type view struct {
	chains    []headwatch.ChainStatus
	circuits  []headwatch.Signal
	incidents []headwatch.Incident
	hooks     []headwatch.HookStatus
	silences  []headwatch.Silence
	oldest    map[string]time.Time
	bytes     uint64
	version   string
	watchdog  headwatch.WatchdogStatus
	now       time.Time // later than all of them
}

// put adds one series.
type put func(v float64, labels ...string)

func (p put) flag(on bool, labels ...string) { p(bit(on), labels...) }

func bit(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

func (p put) at(t time.Time, labels ...string) {
	if !t.IsZero() {
		p(seconds(t), labels...)
	}
}

func newState(d Deps) *state {
	return &state{
		d, slices.Concat(chainGauges(), usageGauges(), circuitGauges(), silenceGauges(), hookGauges(), readinessGauges(), watchdogGauges()),
		slices.Concat(usageCounters(), heartbeatCounters()),
	}
}

// Describe implements prometheus.Collector.
func (s *state) Describe(to chan<- *prometheus.Desc) {
	for _, g := range slices.Concat(s.gauges, s.counters) {
		to <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (s *state) Collect(to chan<- prometheus.Metric) {
	_, bytes := s.deps.Journal()
	v := &view{
		s.deps.Chains(), s.deps.Circuits(), s.deps.Incidents(), s.deps.Hooks(), s.deps.Silences(), s.deps.Oldest(), bytes, s.deps.Version, s.deps.Watchdog(), time.Now(),
	}
	collect(to, v, s.gauges, prometheus.GaugeValue)
	collect(to, v, s.counters, prometheus.CounterValue)
}

func collect(to chan<- prometheus.Metric, v *view, metrics []gauge, kind prometheus.ValueType) {
	for _, g := range metrics {
		g.read(v, func(value float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(g.desc, kind, value, labels...)
		})
	}
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}
