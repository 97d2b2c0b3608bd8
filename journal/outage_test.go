package journal

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"headwatch/config"
)

func TestAnExternalEngineThatGoesAwayIsReportedAndFoundAgain(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, server.RANDOM_PORT)
	j, logs := openLogged(t, config.Journal{URL: config.NewSecret(s.ClientURL())})
	do(t, j.Decide(t.Context(), step("lending", 1)))
	do(t, j.Tell(t.Context(), note("i", 1, "on-call")))
	got, stop := hand(t, j, "on-call")
	defer stop()
	first := next(t, got)

	port := s.Addr().(*net.TCPAddr).Port
	s.Shutdown()
	s.WaitForShutdown()
	began := time.Now()
	if err := j.Decide(t.Context(), step("lending", 2)); err == nil {
		t.Error("decided without an engine")
	}
	if took := time.Since(began); took > appendTimeout+time.Second {
		t.Errorf("Decide took %s", took)
	}
	if j.Err() == nil {
		t.Error("Err is nil without an engine")
	}

	serve(t, dir, port)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for j.Decide(ctx, step("lending", 2)) != nil && ctx.Err() == nil {
		sleep(ctx, 50*time.Millisecond)
	}
	do(t, ctx.Err())
	do(t, j.Tell(ctx, note("i", 2, "on-call")))
	if p := next(t, got); p.Notice().Step != 2 {
		t.Errorf("got %+v", p.Notice())
	}
	do(t, first.Done(ctx, ended(first.Notice())))
	waitFor(t, func() bool { return j.Err() == nil })
	if n := logs.FilterMessage("the journal is down").Len(); n != 1 {
		t.Errorf("said %d times that it is down: %v", n, logs.All())
	}
}
