package alert

import (
	"crypto/sha256"
	"fmt"
	"time"

	"headwatch/config"
	"headwatch/delivery"
)

// Limits gives channels at one receiver the limiter that they share. It is not safe for concurrent use.
type Limits struct {
	limiters map[[sha256.Size]byte]*delivery.Limiter
}

// NewLimits makes Limits without a limiter.
func NewLimits() *Limits { return &Limits{make(map[[sha256.Size]byte]*delivery.Limiter)} }

// Of gives the limiter of a channel, the same for all that go to one receiver with one key. A kind without a limit of its own is
// held up only when its receiver asks for it.
func (l *Limits) Of(c config.Alert) *delivery.Limiter {
	parts := append([]string{c.Kind, c.URL.Reveal(), c.RoutingKey.Reveal(), c.Account, c.Token.Reveal()}, c.To...)
	for _, u := range c.URLs {
		parts = append(parts, u.Reveal())
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	if l.limiters[key] == nil {
		l.limiters[key] = newLimiter(c.Kind)
	}
	return l.limiters[key]
}

// newLimiter keeps below what a receiver takes in any minute: the burst and what follows it within a minute.
func newLimiter(kind string) *delivery.Limiter {
	switch kind {
	case config.AlertPagerDuty: // 120 events a minute and integration key
		return delivery.NewLimiter(20, 600*time.Millisecond)
	case config.AlertSlack: // about a message a second and channel, https://api.slack.com/docs/rate-limits
		return delivery.NewLimiter(3, time.Second)
	case config.AlertTelegram: // 20 messages a minute and group, https://core.telegram.org/bots/faq
		return delivery.NewLimiter(3, 3500*time.Millisecond)
	}
	return delivery.NewLimiter(0, 0)
}
