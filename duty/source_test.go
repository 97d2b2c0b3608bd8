package duty

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"headwatch/config"
)

const token = "secret-token-0123456789"

// served is a roster whose calendar is what a server answers, and what it logs.
func served(t *testing.T, answer http.HandlerFunc) (*Roster, *observer.ObservedLogs) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	cfg, err := parse(t, "[[rota]]\nname = \"r\"\ncalendar = \""+server.URL+"/"+token+".ics\"\n")
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.DebugLevel)
	r, err := New(cfg, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	return r, logs
}

func TestTheLastGoodCalendarStays(t *testing.T) {
	good, err := os.ReadFile("testdata/pagerduty.ics")
	if err != nil {
		t.Fatal(err)
	}
	var answer atomic.Value
	answer.Store(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, token, http.StatusServiceUnavailable) })
	r, logs := served(t, func(w http.ResponseWriter, req *http.Request) {
		answer.Load().(func(http.ResponseWriter, *http.Request))(w, req)
	})
	when := at(t, "2026-11-23T08:00:00Z")
	if got := on(r, when); got != "alice-smith,bob,carol" {
		t.Errorf("never read, %s are told", got)
	}
	if r.Read(t.Context()); r.Calendars()[0].Trouble != "get it: the server answers 503" || !r.Calendars()[0].Read.IsZero() {
		t.Errorf("%+v", r.Calendars())
	}
	answer.Store(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good) })
	if r.Read(t.Context()); on(r, when) != "alice-smith" || r.Calendars()[0].Trouble != "" || r.Calendars()[0].Events != 2 {
		t.Errorf("%s, %+v", on(r, when), r.Calendars())
	}
	read := r.Calendars()[0].Read
	s := r.sources[0]
	for name, bad := range map[string]func(http.ResponseWriter, *http.Request){
		"a status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"a page":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>log in</html>")) },
		"a redirect": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "http://elsewhere.example.com/", http.StatusFound)
		},
		"too much": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxCalendar+1)) },
		"cut off":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good[:len(good)/2]) },
		"a broken off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			_, _ = w.Write(good)
		},
		"nothing": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		answer.Store(bad)
		err := s.refresh(t.Context())
		if err == nil || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "elsewhere") {
			t.Errorf("%s: %v", name, err)
		}
		s.report(err, r.log)
		if on(r, when) != "alice-smith" || !r.Calendars()[0].Read.Equal(read) || r.Calendars()[0].Trouble == "" {
			t.Errorf("after %s: %s, %+v", name, on(r, when), r.Calendars())
		}
	}
	for _, e := range logs.All() {
		for k, v := range e.ContextMap() {
			if text, ok := v.(string); ok && strings.Contains(text, token) {
				t.Errorf("the log shows the address: %s %s=%s", e.Message, k, text)
			}
		}
	}
	count := logs.Len()
	s.report(s.refresh(t.Context()), r.log)
	s.report(s.refresh(t.Context()), r.log)
	if logs.Len() > count+1 {
		t.Error("the same trouble is logged each time")
	}
}

func TestShiftsThatNameNobodyAreToldOf(t *testing.T) {
	now := time.Now().UTC()
	shift := func(uid, title string, from time.Time) string {
		return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTART:" + from.Format("20060102T150405Z") + "\r\nDURATION:PT1H\r\nSUMMARY:" + title + "\r\nEND:VEVENT\r\n"
	}
	r, logs := served(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(head + shift("1", "bob", now.Add(time.Hour)) + shift("2", "dave", now.Add(2*time.Hour)) + shift("3", "dave", now.AddDate(0, 0, -9)) + "END:VCALENDAR\r\n"))
	})
	r.Read(t.Context())
	if got := r.Calendars()[0].Trouble; got != "1 of 2 shifts of the next 30 days name no [[person]]" || logs.FilterMessage("the calendar is read, but").Len() != 1 {
		t.Errorf("%q, %v", got, logs.All())
	}
}

func TestAnAddressThatNobodyAnswersIsNotShown(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:1/" + token, "http://127.0.0.1:1/%zz" + token, "https://127.0.0.1:1/" + token} {
		if _, err := fetch(t.Context(), address); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%v", err)
		}
	}
	s := newSource(&config.Config{}, "r", config.NewSecret("webcal://example.com/"+token), 0, time.UTC)
	if s.url != "https://example.com/"+token || s.where != "example.com" {
		t.Errorf("%+v", s)
	}
}

func TestCalendarsAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "r.ics")
	write := func(summary string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(vevent("DTSTART:20000101T000000Z", "DURATION:P7D", "RRULE:FREQ=WEEKLY", "SUMMARY:"+summary)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("alice smith")
	r := roster(t, "[[rota]]\nname = \"r\"\ncalendar = \""+file+"\"\nevery = \"10m\"\n")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		expect := func(want string) {
			t.Helper()
			synctest.Wait()
			if got := on(r, time.Now()); got != want {
				t.Errorf("%s; want %s", got, want)
			}
		}
		expect("alice-smith")
		write("bob")
		time.Sleep(9 * time.Minute)
		expect("alice-smith")
		time.Sleep(2 * time.Minute)
		expect("bob")
		if err := os.Remove(file); err != nil {
			t.Error(err)
		}
		time.Sleep(30 * time.Minute)
		expect("bob")
		write("carol")
		time.Sleep(retryAfter + time.Second) // it is looked for more often while it is away
		expect("carol")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// What is there in place of a calendar may repeat what it was asked, in every place of an answer.
func TestAServerThatRepeatsItsAddressDoesNotShowIt(t *testing.T) {
	for name, answer := range map[string]func(line string) string{
		"an echo": func(line string) string { return line + "\r\n\r\n" },
		"a redirect": func(line string) string {
			return "HTTP/1.1 302 Found\r\nLocation: http://[" + strings.Fields(line)[1] + "\r\n\r\n"
		},
		"a header": func(line string) string { return "HTTP/1.1 200 OK\r\n" + strings.Fields(line)[1] + "\r\n\r\n" },
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(c).ReadString('\n')
			fmt.Fprint(c, answer(strings.TrimSpace(line)))
			c.Close()
		}()
		_, err = fetch(t.Context(), "http://"+l.Addr().String()+"/"+token)
		l.Close()
		if err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
