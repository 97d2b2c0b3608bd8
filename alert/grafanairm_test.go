package alert

import (
	"testing"

	"headwatch"
	"headwatch/config"
)

func TestWhatGrafanaIRMIsTold(t *testing.T) {
	for _, kind := range []headwatch.StepKind{headwatch.StepTrip, headwatch.StepResolve} {
		s, all := told(t, config.AlertGrafanaIRM, withIncidents(deps), func(c *config.Alert) {
			c.URL = config.NewSecret(c.URL.Reveal() + "/integrations/v1/formatted_webhook/planted/")
		})
		if _, err := s.Send(t.Context(), s.Route(), lately(kind)); err != nil {
			t.Fatal(err)
		}
		if got := (*all)[0].path; len(*all) != 1 || got != "/integrations/v1/formatted_webhook/planted/" {
			t.Errorf("%s: %d requests, the first to %s", kind, len(*all), got)
		}
		golden(t, "grafana-irm-"+string(kind)+".json", indented(t, (*all)[0].body))
	}
}
