package watcher

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"headwatch"
)

// feedVersion is the version of the feed's protocol that is spoken here; a server refuses older ones (OffchainLabs/nitro,
// wsbroadcastserver).
const feedVersion = "2"

// feedHeader opens a sequencer feed from now on: without a requested number a server sends what it still has, and
// compression is not offered because nitro's needs its own dictionary.
func feedHeader() http.Header {
	return http.Header{"Arbitrum-Feed-Client-Version": {feedVersion}}
}

// feedPast is the age from which a message is taken for one that the relay kept, and not for a new one.
const feedPast = 30 * time.Second

// feed follows the sequencer feed of an Arbitrum chain: a message with a number that was not there yet, made just now, is
// life of the sequencer. That the relay keeps the connection open is none, and neither is what it kept.
type feed struct {
	socket  socket
	highest uint64 // sequence number, kept over connections
	told    time.Time
}

func (f *feed) follow(ctx context.Context, deliver func(headwatch.Observation)) error {
	return f.socket.read(ctx, func() { deliver(headwatch.Observation{At: time.Now()}) }, func(text []byte) error {
		o := headwatch.Observation{At: time.Now()}
		number, made, err := readFeed(text)
		if err != nil {
			return err
		}
		if number > f.highest && o.At.Sub(made) < feedPast {
			o.Alive = true
		}
		f.highest = max(f.highest, number)
		if o.Alive || o.At.Sub(f.told) >= minFrameGap {
			f.told = o.At
			deliver(o)
		}
		return nil
	})
}

// readFeed gives the newest message of a frame: its number, and when it was made; 0 for a frame without any, such as a
// confirmation, which comes from the L1 and not from the sequencer (OffchainLabs/nitro, broadcaster/message).
func readFeed(text []byte) (number uint64, made time.Time, err error) {
	var frame struct {
		Version  int `json:"version"`
		Messages []struct {
			Number  *uint64 `json:"sequenceNumber"`
			Message struct {
				Message struct {
					Header struct {
						Time uint64 `json:"timestamp"`
					} `json:"header"`
				} `json:"message"`
			} `json:"message"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(text, &frame); err != nil {
		return 0, made, faultf(headwatch.FaultNotJSON, "no frame of a sequencer feed")
	}
	if frame.Version != 1 {
		return 0, made, faultf(headwatch.FaultOther, "a frame of version %d, and 1 is understood", frame.Version)
	}
	for _, m := range frame.Messages {
		seconds := m.Message.Message.Header.Time
		if m.Number == nil || *m.Number > maxNumber || seconds > maxTime {
			return 0, made, faultf(headwatch.FaultBadHead, "a message without a possible number and timestamp")
		}
		if *m.Number >= number {
			number, made = *m.Number, time.Unix(int64(seconds), 0)
		}
	}
	return number, made, nil
}
