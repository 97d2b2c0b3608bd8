package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/tidwall/gjson"
	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/delivery"
)

const (
	pollFor  = 50 * time.Second // one question waits that long for a press
	maxStale = 90 * time.Second // a press that waited longer may have been pressed for what was so then
)

// poller hears the presses of one bot's buttons.
type poller struct {
	bot    delivery.Route
	chats  []telegramChannel
	deps   Deps
	client *http.Client // waits longer than pollFor
	offset int64        // the update that comes next; 0 for the oldest that Telegram still has
	heard  time.Time    // when a question was last answered
}

// telegramChannel is a channel that the bot tells.
type telegramChannel struct{ name, chat string }

// Pollers gives what hears the buttons of telegram channels: one for each bot, however many channels that serves, because Telegram
// hands a press to one who asks and refuses the second.
func Pollers(all []config.Alert, d Deps) []Runner {
	var runners []Runner
	bots := make(map[[2]string]*poller)
	for _, c := range all {
		if c.Kind != config.AlertTelegram || len(c.To) != 1 || d.Act == nil {
			continue
		}
		to := telegramRoute(c)
		bot := [2]string{to.URL.Reveal(), to.Key.Reveal()}
		if bots[bot] == nil {
			bots[bot] = &poller{bot: to, deps: d, client: delivery.Client(pollFor + c.Timeout.D())}
			runners = append(runners, bots[bot])
		}
		bots[bot].chats = append(bots[bot].chats, telegramChannel{c.Name, c.To[0]})
	}
	return runners
}

// Run implements Runner. What goes wrong is logged when it reads differently from before, and never ends the process: pages go out
// without it.
func (p *poller) Run(ctx context.Context) error {
	pace := backoff.ExponentialBackOff{InitialInterval: time.Second, Multiplier: 2, MaxInterval: time.Minute, RandomizationFactor: 0.2}
	complaint := ""
	for ctx.Err() == nil {
		err := p.round(ctx)
		if err == nil {
			pace.Reset()
			complaint = ""
			continue
		}
		if ctx.Err() != nil {
			break
		}
		e, _ := errors.AsType[*delivery.Error](err)
		text := err.Error()
		if e != nil && e.Status == http.StatusConflict {
			text = "another program takes this bot's button presses, by getUpdates or a webhook: give headwatch a bot of its own; " + text
		}
		if text != complaint {
			complaint = text
			p.log().Warn("button presses are not heard", zap.String("error", text))
		}
		wait := pace.NextBackOff()
		if e != nil {
			wait = max(wait, e.RetryAfter)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	return nil
}

func (p *poller) log() *zap.Logger {
	if p.deps.Log == nil {
		return zap.NewNop()
	}
	return p.deps.Log.With(zap.String("channel", p.chats[0].name))
}

type pollRequest struct {
	Offset  int64    `json:"offset,omitempty"`
	Limit   int      `json:"limit"`
	Timeout int      `json:"timeout"`
	Allowed []string `json:"allowed_updates"`
}

type telegramUpdate struct {
	ID    int64         `json:"update_id"`
	Press telegramPress `json:"callback_query"`
}

// round asks once and does what was pressed. It asks for one update at a time, because each repeats a whole message and the answer is
// read up to a bound. What waited while nobody asked is not waited for, and not acted upon.
func (p *poller) round(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &delivery.Error{Reason: delivery.ReasonPanic, Detail: delivery.PanicText(r)}
		}
	}()
	late := time.Since(p.heard) > maxStale
	ask := pollRequest{Offset: p.offset, Limit: 1, Timeout: int(pollFor / time.Second), Allowed: []string{"callback_query"}}
	if late {
		ask.Timeout = 0
	}
	var raw json.RawMessage
	if _, err := telegramCall(ctx, p.client, p.bot, "getUpdates", ask, &raw); err != nil {
		e, ok := errors.AsType[*delivery.Error](err)
		if !ok || e.Reason != delivery.ReasonBadAnswer {
			return err
		}
		return p.skip(gjson.GetBytes(e.Raw(), "result.0.update_id"), err)
	}
	var updates []telegramUpdate
	if err := json.Unmarshal(raw, &updates); err != nil {
		return p.skip(gjson.GetBytes(raw, "0.update_id"), errors.New("it has another form"))
	}
	for _, u := range updates {
		p.offset = u.ID + 1
		p.press(ctx, u.Press, late)
	}
	if len(updates) == 0 || !late {
		p.heard = time.Now()
	}
	return nil
}

// skip goes past an update that cannot be read, which would come again for ever.
func (p *poller) skip(update gjson.Result, err error) error {
	id := update.Int()
	if id <= 0 || id < p.offset {
		return err
	}
	p.offset = id + 1
	return fmt.Errorf("skip update %d, which cannot be read: %w", id, err)
}
