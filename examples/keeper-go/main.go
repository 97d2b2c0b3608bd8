// Keeper-go is a bot that quotes only while headwatch says that its chain is well. It is an example, for copying: it needs the
// standard library alone, and a trading system in the place of printQuotes.
//
//	go run ./examples/keeper-go -url http://127.0.0.1:9464 -circuit base-lending
//
// lease.go holds the rule, stream.go and poll.go are two ways to hear leases.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	address := flag.String("url", "http://127.0.0.1:9464", "where headwatch's API is")
	circuit := flag.String("circuit", "", "whose leases to obey")
	skew := flag.Duration("skew", 2*time.Second, "how far our clock and headwatch's may differ")
	every := flag.Duration("poll", 0, "ask for the lease at this interval; 0: listen to the events")
	flag.Parse()
	if *circuit == "" {
		log.Fatal("-circuit is missing")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()

	c := client{http: newHTTP(), url: *address, circuit: *circuit, skew: *skew}
	listen := (&stream{client: c, idle: 30 * time.Second, retry: time.Second}).run
	if *every > 0 {
		listen = (&poller{client: c, every: *every}).run
	}
	keep(ctx, newGate(*circuit, *skew), listen, printQuotes)
}

// printQuotes is where a real bot places its quotes, or cancels all of them.
func printQuotes(quoting bool, why string) {
	if quoting {
		log.Print("quoting")
		return
	}
	log.Printf("NOT quoting: %s", why)
}

// keep listens until ctx ends and calls act whenever the answer changes; the last call is always a stop. The gate belongs to
// this goroutine.
func keep(ctx context.Context, g *gate, listen func(context.Context, chan<- message), act func(quoting bool, why string)) {
	heard := make(chan message)
	go listen(ctx, heard)
	said := "nothing yet"
	for {
		now := time.Now()
		quoting, why := g.open(now)
		if why != said {
			act(quoting, why)
			said = why
		}
		wait := time.Second // also while nothing is heard: the clock may have been set
		if quoting {
			wait = min(wait, g.until.Sub(now))
		}
		select {
		case m := <-heard:
			g.hear(m, time.Now())
		case <-time.After(wait):
		case <-ctx.Done():
			act(false, "shutting down")
			return
		}
	}
}

// newHTTP follows no redirect: a lease from somewhere else is not one.
func newHTTP() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{ResponseHeaderTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10},
	}
}
