package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	// grace is how long the processes of a hook have between SIGTERM and SIGKILL, and how long an output that a left-over
	// process holds open is read on.
	grace = 5 * time.Second

	maxComplaint = 500 // runes of output in an error
)

// command runs a program, without a shell, with the notice on its standard input and in its environment. It runs in a
// process group of its own, and nothing of that group outlives the attempt: a program that must starts its own session.
type command struct {
	args    []string
	env     map[string]config.Secret
	secrets []string // the values of env
	grace   time.Duration
}

func newCommand(c config.Hook, _ Deps) (delivery.Sender, error) {
	if len(c.Command) == 0 {
		return nil, errors.New("command: want a program")
	}
	if c.Acts() {
		if _, err := exec.LookPath(c.Command[0]); err != nil {
			return nil, fmt.Errorf("command: %w", err)
		}
	}
	cmd := &command{args: c.Command, env: c.Env, grace: grace}
	for _, s := range c.Env {
		cmd.secrets = append(cmd.secrets, s.Reveal())
	}
	return cmd, nil
}

// Route implements delivery.Sender: there is nothing to freeze.
func (c *command) Route() json.RawMessage { return nil }

// Send implements delivery.Sender. Only exit status 0 is success; the detail is the beginning and the end of the output.
func (c *command) Send(ctx context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	what := event(n)
	if what == "" {
		return delivery.NotTold, nil
	}
	doc := delivery.NewDocument(what, n)
	body, err := doc.JSON()
	if err != nil {
		return "", err
	}

	out := newOutput(c.secrets)
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Env = environment(c.env, delivery.ID(n), doc)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(body), out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = c.grace
	err = cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // ESRCH when nothing is left, as it should be
	}
	return c.result(ctx, cmd, out, err)
}

func (c *command) result(ctx context.Context, cmd *exec.Cmd, out *output, err error) (string, error) {
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return "", &delivery.Error{Reason: delivery.ReasonTimeout, Detail: "no end in time, killed" + out.complaint()}
	case cmd.ProcessState == nil:
		return "", &delivery.Error{Reason: delivery.ReasonOther, Detail: c.shown("start: " + err.Error())}
	case !cmd.ProcessState.Success():
		return "", &delivery.Error{Reason: delivery.ReasonExit, Detail: cmd.ProcessState.String() + out.complaint()}
	}
	// What an error still says after exit status 0 is that a left-over process held the output open: no failure.
	return out.text(), nil
}

// Preview implements delivery.Previewer.
func (c *command) Preview(n headwatch.Notice) string {
	what := event(n)
	if what == "" {
		return delivery.NotTold
	}
	body, err := delivery.NewDocument(what, n).JSON()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("run %s\n%s", c.shown(strings.Join(c.args, " ")), delivery.Cut(string(body), maxPart))
}

func (c *command) shown(s string) string {
	return delivery.Clean(delivery.Scrub(s, c.secrets...), maxComplaint)
}
