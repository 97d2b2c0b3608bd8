package main

import (
	"context"

	"headwatch"
	"headwatch/breaker"
	"headwatch/watcher"
)

// line is the whole program for one chain: observe, assess, judge, decide. All that follows a decision is delivery.
func line(ctx context.Context, chain *watcher.Chain, circuits []*breaker.Circuit, decide func(context.Context, headwatch.Transition) error) error {
	return chain.Run(ctx, judge(ctx, circuits, decide))
}

// judge is the part of the line that a replay shares with the living chain.
func judge(ctx context.Context, circuits []*breaker.Circuit, decide func(context.Context, headwatch.Transition) error) func(headwatch.Assessment) error {
	return func(a headwatch.Assessment) error {
		for _, c := range circuits {
			for _, t := range c.Feed(a) {
				if err := decide(ctx, t); err != nil {
					return err
				}
			}
		}
		return nil
	}
}
