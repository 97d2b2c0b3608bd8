package peer

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"headwatch/config"
)

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func watched(url string) *Peer {
	return New(config.Peer{Name: "other", URL: config.NewSecret(url), Every: config.Duration(5 * time.Second), Timeout: config.Duration(4 * time.Second)})
}

func TestAPeerIsSeenWhileAllItsLeasesMoveOn(t *testing.T) {
	p := watched("http://192.0.2.1:1")
	// The other's clock is an hour ahead, and nobody minds.
	until := start.Add(time.Hour)
	lease := func(circuit string, moved time.Duration) signal {
		return signal{Circuit: circuit, ValidUntil: until.Add(moved)}
	}
	unknown := signal{Circuit: "two"}
	for _, c := range []struct {
		name  string
		after time.Duration
		said  []signal
		err   error
		seen  time.Duration // since the start; -1 for never
	}{
		{"it is asked before it listens", 0, nil, errors.New("refused"), -1},
		{"one chain has not been assessed yet", 5 * time.Second, []signal{lease("one", 0), unknown}, nil, -1},
		{"all are", 10 * time.Second, []signal{lease("one", 5*time.Second), lease("two", 5*time.Second)}, nil, 10 * time.Second},
		{"all go on", 15 * time.Second, []signal{lease("one", 10*time.Second), lease("two", 10*time.Second)}, nil, 15 * time.Second},
		{"one loop stands", 20 * time.Second, []signal{lease("one", 15*time.Second), lease("two", 10*time.Second)}, nil, 15 * time.Second},
		{"and still", 25 * time.Second, []signal{lease("one", 20*time.Second), lease("two", 10*time.Second)}, nil, 15 * time.Second},
		{"it goes on", 30 * time.Second, []signal{lease("one", 25*time.Second), lease("two", 25*time.Second)}, nil, 30 * time.Second},
		{"it answers with nothing", 35 * time.Second, nil, nil, 30 * time.Second},
		{"it is restarted, and its clock went back", 40 * time.Second, []signal{lease("one", -time.Hour)}, nil, 40 * time.Second},
	} {
		p.take(c.said, c.err, start.Add(c.after))
		want := time.Time{}
		if c.seen >= 0 {
			want = start.Add(c.seen)
		}
		s := p.Status()
		if !s.Seen.Equal(want) {
			t.Errorf("%s: seen %s, want %s", c.name, s.Seen, want)
		}
		if well := s.Seen.Equal(start.Add(c.after)); well != (s.Error == "") {
			t.Errorf("%s: error %q", c.name, s.Error)
		}
	}
	if p.Status().Limit != 19*time.Second {
		t.Errorf("silent after %s", p.Status().Limit)
	}
}

func TestWhatAPeerAnswers(t *testing.T) {
	const secret = "keyKEYkeyKEY"
	ask := func(h http.HandlerFunc) ([]signal, error) {
		server := httptest.NewServer(h)
		defer server.Close()
		return watched(server.URL + "/behind/" + secret + "/").ask(t.Context())
	}
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		want   string // of the error
	}{
		"its circuits": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/behind/"+secret+"/v1/circuits" {
				w.WriteHeader(http.StatusTeapot)
			}
			fmt.Fprint(w, `{"circuits":[{"schema":"headwatch.signal/v9","circuit":"one","state":"closed","valid_until":"2026-03-01T10:00:00Z","new":1}]}`)
		}, ""},
		"a status":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "it answers with status 502"},
		"a redirect":     {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/v1/circuits", http.StatusFound) }, "it answers with status 302"},
		"a page":         {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, "its answer is not that of a headwatch"},
		"half an answer": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"circuits":[{`) }, "its answer is not that of a headwatch"},
		"without end": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"circuits":[{"circuit":"`)
			for range maxAnswer/1024 + 1 {
				fmt.Fprint(w, strings.Repeat("a", 1024))
			}
		}, "its answer is not that of a headwatch"},
		"a broken line": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "reset: EOF"},
	} {
		signals, err := ask(c.answer)
		if c.want == "" {
			if err != nil || len(signals) != 1 || signals[0].ValidUntil.IsZero() {
				t.Errorf("%s: %v, %v", name, signals, err)
			}
			continue
		}
		if err == nil || err.Error() != c.want || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if _, err := watched(gone.URL + "/" + secret).ask(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "refused: ") || strings.Contains(err.Error(), secret) {
		t.Errorf("nobody there: %v", err)
	}
}
