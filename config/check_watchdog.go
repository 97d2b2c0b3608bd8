package config

import (
	"fmt"
	"net/url"
	"time"
)

var heartbeatKinds = []string{HeartbeatHealthchecks, HeartbeatURL}

// checkWatchdog checks what headwatch says of itself, and to whom.
func (d *document) checkWatchdog(c *Config) {
	at, w := path("watchdog"), &c.Watchdog
	if d.has(at.key("alerts")) {
		d.references(at.key("alerts"), "alert", w.Alerts, names(c.Alerts, func(a Alert) string { return a.Name }))
		if len(w.Alerts) == 0 {
			d.fault(at.key("alerts"), "alerts is empty: nobody would hear that a page cannot be delivered",
				"name at least one [[alert]], or leave it out for all of them")
		}
	}
	d.mayRefer(at.key("escalation"), "escalation", w.Escalation, names(c.Escalations, func(e Escalation) string { return e.Name }))
	for key, v := range map[string]Duration{"warn_after": w.WarnAfter, "recover_after": w.RecoverAfter} {
		d.within(at.key(key), v, Duration(time.Second), Duration(time.Hour))
	}
	if w.PageAfter < w.WarnAfter {
		d.fault(at.key("page_after"), fmt.Sprintf("page_after is %v, shorter than warn_after %v", w.PageAfter, w.WarnAfter), "make page_after at least warn_after")
	}
	for i := range c.Heartbeats {
		d.checkHeartbeat(path("heartbeat").item(i), &c.Heartbeats[i])
	}
	for i := range c.Peers {
		d.checkPeer(path("peer").item(i), &c.Peers[i], c.API.Listen)
	}
}

// checkHeartbeat keeps to what receivers take: at most five pings a minute, the one at the start among them
// (https://healthchecks.io/docs/http_api/).
func (d *document) checkHeartbeat(at path, h *Heartbeat) {
	d.choice(at.key("kind"), h.Kind, heartbeatKinds)
	d.url(at, "url", h.URL, "https", "http")
	d.within(at.key("every"), h.Every, Duration(15*time.Second), Duration(time.Hour))
	d.within(at.key("timeout"), h.Timeout, Duration(time.Second), Duration(30*time.Second))
}

func (d *document) checkPeer(at path, p *Peer, listen string) {
	d.url(at, "url", p.URL, "https", "http")
	if u, err := url.Parse(p.URL.Reveal()); err == nil && listen != "" && u.Host == listen {
		d.fault(at.key("url"), "url is that of this headwatch itself", "name the other one: nobody can watch his own death")
	}
	d.within(at.key("every"), p.Every, Duration(time.Second), Duration(time.Minute))
	d.within(at.key("timeout"), p.Timeout, Duration(100*time.Millisecond), Duration(30*time.Second))
}
