package main

import (
	"context"
	"fmt"
	"time"

	"headwatch/explain"
	"headwatch/watcher"
	"headwatch/web"
)

// explain says why a circuit is as it is, or what the journal holds of it at an instant.
func (d *desk) explain(ctx context.Context, name string, at time.Time) (explain.Explanation, error) {
	circuit, chain, err := d.net.circuit(name)
	if err != nil {
		return explain.Explanation{}, fmt.Errorf("%w: %w", web.ErrNotFound, err)
	}
	f := explain.Facts{Circuit: *d.cfg.Circuit(name), Advice: watcher.Advice, Asked: at}
	if chain == nil {
		f.Chain.Name = circuit.Chain() // headwatch itself
	} else {
		f.Chain = *d.cfg.Chain(circuit.Chain())
	}
	if !at.IsZero() {
		return d.past(ctx, f)
	}
	if chain == nil {
		f.Signal, f.Assessment, f.Asked = circuit.Signal(d.cfg.API.Lease.D()), d.self.status().Assessment, time.Now()
		return explain.New(f), nil
	}
	// The verdict may be newer than the signal by a moment: then a rung is announced as due now.
	f.Signal = circuit.Signal(d.cfg.API.Lease.D())
	if id := f.Signal.Incident; id != "" {
		f.Open = named(d.book.Incidents(), id)
	}
	status := chain.Status()
	f.Assessment, f.Endpoints, f.Asked = status.Assessment, status.Endpoints, time.Now()
	if l1 := d.net.chain(f.Chain.L1); l1 != nil {
		f.Witness = explain.NewWitness(*d.cfg.Chain(f.Chain.L1), l1.Status().Assessment, f.Asked)
	}
	return explain.New(f), nil
}

func (d *desk) past(ctx context.Context, f explain.Facts) (explain.Explanation, error) {
	past, oldest, err := explain.Find(f.Circuit.Name, f.Asked, d.journal.Read(ctx, 0, false))
	switch {
	case err != nil:
		return explain.Explanation{}, err
	case past != nil:
		return past.Explain(f), nil
	case oldest.IsZero():
		return explain.Explanation{}, fmt.Errorf("%w: the journal is empty: nothing was ever decided", web.ErrNotFound)
	}
	return explain.Explanation{}, fmt.Errorf("%w: the journal holds no decision of %s at or before %s; its oldest event is of %s",
		web.ErrNotFound, f.Circuit.Name, explain.Stamp(f.Asked), explain.Stamp(oldest))
}
