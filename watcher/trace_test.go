package watcher

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"headwatch"
)

const goodLine = `{"t_ms":1795252438229,"endpoint":"l1","method":"eth_getBlockByNumber","params":["latest",false],` +
	`"result":{"number":"0x2d","hash":"0xd8b3dc541b3502fec8140b8ba8e38b51b198094c5340fbf0fee9cc128e6550c9","parentHash":"0xa0d5c65cabb2953247bb1548205ea4ea5e5d4a330e038645c74b8522ca3be831","timestamp":"0x6b016626","gasUsed":"0x0","tx_count":0},"latency_ms":1.5}`

func records(t *testing.T, r io.Reader) (all []Record, err error) {
	t.Helper()
	for record, err := range ReadTrace("trace", r) {
		if err != nil {
			return all, err
		}
		all = append(all, record)
	}
	return all, nil
}

func TestATraceIsReadPlainAndPacked(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, goodLine+"\n\n"+`{"t_ms":1,"event":"stopped"}`)
	_ = w.Close()
	for name, r := range map[string]io.Reader{"plain": strings.NewReader(goodLine + "\n\n" + `{"t_ms":1,"event":"stopped"}` + "\n"), "packed": &packed} {
		all, err := records(t, r)
		if err != nil || len(all) != 2 || all[0].Endpoint != "l1" || all[1].Event != "stopped" {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
}

func TestAnAnswerIsObservedWhenItWasComplete(t *testing.T) {
	all, err := records(t, strings.NewReader(goodLine))
	if err != nil {
		t.Fatal(err)
	}
	o := all[0].Observation(l1Chain)
	if o.Err != nil || o.At.UnixMicro() != 1795252438229_000+1500 || o.Heads[headwatch.Unsafe].Number != 45 {
		t.Errorf("observation %+v", o)
	}
}

func TestRecordedErrorsAreFaults(t *testing.T) {
	for text, want := range map[string]headwatch.FaultKind{
		`"TimeoutError: timed out"`: headwatch.FaultTimeout,
		`"connection refused"`:      headwatch.FaultOther,
		`{"code":-32000}`:           headwatch.FaultOther,
	} {
		all, err := records(t, strings.NewReader(`{"t_ms":1,"endpoint":"l1","method":"eth_getBlockByNumber","params":["latest",false],"error":`+text+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if f, ok := all[0].Observation(l1Chain).Err.(*headwatch.Fault); !ok || f.Kind != want {
			t.Errorf("%s: %v", text, f)
		}
	}
}

func TestABrokenTraceNamesTheLine(t *testing.T) {
	for text, want := range map[string]string{
		goodLine + "\n{":                             "trace:2:",
		goodLine + "\n{}":                            "trace:2: a line of a trace needs t_ms",
		"\x1f\x8bnot gzip at all":                    "read trace: ",
		goodLine + strings.Repeat(" ", maxTraceLine): "trace:1:",
	} {
		if _, err := records(t, strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

func FuzzReadTrace(f *testing.F) {
	f.Add([]byte(goodLine))
	f.Add([]byte(`{"t_ms":1,"endpoint":"op-node","method":"optimism_syncStatus","params":[],"result":{"unsafe_l2":{"number":3}}}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		for record, err := range ReadTrace("trace", bytes.NewReader(text)) {
			if err != nil {
				return
			}
			record.Observation(l1Chain)
		}
	})
}
