package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// calendars shows when each calendar was last read and good.
type calendars struct {
	desc *prometheus.Desc
	read func() map[string]time.Time
}

// Calendars adds the calendars of rotas and windows to the metrics. Call it once, before anything scrapes.
func (m *Metrics) Calendars(read func() map[string]time.Time) {
	m.registry.MustRegister(calendars{
		desc("calendar_last_good_timestamp_seconds", "When the calendar of the rota or window was last read and good; 0 for never.", "calendar"), read,
	})
}

// Describe implements prometheus.Collector.
func (c calendars) Describe(to chan<- *prometheus.Desc) { to <- c.desc }

// Collect implements prometheus.Collector.
func (c calendars) Collect(to chan<- prometheus.Metric) {
	for name, at := range c.read() {
		value := 0.0
		if !at.IsZero() {
			value = seconds(at)
		}
		to <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, value, name)
	}
}
