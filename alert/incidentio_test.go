package alert

import (
	"testing"

	"headwatch"
	"headwatch/config"
)

func TestWhatIncidentIOIsTold(t *testing.T) {
	for _, kind := range []headwatch.StepKind{headwatch.StepPage, headwatch.StepTrip, headwatch.StepResolve} {
		s, all := told(t, config.AlertIncidentIO, withIncidents(deps), func(c *config.Alert) {
			c.URL = config.NewSecret(c.URL.Reveal() + "/v2/alert_events/http/01GW2G3V0S59R238FAHPDS1R66")
		})
		if _, err := s.Send(t.Context(), s.Route(), lately(kind)); err != nil {
			t.Fatal(err)
		}
		got := (*all)[0]
		if len(*all) != 1 || got.path != "/v2/alert_events/http/01GW2G3V0S59R238FAHPDS1R66" || got.authorization != "Bearer planted-source-token" {
			t.Errorf("%s: %d requests, the first to %s with %s", kind, len(*all), got.path, got.authorization)
		}
		golden(t, "incident-io-"+string(kind)+".json", indented(t, got.body))
	}
}
