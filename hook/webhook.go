package hook

import (
	"headwatch/config"
	"headwatch/delivery"
)

func newWebhook(c config.Hook, _ Deps) (delivery.Sender, error) {
	return delivery.NewWebhook(c.URL, c.Secrets, c.Timeout.D(), event)
}
