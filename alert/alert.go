// Package alert tells people what a circuit does and why: one file a channel kind, one text for all of them. Making
// programs act is package hook's. It does not decide who is told, order or retry: that is done before and around it.
package alert

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Deps is what messages need from the rest of the program. The functions may be called from several goroutines; either
// may be nil.
type Deps struct {
	// Advice gives one sentence that says what to do about a condition; "" when there is nothing to say.
	Advice func(headwatch.Condition) string
	// Hooks gives the hooks of a circuit in words, such as "pause-lending (dry run)".
	Hooks func(circuit string) []string
	// Chain gives how a chain was last assessed, for messages that tell of something older; nil for none. Nobody changes it.
	Chain func(name string) *headwatch.Assessment
	// Console is where console channels write.
	Console io.Writer
	// AckLink gives a signed address at which a person acknowledges the incident of a notice; "" where none can be made.
	AckLink func(n headwatch.Notice) string
	// Page gives the address of an incident on the API's server; "" without a public one.
	Page func(incident string) string
	// Keep puts what a channel must not lose into the journal, such as the id of a message that it will change: the first content
	// of a slot of an incident stays, and Keep gives the one that stayed. It is kept like a secret.
	Keep func(ctx context.Context, incident, channel, slot string, data []byte) ([]byte, error)
	// Recall gives what is kept in a slot; nil when nothing is.
	Recall func(ctx context.Context, incident, channel, slot string) ([]byte, error)
	// Incidents gives the open incidents and some that are over, each newest first.
	Incidents func() []headwatch.Incident
	// Act takes an order that a person gave on a channel: an acknowledgement. It is on record when Act returns nil.
	Act func(ctx context.Context, a headwatch.Action) error
	// Log is for what a channel does beside its notices.
	Log *zap.Logger
}

// Runner is a sender with work beside its notices. Run blocks until ctx ends, then returns nil; an error ends the process.
type Runner interface {
	Run(ctx context.Context) error
}

// Inbound is a sender whose receiver sends back what people do there.
type Inbound interface {
	// Receive checks that a request comes from there and gives the orders in it. Their Kind, Incident or Circuit, Actor, Reason and
	// Via are set. An error with a status of its own is a *Rejection; nothing of the request was carried out.
	Receive(header http.Header, body []byte, now time.Time) ([]headwatch.Action, error)
}

// Rejection is a request that is not taken.
type Rejection struct {
	Status int // of HTTP
	Why    string
}

func (r *Rejection) Error() string { return r.Why }

// kinds is every kind of channel there is.
var kinds = map[string]func(config.Alert, Deps) (delivery.Sender, error){
	config.AlertPagerDuty:    newPagerDuty,
	config.AlertJSM:          newJSM,
	config.AlertGrafanaIRM:   newGrafanaIRM,
	config.AlertIncidentIO:   newIncidentIO,
	config.AlertAlertmanager: newAlertmanager,
	config.AlertTwilio:       newTwilio,
	config.AlertNtfy:         newNtfy,
	config.AlertSlack:        newSlack,
	config.AlertDiscord:      newDiscord,
	config.AlertTelegram:     newTelegram,
	config.AlertEmail:        newEmail,
	config.AlertWebhook:      newWebhook,
	config.AlertConsole:      newConsole,
}

// New makes the sender of a configured channel. Its errors show no secret.
func New(c config.Alert, d Deps) (delivery.Sender, error) {
	kind, ok := kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("alert %s: unknown kind %q", c.Name, c.Kind)
	}
	s, err := kind(c, d)
	if err != nil {
		return nil, fmt.Errorf("alert %s: %w", c.Name, err)
	}
	return s, nil
}
