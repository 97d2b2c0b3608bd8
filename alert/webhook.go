package alert

import (
	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

func newWebhook(c config.Alert, _ Deps) (delivery.Sender, error) {
	return delivery.NewWebhook(c.URL, c.Secrets, c.Timeout.D(), func(n headwatch.Notice) string {
		return "incident." + string(n.Kind)
	})
}
