package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"headwatch"
)

// records is what the journal says of the hook.
type records struct {
	reports []headwatch.Report
	vetoed  bool
	over    bool // the delivery of the trip has its end
}

func (r *records) take(kind string, data []byte) {
	switch kind {
	case "report":
		var x headwatch.Report
		if json.Unmarshal(data, &x) == nil {
			r.reports = append(r.reports, x)
		}
	case "action":
		var a headwatch.Action
		r.vetoed = r.vetoed || json.Unmarshal(data, &a) == nil && a.Kind == headwatch.ActionVeto
	case "delivery":
		var d headwatch.Delivery
		r.over = r.over || json.Unmarshal(data, &d) == nil && d.Channel == "pause" && d.Kind == headwatch.StepTrip
	}
}

// first gives the first report of one of these kinds; its kind is empty for none.
func (r *records) first(kinds ...headwatch.ReportKind) headwatch.Report {
	i := slices.IndexFunc(r.reports, func(x headwatch.Report) bool { return slices.Contains(kinds, x.Kind) })
	if i < 0 {
		return headwatch.Report{}
	}
	return r.reports[i]
}

// ended waits until the delivery of the trip to the hook has its end.
func (o *ordeal) ended(ctx context.Context) error {
	for {
		reading, done := context.WithCancel(ctx)
		var r records
		err := o.victim.dog.follow(reading, func(kind string, data []byte) {
			if r.take(kind, data); r.over {
				done()
			}
		}, "--after", "0")
		done()
		if r.over || err != nil {
			return err
		}
		if err := o.wait(ctx, 100*time.Millisecond); err != nil { // it was killed
			return fmt.Errorf("waited for the end of the hook: %w", err)
		}
	}
}

// journal reads all that is on record, as soon as the process is up.
func (o *ordeal) journal(ctx context.Context) (r records, err error) {
	var out []byte
	for {
		out, err = exec.CommandContext(ctx, o.victim.dog.program, "events", "--json", "--after", "0", "--api", o.victim.dog.api).Output()
		if err == nil {
			break
		}
		if err := o.wait(ctx, 100*time.Millisecond); err != nil {
			return r, fmt.Errorf("read the journal: %w", err)
		}
	}
	for line := range bytes.Lines(out) {
		var e struct {
			Kind string          `json:"kind"`
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return r, fmt.Errorf("read the journal: %w", err)
		}
		r.take(e.Kind, e.Data)
	}
	return r, nil
}
