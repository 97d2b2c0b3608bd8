package alert

import (
	"encoding/json"
	"errors"
	"math"
	"time"

	"headwatch/delivery"
)

// maxAsked is as long as any receiver may ask for.
const maxAsked = 5 * time.Minute

// throttled adds to a refusal how long its body says to wait: Discord's retry_after in fractions of a second
// (https://discord.com/developers/docs/topics/rate-limits), Telegram's in parameters
// (https://core.telegram.org/bots/api#responseparameters).
func throttled(err error) error {
	e, ok := errors.AsType[*delivery.Error](err)
	if !ok {
		return err
	}
	var body struct {
		After      float64 `json:"retry_after"`
		Parameters struct {
			After float64 `json:"retry_after"`
		} `json:"parameters"`
	}
	if json.Unmarshal(e.Raw(), &body) != nil {
		return err
	}
	seconds := max(body.After, body.Parameters.After)
	if seconds > 0 {
		e.RetryAfter = max(e.RetryAfter, time.Duration(math.Ceil(1000*min(seconds, maxAsked.Seconds())))*time.Millisecond)
	}
	return err
}
