package web

import (
	"errors"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"headwatch"
	"headwatch/config"
)

const namespace = "headwatch"

// maxScrapes is how many scrapes are answered at once.
const maxScrapes = 4

// Metrics counts what happens, on a registry of its own; what is, is read from snapshots at every scrape once New has the
// Metrics. All methods are safe for concurrent use. Labels hold names from the configuration and words of closed sets,
// never a URL or the text of an error.
type Metrics struct {
	registry *prometheus.Registry

	observations *prometheus.CounterVec
	faults       *prometheus.CounterVec
	polls        *prometheus.HistogramVec

	transitions    *prometheus.CounterVec
	appends        prometheus.Histogram
	appendFailures prometheus.Counter
	unjournaled    prometheus.Counter

	deliveries *prometheus.CounterVec
	attempts   *prometheus.CounterVec
	failures   *prometheus.CounterVec
	dwell      *prometheus.HistogramVec

	reports *prometheus.CounterVec
	txs     *prometheus.CounterVec
	modes   *prometheus.GaugeVec
}

// NewMetrics makes the metrics of one process for the configuration that it has just loaded. Every series that the
// configuration makes known exists from the start, at 0, so that its first increase is seen.
func NewMetrics(c *config.Config) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),

		observations: counters("observations_total", "Answers of endpoints, good and bad.", "chain", "endpoint", "source"),
		faults:       counters("observation_faults_total", "Bad answers of endpoints.", "chain", "endpoint", "fault"),
		polls: histograms("poll_duration_seconds", "How long polls took, those that failed too.",
			[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5}, "chain"),

		transitions: counters("transitions_total", "Decisions of circuits; level is the incident's after the decision.", "circuit", "from", "to", "level"),
		appends: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "journal_append_seconds", Help: "How long appends to the journal took, those that failed too.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5},
		}),
		appendFailures: counter("journal_append_failures_total", "Appends that the journal refused."),
		unjournaled:    counter("unjournaled_total", "Decisions told although the journal refused them."),

		deliveries: counters("deliveries_total", "Notices whose delivery ended.", "channel", "outcome"),
		attempts:   counters("delivery_attempts_total", "Attempts to deliver a notice.", "channel"),
		failures:   counters("delivery_failures_total", "Attempts that failed.", "channel", "reason"),
		dwell: histograms("delivery_dwell_seconds", "From the decision to the receiver's acceptance.",
			[]float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}, "channel"),

		reports: counters("hook_reports_total", "What hooks reported of themselves; of each kind once an incident.", "hook", "kind"),
		txs:     counters("hook_tx_total", "What became of the transactions of hooks; a repetition counts again.", "hook", "leg", "result"),
		modes: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "hook_mode", Help: "1 for the mode that the hook is in.",
		}, []string{"hook", "mode"}),
	}
	loaded := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "config_loaded_timestamp_seconds", Help: "When the configuration was loaded.",
	})
	loaded.Set(seconds(time.Now()))
	m.registry.MustRegister(
		m.observations, m.faults, m.polls,
		m.transitions, m.appends, m.appendFailures, m.unjournaled,
		m.deliveries, m.attempts, m.failures, m.dwell, m.reports, m.txs, m.modes, loaded,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.declare(c)
	return m
}

// Observed counts one answer of an endpoint.
func (m *Metrics) Observed(o headwatch.Observation) {
	source := sourcePoll
	if o.Pushed {
		source = sourcePush
	} else {
		m.polls.WithLabelValues(o.Chain).Observe(o.Latency.Seconds())
	}
	m.observations.WithLabelValues(o.Chain, o.Endpoint, source).Inc()
	if o.Err == nil {
		return
	}
	kind := headwatch.FaultOther
	if fault, ok := errors.AsType[*headwatch.Fault](o.Err); ok {
		kind = fault.Kind
	}
	m.faults.WithLabelValues(o.Chain, o.Endpoint, string(kind)).Inc()
}

// Decided counts a decision once, with its first append: how long that took and how it ended. A decision whose append
// failed counts as unjournaled.
func (m *Metrics) Decided(t headwatch.Transition, took time.Duration, err error) {
	m.transitions.WithLabelValues(t.Circuit, t.From.String(), t.To.String(), t.Level.String()).Inc()
	m.Appended(took, err)
	if err != nil {
		m.unjournaled.Inc()
	}
}

// Appended counts an append that is not the first of a decision: any other event, or a second try.
func (m *Metrics) Appended(took time.Duration, err error) {
	m.appends.Observe(took.Seconds())
	if err != nil {
		m.appendFailures.Inc()
	}
}

// Attempt counts one attempt to deliver. The reason is "" when it was accepted, else a word of a closed set; anything that
// is no such word counts as "other".
func (m *Metrics) Attempt(channel, reason string) {
	m.attempts.WithLabelValues(channel).Inc()
	if reason == "" {
		return
	}
	if !isWord(reason) {
		reason = "other"
	}
	m.failures.WithLabelValues(channel, reason).Inc()
}

// Finished counts the end of a delivery.
func (m *Metrics) Finished(d headwatch.Delivery) {
	m.deliveries.WithLabelValues(d.Channel, string(d.Outcome)).Inc()
	if d.Outcome == headwatch.Delivered {
		m.dwell.WithLabelValues(d.Channel).Observe(d.At.Sub(d.Decided).Seconds())
	}
}

// Transaction counts what became of a transaction of a hook.
func (m *Metrics) Transaction(hook, leg, result string) {
	m.txs.WithLabelValues(hook, leg, result).Inc()
}

// Reported counts a report of a hook.
func (m *Metrics) Reported(r headwatch.Report) {
	m.reports.WithLabelValues(r.Hook, string(r.Kind)).Inc()
}

// handler serves the registry. What can be collected is shown even when something else cannot.
func (m *Metrics) handler(errs *log.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: errs, ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: maxScrapes,
	})
}

// isWord reports whether s can be a name that a programmer gave: what an endpoint or an error says rarely can.
func isWord(s string) bool {
	return len(s) <= 32 && !strings.ContainsFunc(s, func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') })
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1e3 }
