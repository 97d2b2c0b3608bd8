package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// console writes each message as a block of plain text.
type console struct {
	write writer

	mu  sync.Mutex // one block at a time
	out io.Writer
}

func newConsole(c config.Alert, d Deps) (delivery.Sender, error) {
	if d.Console == nil {
		return nil, errors.New("there is no console to write to")
	}
	return &console{write: writer{d, c.Link}, out: d.Console}, nil
}

// Route implements delivery.Sender: there is nothing to freeze.
func (c *console) Route() json.RawMessage { return nil }

// Send implements delivery.Sender.
func (c *console) Send(_ context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	return c.print(c.write.message(n))
}

// Coalesced implements delivery.Coalescer.
func (c *console) Coalesced(_ context.Context, _ json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	return c.print(c.write.coalesced(trigger, resolve))
}

func (c *console) print(m message) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := io.WriteString(c.out, m.plain()+"\n"); err != nil {
		return "", fmt.Errorf("write to the console: %w", err)
	}
	return "printed", nil
}
