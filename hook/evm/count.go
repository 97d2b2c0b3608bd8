package evm

import "github.com/ethereum/go-ethereum/common"

// What may become of a transaction. A repetition counts again.
const (
	txSigned   = "signed"   // and kept: the first, one that offers more, or an empty one that uses up a nonce
	txAccepted = "accepted" // by a node at least
	txRefused  = "refused"  // no node took it
	txLanded   = "landed"   // for good
	txReverted = "reverted" // the same, and it came to nothing
	txLost     = "lost"     // another transaction used its nonce
)

// ended counts how the transactions of a leg ended, once in a process.
func (l *leg) ended(first common.Hash, s step) {
	result := ""
	switch {
	case s.Do == actLost:
		result = txLost
	case s.Do == actLanded && s.OK:
		result = txLanded
	case s.Do == actLanded:
		result = txReverted
	}
	l.mu.Lock()
	again := l.over[first]
	if result != "" {
		l.over[first] = true
	}
	l.mu.Unlock()
	if result != "" && !again {
		l.count(result)
	}
}
