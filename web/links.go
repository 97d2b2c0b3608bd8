package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strings"
	"time"

	"headwatch"
)

// KeySize is the length in bytes of the key that signs links.
const KeySize = 32

const (
	linkLasts = 24 * time.Hour
	linkMAC   = 16   // bytes of the HMAC: half of it, as RFC 2104 allows
	linkHead  = 17   // expiry, step, length of the incident's name
	maxToken  = 1024 // characters
	maxNaming = 255  // bytes of the name of an incident
)

// Links makes the addresses of this server that people are sent. Whoever holds one to acknowledge may do so, once: it is a secret
// until it expires.
type Links struct {
	base string
	key  []byte
}

// NewLinks makes links below a public URL; with an empty one there are none. The key has KeySize random bytes, and is the same in
// every process that sends or serves links.
func NewLinks(publicURL string, key []byte) *Links {
	return &Links{strings.TrimSuffix(publicURL, "/"), key}
}

// Page gives the address of an incident's page, or "".
func (l *Links) Page(incident string) string {
	if l.base == "" {
		return ""
	}
	return l.base + "/i/" + url.PathEscape(incident)
}

// Ack gives the address at which the incident of a notice is acknowledged, or "". What is sent again has the same use: one.
func (l *Links) Ack(n headwatch.Notice, now time.Time) string {
	if l.base == "" || n.Incident == "" || len(n.Incident) > maxNaming {
		return ""
	}
	return l.base + "/ack/" + l.sign(ticket{n.Incident, n.Channel, n.Step, now.Add(linkLasts)})
}

// ticket is what a link to acknowledge says: the notice that it was sent with, and when it expires.
type ticket struct {
	incident, channel string
	step              uint64
	until             time.Time
}

// slot names the ticket among those of its incident, for what is used once.
func (t ticket) slot() string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, t.step)) + "-" + t.channel
}

// sign writes a ticket: expiry and step in 8 bytes each, the length of the incident's name in one, both names, the first half of an
// HMAC-SHA256 over all of that; as base64url.
func (l *Links) sign(t ticket) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(max(0, t.until.Unix())))
	b = binary.BigEndian.AppendUint64(b, t.step)
	b = append(b, byte(len(t.incident)))
	b = append(append(b, t.incident...), t.channel...)
	return base64.RawURLEncoding.EncodeToString(append(b, l.mac(b)...))
}

// read gives the ticket of a token that was signed here, expired or not.
func (l *Links) read(token string) (ticket, bool) {
	if len(token) > maxToken {
		return ticket{}, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < linkHead+linkMAC {
		return ticket{}, false
	}
	said, mac := b[:len(b)-linkMAC], b[len(b)-linkMAC:]
	if !hmac.Equal(mac, l.mac(said)) {
		return ticket{}, false
	}
	names := said[linkHead:]
	cut := min(int(said[linkHead-1]), len(names))
	return ticket{
		incident: string(names[:cut]), channel: string(names[cut:]),
		step: binary.BigEndian.Uint64(said[8:]), until: time.Unix(int64(binary.BigEndian.Uint64(said)), 0),
	}, true
}

func (l *Links) mac(said []byte) []byte {
	h := hmac.New(sha256.New, l.key)
	h.Write([]byte("headwatch ack 1\x00"))
	h.Write(said)
	return h.Sum(nil)[:linkMAC]
}
