package devnet

import (
	"fmt"
	"io"
	"net"
	"sync"
)

// proxy is a TCP proxy before one node. Its address stays the same through all faults.
type proxy struct {
	address string
	target  string
	joined  sync.WaitGroup

	mu       sync.Mutex
	fault    Fault
	changed  chan struct{} // closed when fault changes
	listener net.Listener  // nil while refusing
	conns    map[net.Conn]struct{}
	closed   bool
}

func newProxy(target string) (*proxy, error) {
	p := &proxy{address: "127.0.0.1:0", target: target, changed: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	if err := p.listen(); err != nil {
		return nil, err
	}
	p.address = p.listener.Addr().String()
	return p, nil
}

func (p *proxy) listen() error {
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	p.listener = l
	p.joined.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			p.joined.Go(func() { p.serve(client) })
		}
	})
	return nil
}

// set changes the fault. Answers that are under way meet the new one at their next byte.
func (p *proxy) set(f Fault) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if f != Refuse && p.listener == nil {
		if err := p.listen(); err != nil {
			return err
		}
	}
	if f == Refuse && p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
		p.drop()
	}
	p.fault = f
	close(p.changed)
	p.changed = make(chan struct{})
	return nil
}

// cut resets the open connections.
func (p *proxy) cut() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.drop()
	return nil
}

func (p *proxy) drop() {
	for c := range p.conns {
		reset(c)
	}
}

// close is for good. It waits for all goroutines of the proxy.
func (p *proxy) close() {
	p.mu.Lock()
	p.closed = true
	if p.listener != nil {
		_ = p.listener.Close()
	}
	p.drop()
	p.mu.Unlock()
	p.joined.Wait()
}

// track registers a connection, unless it came too late.
func (p *proxy) track(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.listener == nil {
		reset(c)
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *proxy) untrack(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

func (p *proxy) serve(client net.Conn) {
	if !p.track(client) {
		return
	}
	defer p.untrack(client)
	node, err := net.Dial("tcp", p.target)
	if err != nil {
		reset(client)
		return
	}
	gone := make(chan struct{}) // the client is
	p.joined.Go(func() {
		_, _ = io.Copy(node, client)
		close(gone)
		_ = node.Close()
	})
	defer node.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := node.Read(buf)
		if n > 0 && !p.answer(client, buf[:n], gone) || err != nil {
			return
		}
	}
}

// reset closes a connection without a farewell.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
