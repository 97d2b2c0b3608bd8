package alert

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery/deliverytest"
)

func TestTheConsoleShowsWholeBlocks(t *testing.T) {
	var out bytes.Buffer
	d := deps
	d.Console = &out
	s, err := New(conf(config.AlertConsole, config.Secret{}), d)
	if err != nil {
		t.Fatal(err)
	}
	n := deliverytest.Notice(headwatch.StepTrip, "ops")
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if detail, err := s.Send(t.Context(), s.Route(), n); err != nil || detail != "printed" {
				t.Errorf("got %q, %v", detail, err)
			}
		})
	}
	all.Wait()
	if want := strings.Repeat(testWriter.message(n).plain()+"\n", 10); out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}

func TestAConsoleThatIsGoneIsAFailedAttempt(t *testing.T) {
	d := deps
	d.Console = closed{}
	s, err := New(conf(config.AlertConsole, config.Secret{}), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), nil, deliverytest.Notice(headwatch.StepTrip, "ops")); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

var errClosed = errors.New("closed pipe")

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errClosed }
