package hook

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// newTestCommand makes a command that runs this binary in a role, with a short grace.
func newTestCommand(t *testing.T, role string, env map[string]string, args ...string) *command {
	t.Helper()
	c := config.Hook{
		Kind: config.HookCommand, Mode: config.ModeArmed, Command: append([]string{os.Args[0]}, args...),
		Env: map[string]config.Secret{"ROLE": config.NewSecret(role)},
	}
	for k, v := range env {
		c.Env[k] = config.NewSecret(v)
	}
	s, err := New(c, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	cmd := s.(*command)
	cmd.grace = 200 * time.Millisecond
	return cmd
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestACommandSeesTheNoticeAndNothingOfTheDaemon(t *testing.T) {
	t.Setenv("PATH", "/bin:/usr/bin")
	t.Setenv("HOME", "/home/watch")
	t.Setenv("PAGER_KEY", "planted-in-the-daemon")
	n := deliverytest.Notice(headwatch.StepTrip, "pause")
	n.Transition.Reason = "two\nlines"
	cmd := newTestCommand(t, "report", map[string]string{"NETWORK": "base-mainnet"}, "--now", "$HOME; id")
	got, err := cmd.Send(t.Context(), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	body, err := delivery.NewDocument("circuit.open", n).JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"HEADWATCH_ACTOR=headwatch",
		"HEADWATCH_CHAIN=base",
		"HEADWATCH_CIRCUIT=base-lending",
		"HEADWATCH_EVENT=circuit.open",
		"HEADWATCH_ID=" + delivery.ID(n),
		"HEADWATCH_INCIDENT=base-lending-7",
		"HEADWATCH_LEVEL=trip",
		"HEADWATCH_OPENED=2026-03-01T10:00:30Z",
		"HEADWATCH_PHASE=stalled",
		"HEADWATCH_REASON=two lines",
		"HEADWATCH_REASONS=unsafe_head_stalled",
		"HEADWATCH_SEQ=12",
		"HEADWATCH_SINCE=2026-03-01T10:00:00Z",
		"HEADWATCH_STATE=open",
		"HOME=/home/watch",
		"NETWORK=[redacted]",
		"PATH=/bin:/usr/bin",
		"ROLE=[redacted]",
		"[--now $HOME; id]",
		string(body),
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOnlyExitStatusZeroIsSuccess(t *testing.T) {
	cmd := newTestCommand(t, "fail", map[string]string{"API_KEY": "planted-key-1"})
	_, err := cmd.Send(t.Context(), nil, deliverytest.Notice(headwatch.StepTrip, "pause"))
	var e *delivery.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	want := delivery.Error{Reason: delivery.ReasonExit, Detail: "exit status 3: on standard output bad key [redacted]"}
	if !reflect.DeepEqual(*e, want) {
		t.Errorf("got %+v, want %+v", *e, want)
	}
}

func TestAProgramThatCannotStartIsAFailedAttempt(t *testing.T) {
	cmd := newTestCommand(t, "report", nil)
	cmd.args = []string{"/no/such/program"}
	_, err := cmd.Send(t.Context(), nil, deliverytest.Notice(headwatch.StepTrip, "pause"))
	var e *delivery.Error
	if !errors.As(err, &e) || e.Reason != delivery.ReasonOther || e.Permanent || !strings.HasPrefix(e.Detail, "start: ") {
		t.Errorf("got %+v", err)
	}
}

func TestANoticeForPeopleStartsNothing(t *testing.T) {
	cmd := newTestCommand(t, "fail", nil)
	detail, err := cmd.Send(t.Context(), nil, deliverytest.Notice(headwatch.StepAck, "pause"))
	if err != nil || detail != delivery.NotTold {
		t.Errorf("got %q, %v", detail, err)
	}
	if got := cmd.Preview(deliverytest.Notice(headwatch.StepAck, "pause")); got != delivery.NotTold {
		t.Errorf("preview %q", got)
	}
}

// start runs a command until stop, or until it ends by itself.
func start(t *testing.T, cmd *command) (ended <-chan error, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	end := make(chan error, 1)
	go func() {
		_, err := cmd.Send(ctx, nil, deliverytest.Notice(headwatch.StepTrip, "pause"))
		end <- err
	}()
	return end, cancel
}

func TestAProgramMayTidyUpBeforeItIsKilled(t *testing.T) {
	ln := listen(t)
	cmd := newTestCommand(t, "tidy", map[string]string{"TEST_ADDR": ln.Addr().String()})
	cmd.grace = 10 * time.Second
	ended, stop := start(t, cmd)
	members := family(t, ln, 1)
	stop()
	if err := <-ended; err == nil || !strings.HasSuffix(err.Error(), "no end in time, killed: nonce given back") {
		t.Errorf("got %v", err)
	}
	wantDead(t, members)
}

func TestTheWholeGroupDies(t *testing.T) {
	for name, tc := range map[string]struct {
		role  string
		count int
	}{
		"a program":                             {"sleep", 1},
		"a program that ignores SIGTERM":        {"stubborn", 1},
		"a program and a child that ignores it": {"family", 2},
	} {
		ln := listen(t)
		ended, stop := start(t, newTestCommand(t, tc.role, map[string]string{"TEST_ADDR": ln.Addr().String()}))
		members := family(t, ln, tc.count)
		stop()
		var e *delivery.Error
		if err := <-ended; !errors.As(err, &e) || e.Reason != delivery.ReasonTimeout {
			t.Errorf("%s: got %v", name, err)
		}
		wantDead(t, members)
	}
}

func TestALeftOverChildNeitherFailsNorOutlivesItsHook(t *testing.T) {
	ln := listen(t)
	ended, _ := start(t, newTestCommand(t, "orphan", map[string]string{"TEST_ADDR": ln.Addr().String()}))
	members := family(t, ln, 2)
	if err := <-ended; err != nil {
		t.Errorf("got %v", err)
	}
	wantDead(t, members)
}

func TestTheDeadlineEndsACommand(t *testing.T) {
	ln := listen(t)
	cmd := newTestCommand(t, "sleep", map[string]string{"TEST_ADDR": ln.Addr().String()})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := cmd.Send(ctx, nil, deliverytest.Notice(headwatch.StepTrip, "pause"))
	var e *delivery.Error
	if !errors.As(err, &e) || e.Reason != delivery.ReasonTimeout || e.Detail != "no end in time, killed" {
		t.Errorf("got %v", err)
	}
}

func TestAPreviewShowsTheCommandAndItsInput(t *testing.T) {
	n := deliverytest.Notice(headwatch.StepTrip, "pause")
	cmd := newTestCommand(t, "report", map[string]string{"API_KEY": "planted-key-1"}, "--key", "planted-key-1")
	cmd.args[0] = "pause-lending"
	line, input, _ := strings.Cut(cmd.Preview(n), "\n")
	if line != "run pause-lending --key [redacted]" {
		t.Errorf("got %q", line)
	}
	var doc delivery.Document
	if err := json.Unmarshal([]byte(input), &doc); err != nil || doc.Type != "circuit.open" {
		t.Errorf("input %s: %v", input, err)
	}
}
