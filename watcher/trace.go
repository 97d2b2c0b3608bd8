package watcher

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"headwatch"
	"headwatch/config"
)

// maxTraceLine bounds one line of a trace.
const maxTraceLine = 1 << 20

// Record is one line of a trace: what one endpoint answered to one question, or what was done to the chain.
//
// At is when the question was asked; the answer was complete Latency later.
type Record struct {
	AtMS     int64             `json:"t_ms"`
	Endpoint string            `json:"endpoint"`
	Method   string            `json:"method"`
	Params   []json.RawMessage `json:"params"`
	Result   json.RawMessage   `json:"result"`
	Error    json.RawMessage   `json:"error"`
	Latency  float64           `json:"latency_ms"`
	Event    string            `json:"event"`
}

// ReadTrace reads a trace, plain or gzip, one JSON object a line. name is used in errors, with the line's number.
func ReadTrace(name string, r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		plain, err := gunzip(r)
		if err != nil {
			yield(Record{}, fmt.Errorf("read %s: %w", name, err))
			return
		}
		lines := bufio.NewScanner(plain)
		lines.Buffer(make([]byte, 64<<10), maxTraceLine)
		n := 0
		for lines.Scan() {
			n++
			line := bytes.TrimSpace(lines.Bytes())
			if len(line) == 0 {
				continue
			}
			var record Record
			if err := json.Unmarshal(line, &record); err != nil {
				yield(Record{}, fmt.Errorf("read %s:%d: %w", name, n, err))
				return
			}
			if record.AtMS <= 0 {
				yield(Record{}, fmt.Errorf("read %s:%d: a line of a trace needs t_ms, the wall clock in ms", name, n))
				return
			}
			if !yield(record, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Record{}, fmt.Errorf("read %s:%d: %w", name, n+1, err))
		}
	}
}

func gunzip(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	magic, err := buffered.Peek(2)
	if err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		return gzip.NewReader(buffered)
	}
	return buffered, nil
}

// Observation is what the line's endpoint said, as the live watcher would have put it.
func (r *Record) Observation(chain config.Chain) headwatch.Observation {
	latency := time.Duration(r.Latency * float64(time.Millisecond))
	o := headwatch.Observation{
		Chain: chain.Name, Endpoint: r.Endpoint, At: time.UnixMilli(r.AtMS).Add(latency), Latency: latency,
	}
	if r.Error != nil {
		o.Err = faultOfTrace(r.Error)
		return o
	}
	o.Err = decodeAnswer(chain, r.Method, r.Params, r.Result, &o)
	return o
}

// faultOfTrace names a recorded error. Recorders write the error as text; all that matters of it is whether it was a
// time-out.
func faultOfTrace(text json.RawMessage) *headwatch.Fault {
	lower := bytes.ToLower(text)
	if bytes.Contains(lower, []byte("time")) && bytes.Contains(lower, []byte("out")) {
		return &headwatch.Fault{Kind: headwatch.FaultTimeout}
	}
	return &headwatch.Fault{Kind: headwatch.FaultOther}
}
