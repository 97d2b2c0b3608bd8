package watcher

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"headwatch"
	"headwatch/config"
)

const book = `{"coin":"BTC","time":1753797600123,"levels":[[{"px":"117999.0","sz":"1","n":2}],[{"px":"118000.0","sz":"3","n":1}]]}`

func TestWhatIsReadOfAnAPI(t *testing.T) {
	at := time.UnixMilli(1753797600500)
	millis := time.UnixMilli(1753797600123).UTC()
	count := uint64(31)
	for name, c := range map[string]struct {
		endpoint config.Endpoint
		text     string
		want     headwatch.Reading
		fault    headwatch.FaultKind
	}{
		"milliseconds":          {config.Endpoint{Path: "time", Unit: "ms"}, book, headwatch.Reading{Time: millis}, ""},
		"milliseconds as text":  {config.Endpoint{Path: "time", Unit: "ms"}, `{"time":"1753797600123"}`, headwatch.Reading{Time: millis}, ""},
		"seconds":               {config.Endpoint{Path: "a.1.t", Unit: "s"}, `{"a":[0,{"t":1753797600.5}]}`, headwatch.Reading{Time: time.UnixMilli(1753797600500).UTC()}, ""},
		"nanoseconds":           {config.Endpoint{Path: "t", Unit: "ns"}, `{"t":1753797600500000000}`, headwatch.Reading{Time: at.UTC()}, ""},
		"RFC 3339":              {config.Endpoint{Path: "t", Unit: "rfc3339"}, `{"t":"2025-07-29T14:00:00.123Z"}`, headwatch.Reading{Time: millis}, ""},
		"counter":               {config.Endpoint{Path: "result", Unit: "counter"}, `{"result":31}`, headwatch.Reading{Count: &count}, ""},
		"counter in hex":        {config.Endpoint{Path: "result", Unit: "counter"}, `{"result":"0x1f"}`, headwatch.Reading{Count: &count}, ""},
		"bid below ask":         {config.Endpoint{Path: "time", Unit: "ms", Below: []string{"levels.0.0.px", "levels.1.0.px"}}, book, headwatch.Reading{Time: millis}, ""},
		"crossed":               {config.Endpoint{Path: "time", Unit: "ms", Below: []string{"levels.1.0.px", "levels.0.0.px"}}, book, headwatch.Reading{}, headwatch.FaultBadHead},
		"equal":                 {config.Endpoint{Path: "time", Unit: "ms", Below: []string{"levels.1.0.px", "levels.1.0.px"}}, book, headwatch.Reading{}, headwatch.FaultBadHead},
		"one side is empty":     {config.Endpoint{Path: "time", Unit: "ms", Below: []string{"levels.0.0.px", "levels.1.0.px"}}, `{"time":1753797600123,"levels":[[{"px":"1"}],[]]}`, headwatch.Reading{}, headwatch.FaultBadHead},
		"no value":              {config.Endpoint{Path: "time", Unit: "ms"}, `{"specialStatuses":null}`, headwatch.Reading{}, headwatch.FaultNull},
		"null":                  {config.Endpoint{Path: "time", Unit: "ms"}, `{"time":null}`, headwatch.Reading{}, headwatch.FaultNull},
		"an object":             {config.Endpoint{Path: "time", Unit: "ms"}, `{"time":{}}`, headwatch.Reading{}, headwatch.FaultBadHead},
		"zero":                  {config.Endpoint{Path: "time", Unit: "ms"}, `{"time":0}`, headwatch.Reading{}, headwatch.FaultBadHead},
		"seconds taken for ms":  {config.Endpoint{Path: "time", Unit: "s"}, book, headwatch.Reading{}, headwatch.FaultBadHead},
		"far ahead":             {config.Endpoint{Path: "time", Unit: "ms"}, `{"time":1753897600123}`, headwatch.Reading{}, headwatch.FaultFutureHead},
		"infinite":              {config.Endpoint{Path: "time", Unit: "ms"}, `{"time":"+Inf"}`, headwatch.Reading{}, headwatch.FaultBadHead},
		"beyond all numbers":    {config.Endpoint{Path: "time", Unit: "ms"}, `{"time":1e999}`, headwatch.Reading{}, headwatch.FaultBadHead},
		"a negative counter":    {config.Endpoint{Path: "n", Unit: "counter"}, `{"n":-1}`, headwatch.Reading{}, headwatch.FaultBadHead},
		"no JSON":               {config.Endpoint{Path: "time", Unit: "ms"}, `<html>`, headwatch.Reading{}, headwatch.FaultNotJSON},
		"cut short":             {config.Endpoint{Path: "time", Unit: "ms"}, `{"time":17537976`, headwatch.Reading{}, headwatch.FaultNotJSON},
		"nothing":               {config.Endpoint{Path: "time", Unit: "ms"}, ``, headwatch.Reading{}, headwatch.FaultNotJSON},
		"a time without a unit": {config.Endpoint{Path: "time"}, book, headwatch.Reading{}, headwatch.FaultBadHead},
	} {
		t.Run(name, func(t *testing.T) {
			o := headwatch.Observation{At: at}
			err := readReading(c.endpoint, []byte(c.text), &o)
			if c.fault != "" {
				wantFault(t, err, c.fault)
				if o.Reading != nil {
					t.Errorf("read %+v", o.Reading)
				}
				return
			}
			if err != nil || o.Reading == nil || !o.Reading.Time.Equal(c.want.Time) || (o.Reading.Count == nil) != (c.want.Count == nil) {
				t.Fatalf("read %+v, %v", o.Reading, err)
			}
			if c.want.Count != nil && *o.Reading.Count != *c.want.Count {
				t.Errorf("counted %d", *o.Reading.Count)
			}
		})
	}
}

func TestAnAPIIsAskedAsItWants(t *testing.T) {
	for _, request := range []string{"", `{"type":"exchangeStatus"}`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			want := http.MethodGet
			if request != "" {
				want = http.MethodPost
			}
			if r.Method != want || string(body) != request || request != "" && r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %q %v", r.Method, body, r.Header)
			}
			_, _ = io.WriteString(w, `{"specialStatuses":null,"time":1753797600123}`)
		}))
		u := planted(server.URL)
		p := newAPIProber(config.Endpoint{URL: config.NewSecret(u), Request: request, Path: "time", Unit: "ms", Timeout: config.Duration(5 * time.Second)}, secretsOf(u))
		o := p.probe(t.Context(), false)
		if o.Err != nil || o.Reading == nil || o.Latency <= 0 {
			t.Errorf("got %+v", o)
		}
		server.Close()
	}
}

func TestABadAnswerOfAnAPIIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.Handler
		fault  headwatch.FaultKind
	}{
		"unprocessable": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, r.URL.String(), http.StatusUnprocessableEntity)
		}), headwatch.FaultHTTPStatus},
		"out of quota": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }), headwatch.FaultRateLimited},
		"redirect":     {http.RedirectHandler("/"+keyPath, http.StatusFound), headwatch.FaultRedirect},
		"HTML":         {reply("<html>%s", keyPath), headwatch.FaultNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			u := planted(server.URL)
			p := newAPIProber(config.Endpoint{URL: config.NewSecret(u), Path: "time", Unit: "ms", Timeout: config.Duration(5 * time.Second)}, secretsOf(u))
			o := p.probe(t.Context(), false)
			wantFault(t, o.Err, c.fault)
			assertNoSecret(t, "fault", o.Err.Error())
		})
	}
}

func TestAnAPITellsOverAWebSocket(t *testing.T) {
	f := &apiFollower{endpoint: config.Endpoint{Path: "data.time", Unit: "ms"}}
	f.socket = socketAt(sockets(t, func(_ *http.Request, conn *websocket.Conn) {
		_, asked, err := conn.ReadMessage()
		if err != nil || string(asked) != `{"method":"subscribe"}` {
			t.Errorf("asked %q, %v", asked, err)
		}
		text(t, conn, `{"channel":"l2Book","data":%s}`, book)
		readUntilClosed(conn)
	}))
	f.socket.request = `{"method":"subscribe"}`
	s := subscribe(t, f)
	if o := <-s.heard; o.Err != nil || o.Reading != nil {
		t.Fatalf("an open connection: %+v", o)
	}
	if o := <-s.heard; o.Err != nil || o.Reading == nil || !o.Reading.Time.Equal(time.UnixMilli(1753797600123)) {
		t.Fatalf("got %+v", o)
	}
	s.end()
	<-s.ended
}
