package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"headwatch"
	"headwatch/config"
)

// minToken is the length in bytes below which a token could be guessed.
const minToken = 16

// operator keeps the hash of a token, so that all compare at one length and none lies around in memory.
type operator struct {
	name string
	hash [sha256.Size]byte
}

type operators []operator

func newOperators(all []config.Operator) (operators, error) {
	var ops operators
	for _, c := range all {
		token := c.Token.Reveal()
		switch {
		case c.Name == "":
			return nil, errors.New("an operator has no name")
		case c.Name == headwatch.Watchdog:
			return nil, fmt.Errorf("operator %q has the watchdog's own name", c.Name)
		case len(token) < minToken:
			return nil, fmt.Errorf("the token of operator %q is shorter than %d characters", c.Name, minToken)
		}
		if name, taken := ops.byToken(token); taken {
			return nil, fmt.Errorf("operators %q and %q have the same token", name, c.Name)
		}
		ops = append(ops, operator{c.Name, sha256.Sum256([]byte(token))})
	}
	return ops, nil
}

// byToken gives the name behind a token, in a time that tells nothing about any token.
func (o operators) byToken(token string) (name string, ok bool) {
	hash := sha256.Sum256([]byte(token))
	for _, op := range o {
		if subtle.ConstantTimeCompare(hash[:], op.hash[:]) == 1 {
			name = op.name
		}
	}
	return name, name != ""
}

// bearer gives the token of a request, or "".
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// maxGuesses is how many wrong tokens a second are answered and logged one by one.
const maxGuesses = 5

// limiter counts what comes within a second. Its zero value is ready.
type limiter struct {
	mu    sync.Mutex
	begun time.Time
	n     int
}

// allow reports whether another one is within so many a second.
func (l *limiter) allow(now time.Time, most int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.begun) >= time.Second {
		l.begun, l.n = now, 0
	}
	l.n++
	return l.n <= most
}
