package web

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"headwatch"
)

var linkKey = bytes.Repeat([]byte{7}, KeySize)

const public = "https://watch.example"

// tokenOf gives the token of a link to acknowledge.
func tokenOf(t testing.TB, l *Links, n headwatch.Notice, now time.Time) string {
	t.Helper()
	token, ok := strings.CutPrefix(l.Ack(n, now), public+"/ack/")
	if !ok || strings.ContainsAny(token, "/?#&+= ") {
		t.Fatalf("%q is no link", l.Ack(n, now))
	}
	return token
}

func TestALinkSaysWhatItWasMadeFor(t *testing.T) {
	l, now := NewLinks(public+"/", linkKey), time.Unix(1754375000, 0)
	n := headwatch.Notice{Incident: "lending-20261121T154639Z", Channel: "ops-chat", Step: 1<<40 | 17}
	got, ok := l.read(tokenOf(t, l, n, now))
	if want := (ticket{n.Incident, n.Channel, n.Step, now.Add(24 * time.Hour)}); !ok || got != want {
		t.Errorf("%+v, %t; want %+v", got, ok, want)
	}
	if length := len(l.Ack(n, now)); length > 150 {
		t.Errorf("a link has %d characters", length)
	}
	if got := l.Page("a/b?c"); got != public+"/i/a%2Fb%3Fc" {
		t.Errorf("page %s", got)
	}
	if other := (ticket{n.Incident, n.Channel, n.Step + 1, now}); other.slot() == got.slot() {
		t.Errorf("two notices share the slot %s", got.slot())
	}
}

func TestWhereThereIsNoPublicURLThereAreNoLinks(t *testing.T) {
	l := NewLinks("", linkKey)
	n := headwatch.Notice{Incident: "lending-1", Channel: "ops-chat", Step: 1}
	if l.Ack(n, time.Now()) != "" || l.Page("lending-1") != "" {
		t.Errorf("%q %q", l.Ack(n, time.Now()), l.Page("lending-1"))
	}
	l = NewLinks(public, linkKey)
	n.Incident = strings.Repeat("x", 256)
	if l.Ack(n, time.Now()) != "" {
		t.Error("a name that does not fit is signed")
	}
}

// Every change of every character makes it somebody else's word, and so does every other key.
func TestAForgedLinkIsNone(t *testing.T) {
	l, now := NewLinks(public, linkKey), time.Unix(1754375000, 0)
	token := tokenOf(t, l, headwatch.Notice{Incident: "lending-1", Channel: "ops-chat", Step: 3}, now)
	for i := range token {
		for _, c := range "Aa0-_z" {
			if forged := token[:i] + string(c) + token[i+1:]; forged != token {
				if got, ok := l.read(forged); ok {
					t.Fatalf("%s is read as %+v", forged, got)
				}
			}
		}
		if _, ok := l.read(token[:i]); ok {
			t.Fatalf("the first %d characters will do", i)
		}
	}
	for _, forged := range []string{"", token + "A", token + token, token + "=", " " + token, strings.Repeat("A", 100), strings.Repeat("A", 5000)} {
		if got, ok := l.read(forged); ok {
			t.Errorf("%s is read as %+v", forged, got)
		}
	}
	if _, ok := NewLinks(public, bytes.Repeat([]byte{8}, KeySize)).read(token); ok {
		t.Error("another key will do")
	}
}

func FuzzToken(f *testing.F) {
	l := NewLinks(public, linkKey)
	f.Add("lending-1", "ops-chat", uint64(3), int64(1754375000), "")
	f.Add("", "", uint64(0), int64(0), base64.RawURLEncoding.EncodeToString(make([]byte, 40)))
	f.Fuzz(func(t *testing.T, incident, channel string, step uint64, until int64, junk string) {
		if got, ok := l.read(junk); ok {
			t.Errorf("%q is read as %+v", junk, got)
		}
		if len(incident) > maxNaming || len(incident)+len(channel) > 600 || until < 0 {
			return
		}
		want := ticket{incident, channel, step, time.Unix(until, 0)}
		if got, ok := l.read(l.sign(want)); !ok || got != want {
			t.Errorf("%+v, %t; want %+v", got, ok, want)
		}
	})
}
