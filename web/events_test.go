package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"headwatch"
	"headwatch/config"
)

// frame is one server-sent event as a subscriber reads it; a comment has a name of ":".
type frame struct{ id, name, data string }

type subscriber struct {
	body *bufio.Reader
	stop func() error
}

func subscribe(t *testing.T, c *http.Client, path string, header ...string) *subscriber {
	t.Helper()
	resp := do(t, c, http.MethodGet, path, header...)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v %s", resp.StatusCode, resp.Header, text(t, resp.Body))
	}
	return &subscriber{bufio.NewReader(resp.Body), resp.Body.Close}
}

// next waits for the next frame; at the end of the stream it gives io.EOF.
func (s *subscriber) next(t *testing.T) (f frame, err error) {
	t.Helper()
	for {
		line, err := s.body.ReadString('\n')
		if err != nil {
			return f, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "\n":
			return f, nil
		case name == "":
			f.name = ":"
		case name == "id":
			f.id = value
		case name == "event":
			f.name = value
		case name == "data" && f.data == "":
			f.data = value
		default:
			t.Fatalf("line %q", line)
		}
	}
}

func (s *subscriber) must(t *testing.T) frame {
	t.Helper()
	f, err := s.next(t)
	if err != nil {
		t.Fatalf("the stream ended: %v", err)
	}
	return f
}

func transition(n int) headwatch.Event {
	return headwatch.Event{Transition: &headwatch.Transition{Circuit: "lending", Seq: uint64(n), To: headwatch.Open, Reason: "line\nbreak"}}
}

func TestStreamTellsEachEventAsItsDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.journal.add(
			transition(1),
			headwatch.Event{Notice: &headwatch.Notice{Channel: "ops-chat"}},
			headwatch.Event{Action: &headwatch.Action{Kind: headwatch.ActionAck, Actor: "ada"}},
			headwatch.Event{Delivery: &headwatch.Delivery{Channel: "ops-chat", Outcome: headwatch.Delivered}},
		)
		_, client := serve(t, w.server(t))
		sub := subscribe(t, client, "/v1/events?after=0")
		for _, want := range []struct{ id, name, in string }{
			{"1", "transition", `"schema":"headwatch.transition/v1","circuit":"lending","seq":1`},
			{"3", "action", `"kind":"ack"`},
			{"4", "delivery", `"outcome":"delivered"`},
		} {
			if f := sub.must(t); f.id != want.id || f.name != want.name || !strings.Contains(f.data, want.in) {
				t.Fatalf("got %+v, want %+v", f, want)
			}
		}
	})
}

func TestWhereAStreamBegins(t *testing.T) {
	tests := map[string]struct {
		query, header string
		want          string // id of the first event
	}{
		"with what comes next":             {"", "", "4"},
		"with the oldest":                  {"?after=0", "", "1"},
		"after a position":                 {"?after=2", "", "3"},
		"after the newest":                 {"?after=3", "", "4"},
		"where a browser lost it":          {"", "1", "2"},
		"where a browser lost it for good": {"?after=0", "2", "3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.journal.add(transition(1), transition(2), transition(3))
				_, client := serve(t, w.server(t))
				var header []string
				if tt.header != "" {
					header = []string{"Last-Event-ID", tt.header}
				}
				sub := subscribe(t, client, "/v1/events"+tt.query, header...)
				synctest.Wait()
				w.journal.add(transition(4))
				if f := sub.must(t); f.id != tt.want {
					t.Fatalf("begins with %+v, want %s", f, tt.want)
				}
			})
		})
	}
}

func TestAPartOfTheJournalThatCannotBeIsRefused(t *testing.T) {
	for query, want := range map[string]int{
		"after=4": http.StatusGone, "after=18446744073709551615": http.StatusGone,
		"after=-1": http.StatusBadRequest, "after=x": http.StatusBadRequest, "after=1e3": http.StatusBadRequest,
		"after=18446744073709551616": http.StatusBadRequest, "follow=never": http.StatusBadRequest,
	} {
		w := newWorld()
		w.journal.add(transition(1), transition(2), transition(3))
		rec := w.ask(t, get("/v1/events?"+query))
		if sentence(t, rec); rec.Code != want {
			t.Errorf("%s: %d %s, want %d", query, rec.Code, rec.Body, want)
		}
	}
}

func TestAStreamThatDoesNotFollowEndsWhereTheJournalEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.journal.add(transition(1), transition(2))
		_, client := serve(t, w.server(t))
		sub := subscribe(t, client, "/v1/events?after=0&follow=false")
		for _, want := range []string{"1", "2"} {
			if f := sub.must(t); f.id != want {
				t.Fatalf("got %+v, want %s", f, want)
			}
		}
		if f, err := sub.next(t); err != io.EOF {
			t.Fatalf("got %+v, %v", f, err)
		}
	})
}

// A subscriber hears the lease of every circuit at once and at each third of it; a heartbeat keeps the line open beyond every
// time-out of the server.
func TestStreamRenewsLeasesAndBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.config.Lease = config.Duration(33 * time.Second)
		last := time.Now().Add(25 * time.Second) // when the line stops proving the leases
		w.signals = func() []headwatch.Signal {
			from := time.Now()
			if from.After(last) {
				from = last
			}
			return []headwatch.Signal{{Circuit: "lending", State: headwatch.Closed, ValidUntil: from.Add(33 * time.Second)}}
		}
		_, client := serve(t, w.server(t))
		begun := time.Now()
		sub := subscribe(t, client, "/v1/events")
		var got []string
		for time.Since(begun) < 74*time.Second {
			f := sub.must(t)
			if f.id != "" {
				t.Fatalf("%+v has an id", f)
			}
			got = append(got, fmt.Sprintf("%d%s", time.Since(begun)/time.Second, f.name))
		}
		want := []string{"0lease", "11lease", "15:", "22lease", "30:", "33lease", "44lease", "45:", "55lease", "60:", "75:"}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("heard  %v\nwanted %v", got, want)
		}
	})
}

func TestStreamsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		_, client := serve(t, w.server(t))
		var subs []*subscriber
		for range maxStreams {
			subs = append(subs, subscribe(t, client, "/v1/events"))
		}
		full := do(t, client, http.MethodGet, "/v1/events")
		if full.StatusCode != http.StatusServiceUnavailable || full.Header.Get("Retry-After") == "" {
			t.Fatalf("one too many: %d %v", full.StatusCode, full.Header)
		}
		if ok := do(t, client, http.MethodGet, "/healthz"); ok.StatusCode != http.StatusOK {
			t.Fatalf("health beside full streams: %d", ok.StatusCode)
		}
		_ = subs[0].stop()
		synctest.Wait()
		subscribe(t, client, "/v1/events")
	})
}

func TestASlowSubscriberIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		core, logs := observer.New(zap.InfoLevel)
		w.log = zap.New(core)
		s := w.server(t)
		p, client := serve(t, s)
		quick := subscribe(t, client, "/v1/events")

		slow := p.dial()
		defer slow.Close()
		go io.WriteString(slow, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := http.ReadResponse(bufio.NewReaderSize(slow, 16), nil); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		for i := range 3 {
			w.journal.add(transition(i + 1))
			if f := quick.must(t); f.id != fmt.Sprint(i+1) {
				t.Fatalf("the quick one got %+v", f)
			}
		}
		time.Sleep(writeTimeout - 1)
		if len(s.seats) != 2 {
			t.Fatalf("%d streams %s after the first write", len(s.seats), time.Since(begun))
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if len(s.seats) != 1 {
			t.Fatalf("%d streams after the time for a write", len(s.seats))
		}
		if logs.FilterMessageSnippet("too slow").Len() != 1 {
			t.Fatalf("log %v", logs.All())
		}
	})
}

func TestAStreamEndsWithTheJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		core, logs := observer.New(zap.InfoLevel)
		w.log = zap.New(core)
		s := w.server(t)
		_, client := serve(t, s)
		sub := subscribe(t, client, "/v1/events")
		w.journal.add(transition(1))
		sub.must(t)
		w.journal.fail(errors.New("the disk is gone"))
		if f, err := sub.next(t); err != io.EOF {
			t.Fatalf("got %+v, %v", f, err)
		}
		synctest.Wait()
		if len(s.seats) != 0 || logs.FilterMessage("event stream ended").Len() != 1 {
			t.Fatalf("%d streams, log %v", len(s.seats), logs.All())
		}
	})
}

func TestTheEventsOfOneIncident(t *testing.T) {
	w := newWorld()
	for _, id := range []string{"lending-1", "lending-2", ""} {
		w.journal.add(
			headwatch.Event{Transition: &headwatch.Transition{Circuit: "lending", Incident: id}}, headwatch.Event{Action: &headwatch.Action{Incident: id}},
			headwatch.Event{Delivery: &headwatch.Delivery{Incident: id}}, headwatch.Event{Report: &headwatch.Report{Incident: id}},
			headwatch.Event{Escalation: &headwatch.Escalation{Incident: id}},
		)
	}
	w.journal.add(headwatch.Event{Action: &headwatch.Action{Kind: headwatch.ActionSilence}})
	synctest.Test(t, func(t *testing.T) {
		_, client := serve(t, w.server(t))
		for query, want := range map[string]int{"&incident=lending-2": 5, "&incident=lending-9": 0, "": 16} {
			body := text(t, do(t, client, http.MethodGet, "/v1/events?after=0&follow=false"+query).Body)
			if got := strings.Count("\n"+body, "\nid: "); got != want {
				t.Errorf("%q: %d events, want %d:\n%s", query, got, want, body)
			}
		}
	})
}
