package deliverytest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync/atomic"
	"testing"
)

// answer is what a receiver does with a request: the whole of it as it came, for an answer that repeats it.
type answer func(conn net.Conn, request []byte)

// receiver is an HTTP receiver without net/http's good manners: it says and breaks off what a test wants.
type receiver struct {
	addr     string
	answer   atomic.Pointer[answer]
	requests atomic.Int64
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	r := &receiver{addr: ln.Addr().String()}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go r.serve(conn)
		}
	}()
	return r
}

func (r *receiver) serve(conn net.Conn) {
	defer conn.Close()
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	request, err := httputil.DumpRequest(req, true)
	if err != nil {
		return
	}
	r.requests.Add(1)
	(*r.answer.Load())(conn, request)
}

func (r *receiver) set(a answer) { r.answer.Store(&a) }

// say answers with a status line, header lines and a body. An empty body becomes the request itself, as a careless error
// page would have it.
func say(status int, body string, header ...string) answer {
	return func(conn net.Conn, request []byte) {
		b := []byte(body)
		if body == "" {
			b = request
		}
		fmt.Fprintf(conn, "HTTP/1.1 %d Some Text\r\nContent-Length: %d\r\n", status, len(b))
		for _, line := range header {
			fmt.Fprintf(conn, "%s\r\n", line)
		}
		fmt.Fprintf(conn, "\r\n%s", b)
	}
}

// raw writes bytes as they are and closes the connection.
func raw(text string) answer {
	return func(conn net.Conn, _ []byte) { _, _ = io.WriteString(conn, text) }
}

// reset ends the connection with an RST.
func reset(conn net.Conn, _ []byte) { _ = conn.(*net.TCPConn).SetLinger(0) }

// hang says nothing until the other side gives up.
func hang(conn net.Conn, _ []byte) { _, _ = conn.Read(make([]byte, 1)) }

// drip begins a header and never ends it.
func drip(conn net.Conn, request []byte) {
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nX-Slow: ")
	hang(conn, request)
}

// flood writes until the other side has enough.
func flood(prefix string) answer {
	return func(conn net.Conn, _ []byte) {
		_, err := io.WriteString(conn, prefix)
		for chunk := bytes.Repeat([]byte("x"), 4<<10); err == nil; {
			_, err = conn.Write(chunk)
		}
	}
}

// tlsServer gives the address of a server whose certificate nobody signed.
func tlsServer(t *testing.T, config *tls.Config) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = config
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// plainServer gives the address of a server that answers a TLS handshake in plain HTTP.
func plainServer(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// closedPort gives an address that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
