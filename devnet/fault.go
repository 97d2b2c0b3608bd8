package devnet

import (
	"io"
	"net"
	"time"
)

// Fault is what a wire does to the answers of the node behind it.
type Fault uint8

// Faults of a wire. Requests always reach the node while a connection stands.
const (
	Pass    Fault = iota // none
	Refuse               // no connection: the port is closed, what was open is reset
	Hang                 // connections open, requests are taken, nothing ever comes back
	Reset                // each answer breaks off before its last byte, by a reset
	Slow                 // answers trickle at 320 bytes a second
	Garbage              // each answer is an HTML page with status 200
)

const (
	trickleBytes = 32
	trickleEvery = 100 * time.Millisecond
	garbage      = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 51\r\nConnection: close\r\n\r\n" +
		"<!doctype html><h1>We will be back in a moment</h1>"
)

// answer hands on a piece of an answer as the fault of the moment will have it. It says whether the connection goes on.
func (p *proxy) answer(client net.Conn, piece []byte, gone <-chan struct{}) bool {
	for len(piece) > 0 {
		p.mu.Lock()
		fault, changed := p.fault, p.changed
		p.mu.Unlock()

		n := len(piece)
		var pause <-chan time.Time
		switch fault {
		case Slow:
			n, pause = min(n, trickleBytes), time.After(trickleEvery)
		case Hang:
			n = 0
		case Reset:
			_, _ = client.Write(piece[:n-1])
			reset(client)
			return false
		case Garbage:
			_, _ = io.WriteString(client, garbage)
			return false
		}
		if _, err := client.Write(piece[:n]); err != nil {
			return false
		}
		if piece = piece[n:]; fault == Pass {
			continue
		}
		select {
		case <-pause:
		case <-changed:
		case <-gone:
			return false
		}
	}
	return true
}
