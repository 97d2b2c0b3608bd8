package watcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

const keyHex = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2" // a key that could be a hash

// taped is an endpoint of l1Chain whose answers are kept.
type taped struct {
	*endpoint
	records []Record
}

func newTaped(t *testing.T, url string) *taped {
	e, err := newEndpoint(l1Chain, config.Endpoint{
		Name: "e", URL: config.NewSecret(url), Interval: config.Duration(2 * time.Second), Timeout: config.Duration(time.Second),
	}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	r := &taped{endpoint: e}
	e.tape = newTape(e, func(all []Record) { r.records = append(r.records, all...) })
	return r
}

// replayed gives the observations of a trace with these records.
func replayed(t *testing.T, records []Record) []headwatch.Observation {
	var text strings.Builder
	for _, r := range records {
		if err := json.NewEncoder(&text).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	chain := &Chain{config: l1Chain}
	chain.config.Endpoints = []config.Endpoint{{Name: "e"}}
	all, foreign, err := LoadTrace("trace", strings.NewReader(text.String()), []*Chain{chain})
	if err != nil || foreign != 0 {
		t.Fatal(err, foreign)
	}
	return all
}

func TestWhatWasRecordedIsObservedAgain(t *testing.T) {
	refusing := healthy.with(methodSyncing, "") // an error that is not held against it
	var dead http.Handler = http.NotFoundHandler()
	for name, answer := range map[string]http.Handler{
		"a whole block": node{methodChainID: `"0x384"`, methodBlock: block15KB(), methodSyncing: `{"currentBlock":"0x1"}`},
		"healthy":       healthy, "refusing": refusing, "dead": dead,
		"another chain": healthy.with(methodChainID, `"0x1"`), "no block": healthy.with(methodBlock, "null"),
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			e := newTaped(t, server.URL)
			live := e.prober.probe(e.tape.within(t.Context()), true)
			all := replayed(t, e.records)
			if len(all) != 1 {
				t.Fatalf("%d observations in %+v", len(all), e.records)
			}
			got := all[0]
			if d := got.At.Sub(live.At); d.Abs() > time.Microsecond {
				t.Errorf("observed %v later", d)
			}
			wasFault, _ := errors.AsType[*headwatch.Fault](live.Err)
			isFault, _ := errors.AsType[*headwatch.Fault](got.Err)
			if (wasFault == nil) != (isFault == nil) || wasFault != nil && (wasFault.Kind != isFault.Kind || wasFault.Detail != isFault.Detail) {
				t.Errorf("fault %v, live %v", got.Err, live.Err)
			}
			if !reflect.DeepEqual(got.Heads, live.Heads) || got.Syncing != live.Syncing || live.Err == nil && got.ChainID != live.ChainID {
				t.Errorf("replayed %+v\nlive %+v", got, live)
			}
		})
	}
}

// Whatever a provider writes into its answers, nothing of our URL gets into a recording.
func TestNoSecretGetsIntoARecording(t *testing.T) {
	echo := fmt.Sprintf(`{"number":"0x64","hash":"0x%064x","parentHash":"0x%s","timestamp":"0x%x","extraData":"%s","miner":"%s","gasUsed":"%s","input":"0x%s","transactions":["%s"],"l1origin":{"hash":"%s","%s":1}}`,
		1, keyHex, time.Now().Unix(), keyPath, keyQuery, keyPath, keyHex, keyPath, keyPath, keyPath)
	for name, answer := range map[string]http.Handler{
		"in a block":   node{methodChainID: `"0x384"`, methodBlock: echo, methodSyncing: `"` + keyPath + `"`},
		"in an error":  reply(`{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"%s %s %s"}}`, keyPath, keyQuery, keyHex),
		"in a refusal": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.URL.String(), http.StatusForbidden) }),
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			e := newTaped(t, planted(server.URL)+"&hex="+keyHex)
			e.prober.probe(e.tape.within(t.Context()), true)
			text, err := json.Marshal(e.records)
			if err != nil || len(e.records) == 0 {
				t.Fatal(err, e.records)
			}
			assertNoSecret(t, "recording", string(text))
			if strings.Contains(string(text), keyHex) {
				t.Errorf("recording shows a secret: %s", text)
			}
		})
	}
}

func TestAPushIsRecordedAndObservedAgain(t *testing.T) {
	n := newPushNode(t)
	e := newTaped(t, "http://127.0.0.1:1/")
	ctx := e.tape.within(t.Context())
	delivered, ended := make(chan headwatch.Observation, 2), make(chan error)
	go func() { ended <- n.follower().follow(ctx, func(o headwatch.Observation) { delivered <- o }) }()
	headers := <-n.subscribers
	headers <- header(8)
	live := (<-delivered).Heads[headwatch.Unsafe]
	headers <- json.RawMessage(`{"number":"` + keyPath + `"}`)
	<-ended
	all := replayed(t, e.records)
	if len(all) != 2 {
		t.Fatalf("recorded %+v", e.records)
	}
	if head := all[0].Heads[headwatch.Unsafe]; !all[0].Pushed || !reflect.DeepEqual(head, live) {
		t.Errorf("replayed %+v, live %+v", all[0], live)
	}
	wantFault(t, all[1].Err, headwatch.FaultBadHead)
}

func TestWhatIsCutDownDecodesToTheSame(t *testing.T) {
	for method, answer := range map[string]string{
		methodSyncStatus:   `{"head_l1":{"hash":` + hashA + `,"number":7,"timestamp":1700000000,"parentHash":` + hashA + `},"unsafe_l2":{"hash":` + hashA + `,"number":9,"timestamp":1700000001,"l1origin":{"hash":` + hashA + `,"number":6},"sequenceNumber":3}}`,
		methodRollupConfig: `{"l2_chain_id":900,"genesis":{"l1":{"hash":` + hashA + `}},"batch_inbox_address":"0xff00000000000000000000000000000000000900"}`,
		methodTx:           `{"input":"0x440a5e20` + strings.Repeat("00000000", 60) + `","hash":` + hashA + `}`,
	} {
		var was, is headwatch.Observation
		was.At, is.At = time.Now(), time.Now()
		short := secrets(nil).cutDown(json.RawMessage(answer))
		if err := decodeAnswer(l1Chain, method, nil, json.RawMessage(answer), &was); err != nil {
			t.Fatal(method, err)
		}
		err := decodeAnswer(l1Chain, method, nil, short, &is)
		is.At = was.At
		if err != nil || !reflect.DeepEqual(was, is) || len(short) >= len(answer) {
			t.Errorf("%s: %s decodes to %+v, %v; want %+v", method, short, is, err, was)
		}
	}
}

// The least a killed recorder leaves behind.
func TestATraceWithoutItsEndSaysSo(t *testing.T) {
	chain := &Chain{config: l1Chain}
	chain.config.Endpoints = []config.Endpoint{{Name: "l1"}}
	all, _, err := LoadTrace("trace", strings.NewReader(goodLine+"\n"+goodLine[:90]), []*Chain{chain})
	if len(all) != 1 || !errors.Is(err, ErrCut) || !strings.Contains(err.Error(), "trace:2:") {
		t.Errorf("%d observations, %v", len(all), err)
	}
	if _, _, err := LoadTrace("trace", strings.NewReader(goodLine+"\n"+goodLine[:90]+"\n"+goodLine), []*Chain{chain}); errors.Is(err, ErrCut) || err == nil {
		t.Errorf("a broken line in the middle: %v", err)
	}
}
