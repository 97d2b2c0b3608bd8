package main

import (
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// saidEvery is how often the one line for `systemctl status` may change.
const saidEvery = 5 * time.Second

// service is what the service manager is told, by sd_notify(3): that headwatch watches, that its loops live, and one line of how it
// is. Without a manager that listens nothing is sent.
type service struct {
	patience time.Duration // the manager's; 0 when it does not watch
	notify   func(state string)

	ready bool
	alive time.Time // when the manager was last told so
	said  string
	at    time.Time
}

func newService() *service {
	patience, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		patience = 0 // WATCHDOG_USEC is nonsense: whoever wrote it does not wait for us
	}
	return &service{patience: patience, notify: func(state string) { _, _ = daemon.SdNotify(false, state) }} // nobody hears why it failed
}

// tell is called every second. ready is whether the line of every chain has begun, alive whether all of them go on.
func (s *service) tell(now time.Time, ready, alive bool, sentence func() string) {
	if ready && !s.ready {
		s.ready = true
		s.notify(daemon.SdNotifyReady)
	}
	// Half the patience is what sd_watchdog_enabled(3) asks for; a second less, because that is how exactly we come here.
	if s.patience > 0 && alive && now.Sub(s.alive) >= s.patience/2-selfBeat {
		s.alive = now
		s.notify(daemon.SdNotifyWatchdog)
	}
	if now.Sub(s.at) < saidEvery {
		return
	}
	s.at = now
	if text := sentence(); text != s.said {
		s.said = text
		s.notify("STATUS=" + text)
	}
}

func (s *service) stopping() { s.notify(daemon.SdNotifyStopping) }
