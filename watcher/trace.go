package watcher

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"headwatch"
	"headwatch/config"
)

// maxTraceLine bounds one line of a trace.
const maxTraceLine = 1 << 20

// maxKind bounds the name of a recorded fault.
const maxKind = 32

// Record is one line of a trace: what one endpoint answered to one question, whether a hook was ready, or what was done to
// the chain.
//
// At is when the question was asked; the answer was complete Latency later.
type Record struct {
	AtMS     int64             `json:"t_ms"`
	Endpoint string            `json:"endpoint,omitempty"`
	Method   string            `json:"method,omitempty"`
	Params   []json.RawMessage `json:"params,omitempty"`
	Result   json.RawMessage   `json:"result,omitempty"`
	Error    json.RawMessage   `json:"error,omitempty"`
	Latency  float64           `json:"latency_ms,omitempty"`
	Every    float64           `json:"every_ms,omitempty"` // until the next answer was due; 0 when that is the endpoint's interval
	Event    string            `json:"event,omitempty"`
	Hook     string            `json:"hook,omitempty"` // the hook that was tried, in place of an endpoint; it was ready where Error is absent
}

// ErrCut says that a trace ends in the middle of a line or of its gzip: its recorder was killed. What is whole has been read.
var ErrCut = errors.New("its end is cut off")

// ReadTrace reads a trace, plain or gzip, one JSON object a line. name is used in errors, with the line's number. The error
// that comes last is ErrCut when only the end is missing.
func ReadTrace(name string, r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		plain, err := gunzip(r)
		if err != nil {
			yield(Record{}, fmt.Errorf("read %s: %w", name, err))
			return
		}
		lines := bufio.NewScanner(plain)
		lines.Buffer(make([]byte, 64<<10), maxTraceLine)
		partial := false // the line has no end
		lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
			partial = atEOF && bytes.IndexByte(data, '\n') < 0
			return bufio.ScanLines(data, atEOF)
		})
		n := 0
		for lines.Scan() {
			n++
			line := bytes.TrimSpace(lines.Bytes())
			if len(line) == 0 {
				continue
			}
			var record Record
			if err := json.Unmarshal(line, &record); err != nil {
				if partial {
					err = ErrCut
				}
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
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = ErrCut
			}
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
	o.Pushed = r.Method == methodPush
	o.Every = time.Duration(r.Every * float64(time.Millisecond))
	r.into(chain, &o)
	return o
}

// into takes the line into an observation. Bad answers have no heads.
func (r *Record) into(chain config.Chain, o *headwatch.Observation) {
	if r.Error != nil {
		o.Err = faultOfTrace(r.Error)
		return
	}
	o.Err = decodeAnswer(chain, r.Method, r.Params, r.Result, o)
}

// samePoll reports whether two lines are answers to one request: their endpoint and both of their times are the same.
func (r *Record) samePoll(other *Record) bool {
	return r.Endpoint == other.Endpoint && r.AtMS == other.AtMS && r.Latency == other.Latency && r.Method != methodPush && other.Method != methodPush
}

// faultOfTrace names a recorded error. Other recorders write the error as text; all that matters of it is whether it was a
// time-out.
func faultOfTrace(text json.RawMessage) *headwatch.Fault {
	var fault recordedFault
	if err := json.Unmarshal(text, &fault); err == nil && fault.Kind != "" && len(fault.Kind) <= maxKind {
		return &headwatch.Fault{Kind: fault.Kind, Detail: secrets(nil).excerpt(fault.Detail)}
	}
	lower := bytes.ToLower(text)
	if bytes.Contains(lower, []byte("time")) && bytes.Contains(lower, []byte("out")) {
		return &headwatch.Fault{Kind: headwatch.FaultTimeout}
	}
	return &headwatch.Fault{Kind: headwatch.FaultOther}
}
