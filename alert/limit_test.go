package alert

import (
	"testing"

	"headwatch/config"
)

func TestChannelsWithOneKeyShareALimit(t *testing.T) {
	l := NewLimits()
	c := conf(config.AlertPagerDuty, config.Secret{})
	first := l.Of(c)
	c.Name, c.Link = "another", "https://elsewhere.example.org"
	if l.Of(c) != first {
		t.Error("two channels with one key have two limits")
	}
	c.RoutingKey = config.NewSecret("another-routing-key-of-32-chars-")
	if l.Of(c) == first {
		t.Error("two keys have one limit")
	}
	if l.Of(conf(config.AlertSlack, config.NewSecret("https://a.example.org"))) == l.Of(conf(config.AlertSlack, config.NewSecret("https://b.example.org"))) {
		t.Error("two chats have one limit")
	}
	for kind := range kinds {
		if l.Of(conf(kind, config.NewSecret("https://example.org"))) == nil {
			t.Errorf("%s cannot be asked to be silent", kind)
		}
	}
}
