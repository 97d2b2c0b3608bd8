package watcher

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

var (
	fixtureTime = time.Unix(0x6b016628, 0)
	l1Chain     = config.Chain{Name: "l1", Kind: config.KindEVM, ChainID: 900}
	l2Chain     = config.Chain{Name: "l2", Kind: config.KindOPStack, ChainID: 901}
	latest      = []json.RawMessage{raw("latest"), raw(false)}
)

// fixture is the result in a recorded answer of a real node.
func fixture(t testing.TB, name string) json.RawMessage {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Result json.RawMessage }
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m.Result
}

func unix(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

func TestAnswersOfRealNodesAreDecoded(t *testing.T) {
	zero, one := 0, 1
	latestL2 := headwatch.Head{
		Number: 134, Time: unix(0x6b016628),
		Hash: "0x7fed4fb3b007c51bc37c1a72a482223202e1c7db35f95bdcd692fb0fa4a18834", Parent: "0xf5bb633efcbae9491a3242da3dd002337a0c17a0e370e2e6558c9443f11a66a7",
	}
	withTxs := func(h headwatch.Head, n *int, gas uint64) headwatch.Head { h.UserTxs, h.GasUsed = n, &gas; return h }
	gas := uint64(69896)
	l1Head := headwatch.Head{
		Number: 45, Time: unix(0x6b016626),
		Hash: "0xd8b3dc541b3502fec8140b8ba8e38b51b198094c5340fbf0fee9cc128e6550c9", Parent: "0xa0d5c65cabb2953247bb1548205ea4ea5e5d4a330e038645c74b8522ca3be831",
	}
	for name, c := range map[string]struct {
		chain  config.Chain
		method string
		params []json.RawMessage
		want   headwatch.Observation
	}{
		"geth-l1.eth_getBlockByNumber.latest": {l1Chain, methodBlock, latest, headwatch.Observation{
			Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: withTxs(l1Head, &zero, 0)},
		}},
		"op-geth.eth_getBlockByNumber.latest": {l2Chain, methodBlock, latest, headwatch.Observation{
			Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: withTxs(latestL2, &zero, 22856)},
		}},
		"op-geth.eth_getBlockByNumber.with_forced_deposit": {l2Chain, methodBlock, []json.RawMessage{raw("safe")}, headwatch.Observation{
			Heads: map[headwatch.Tag]headwatch.Head{headwatch.Safe: {
				Number: 21, Time: unix(0x6b0165b7), UserTxs: &one, GasUsed: &gas,
				Hash: "0x9510ef052d503142b7b91bf71c24b12cfcc7df429fcd609608331b243e6bb65e", Parent: "0x3a1bc5008d0dd373544689230f47557c426ca84b1604bc25458197b38d761121",
			}},
		}},
		"op-geth.l1_attributes_tx": {l2Chain, methodTx, nil, headwatch.Observation{
			Origin: &headwatch.Head{Number: 45, Hash: l1Head.Hash, Time: l1Head.Time},
		}},
		"op-node.optimism_rollupConfig": {l2Chain, methodRollupConfig, nil, headwatch.Observation{ChainID: 901, Window: 200}},
		"op-node.optimism_syncStatus": {l2Chain, methodSyncStatus, nil, headwatch.Observation{
			HeadL1: &l1Head, Origin: &headwatch.Head{Number: 45, Hash: l1Head.Hash, Time: l1Head.Time},
			SafeOrigin: &headwatch.Head{Number: 38, Hash: "0xf0b6f6e9cd3429cca93036de0ac5c9c8bf5e8d3dc4d64a6d6b49c031244d9e6a", Time: unix(1795253777)},
			Heads: map[headwatch.Tag]headwatch.Head{
				headwatch.Unsafe: latestL2,
				headwatch.Safe: {
					Number: 115, Time: unix(1795253781),
					Hash: "0xf875be675df58cbd9e2506eb5d5cb6fc530952cd33978e63ca8762b46b654125", Parent: "0xfdff59ece886f4e2a101f66a52a9908fc7f0413ff1e653103c745d7cdbcef650",
				},
				headwatch.Finalized: {
					Number: 79, Time: unix(1795253745),
					Hash: "0xa001880b61b24fa75982aceebbe49ad0780cb18e3f07be82573d98b5d6f04167", Parent: "0xc1e263afcfca079f0f0ab7de2ad626ce1324fcc5e2fa93f48dba2d1e84a41065",
				},
			},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := headwatch.Observation{At: fixtureTime}
			if err := decodeAnswer(c.chain, c.method, c.params, fixture(t, name), &o); err != nil {
				t.Fatal(err)
			}
			c.want.At = fixtureTime
			if !reflect.DeepEqual(o, c.want) {
				t.Errorf("got  %s\nwant %s", show(o), show(c.want))
			}
		})
	}
}

func show(o headwatch.Observation) string {
	b, err := json.Marshal(o)
	return fmt.Sprintf("%s %v", b, err)
}

const (
	hashA = `"0x00000000000000000000000000000000000000000000000000000000000000aa"`
	hashB = `"0x00000000000000000000000000000000000000000000000000000000000000BB"`
)

func TestABlockIsDecodedTolerantlyAndRefusedByName(t *testing.T) {
	at := time.Unix(1000, 0)
	for name, c := range map[string]struct {
		block string
		fault headwatch.FaultKind
		txs   any // nil: not counted
	}{
		"bare":                        {`{"number":"0x5","hash":` + hashA + `,"parentHash":` + hashB + `,"timestamp":"0x3e8"}`, "", nil},
		"plain numbers":               {`{"number":5,"hash":` + hashA + `,"timestamp":1000,"tx_count":7}`, "", 6},
		"odd and huge neighbours":     {`{"number":"0x5","hash":` + hashA + `,"timestamp":"0x3e8","gasUsed":{},"size":1e999,"logsBloom":null,"extraData":[[[]]]}`, "", nil},
		"full transactions":           {`{"number":"0x5","hash":` + hashA + `,"timestamp":"0x3e8","transactions":[{"a":[1,2]},{"b":"],["}]}`, "", 1},
		"no transactions at all":      {`{"number":"0x5","hash":` + hashA + `,"timestamp":"0x3e8","transactions":[]}`, "", 0},
		"transactions that are none":  {`{"number":"0x5","hash":` + hashA + `,"timestamp":"0x3e8","transactions":"many"}`, "", nil},
		"genesis":                     {`{"number":"0x0","hash":` + hashA + `,"timestamp":"0x0"}`, "", nil},
		"an hour ahead":               {`{"number":"0x5","hash":` + hashA + `,"timestamp":4600}`, "", nil},
		"more than an hour ahead":     {`{"number":"0x5","hash":` + hashA + `,"timestamp":4601}`, headwatch.FaultFutureHead, nil},
		"after the year 2200":         {`{"number":"0x5","hash":` + hashA + `,"timestamp":7258118401}`, headwatch.FaultBadHead, nil},
		"timestamp of 2^64-1":         {`{"number":"0x5","hash":` + hashA + `,"timestamp":"0xffffffffffffffff"}`, headwatch.FaultBadHead, nil},
		"number of 2^63":              {`{"number":"0x8000000000000000","hash":` + hashA + `,"timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"number of 2^63-1":            {`{"number":"0x7fffffffffffffff","hash":` + hashA + `,"timestamp":"0x3e8"}`, "", nil},
		"number of 2^64":              {`{"number":"0x10000000000000000","hash":` + hashA + `,"timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"negative number":             {`{"number":-5,"hash":` + hashA + `,"timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"number that is none":         {`{"number":{},"hash":` + hashA + `,"timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"no number":                   {`{"hash":` + hashA + `,"timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"no timestamp":                {`{"number":"0x5","hash":` + hashA + `}`, headwatch.FaultBadHead, nil},
		"pending, without a hash":     {`{"number":"0x5","hash":null,"timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"short hash":                  {`{"number":"0x5","hash":"0xaa","timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"text as hash":                {`{"number":"0x5","hash":"0x` + strings.Repeat("<b>", 22)[:64] + `","timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"text as parent":              {`{"number":"0x5","hash":` + hashA + `,"parentHash":"x","timestamp":"0x3e8"}`, headwatch.FaultBadHead, nil},
		"null":                        {`null`, headwatch.FaultNull, nil},
		"no result":                   {``, headwatch.FaultNull, nil},
		"a list":                      {`[]`, headwatch.FaultNotJSON, nil},
		"a text":                      {`"block"`, headwatch.FaultNotJSON, nil},
		"cut short":                   {`{"number":"0x5","hash":` + hashA + `,"time`, headwatch.FaultNotJSON, nil},
		"nested beyond all reason":    {`{"number":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, headwatch.FaultNotJSON, nil},
		"transactions nested as deep": {`{"number":"0x5","hash":` + hashA + `,"timestamp":"0x3e8","transactions":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, headwatch.FaultNotJSON, nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := headwatch.Observation{At: at}
			err := decodeAnswer(l2Chain, methodBlock, latest, json.RawMessage(c.block), &o)
			wantFault(t, err, c.fault)
			head, ok := o.Heads[headwatch.Unsafe]
			if ok != (c.fault == "") {
				t.Fatalf("head delivered: %v", ok)
			}
			switch want, counted := c.txs.(int); {
			case !counted && head.UserTxs != nil:
				t.Errorf("%d user transactions, want none counted", *head.UserTxs)
			case counted && (head.UserTxs == nil || *head.UserTxs != want):
				t.Errorf("user transactions %v, want %d", head.UserTxs, want)
			}
			if strings.ContainsFunc(head.Hash, func(r rune) bool { return r >= 'A' && r <= 'F' }) {
				t.Errorf("hash %s is not in lower case", head.Hash)
			}
		})
	}
}

// wantFault asserts that err is a fault of a kind whose text is fit to be shown, or nil for kind "".
func wantFault(t *testing.T, err error, kind headwatch.FaultKind) {
	t.Helper()
	f, ok := errors.AsType[*headwatch.Fault](err)
	switch {
	case kind == "" && err == nil:
	case !ok:
		t.Errorf("got error %v, want fault %q", err, kind)
	case f.Kind != kind:
		t.Errorf("got fault %v, want %q", f, kind)
	case len(f.Detail) > 2*maxExcerpt || strings.ContainsFunc(f.Detail, func(r rune) bool { return r < ' ' || r > '~' }):
		t.Errorf("a fault that is not fit to be shown: %q", f.Detail)
	}
}

func TestASafeHeadThatIsNotKnownYetIsAbsent(t *testing.T) {
	var o headwatch.Observation
	if err := decodeAnswer(l1Chain, methodBlock, []json.RawMessage{raw("finalized")}, json.RawMessage("null"), &o); err != nil || o.Heads != nil {
		t.Errorf("got %v, %v", o.Heads, err)
	}
}

func TestOnAPlainChainEveryTransactionIsAUsers(t *testing.T) {
	o := headwatch.Observation{At: fixtureTime}
	if err := decodeAnswer(l1Chain, methodBlock, latest, fixture(t, "op-geth.eth_getBlockByNumber.with_forced_deposit"), &o); err != nil {
		t.Fatal(err)
	}
	if n := *o.Heads[headwatch.Unsafe].UserTxs; n != 2 {
		t.Errorf("%d user transactions, want 2", n)
	}
}

func TestASyncStatusMayLackAnything(t *testing.T) {
	ref := `{"hash":` + hashA + `,"number":"0x9","parentHash":` + hashB + `,"timestamp":"900","l1origin":{"hash":` + hashB + `,"number":3}}`
	zeroed := `{"hash":"` + string(zeroHash) + `","number":0,"parentHash":"` + string(zeroHash) + `","timestamp":0,"l1origin":{"hash":"` + string(zeroHash) + `","number":0}}`
	for name, c := range map[string]struct {
		status string
		fault  headwatch.FaultKind
		heads  int
		origin bool
	}{
		"unsafe alone, hex and text": {`{"unsafe_l2":` + ref + `}`, "", 1, true},
		"zeroed fields":              {`{"unsafe_l2":` + ref + `,"safe_l2":` + zeroed + `,"finalized_l2":` + zeroed + `,"head_l1":` + zeroed + `}`, "", 1, true},
		"null fields":                {`{"unsafe_l2":null,"safe_l2":` + ref + `}`, "", 1, false},
		"zeroed origin":              {`{"unsafe_l2":{"hash":` + hashA + `,"number":9,"timestamp":900,"l1origin":{"number":0}}}`, "", 1, false},
		"nothing":                    {`{}`, headwatch.FaultNull, 0, false},
		"all zeroed":                 {`{"unsafe_l2":` + zeroed + `,"head_l1":` + zeroed + `}`, headwatch.FaultNull, 0, false},
		"null":                       {`null`, headwatch.FaultNull, 0, false},
		"half a reference":           {`{"unsafe_l2":{"number":9}}`, headwatch.FaultBadHead, 0, false},
		"number of 2^63":             {`{"unsafe_l2":{"hash":` + hashA + `,"number":9223372036854775808,"timestamp":900}}`, headwatch.FaultBadHead, 0, false},
		"fraction":                   {`{"unsafe_l2":{"hash":` + hashA + `,"number":9.5,"timestamp":900}}`, headwatch.FaultBadHead, 0, false},
		"future L1 head":             {`{"unsafe_l2":` + ref + `,"head_l1":{"hash":` + hashA + `,"number":9,"timestamp":9000}}`, headwatch.FaultFutureHead, 1, false},
		"text as a reference":        {`{"unsafe_l2":"latest"}`, headwatch.FaultNotJSON, 0, false},
		"half an origin":             {`{"unsafe_l2":{"hash":` + hashA + `,"number":9,"timestamp":900,"l1origin":{"number":4}}}`, headwatch.FaultBadHead, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := headwatch.Observation{At: time.Unix(1000, 0)}
			wantFault(t, decodeAnswer(l2Chain, methodSyncStatus, nil, json.RawMessage(c.status), &o), c.fault)
			if len(o.Heads) != c.heads || (o.Origin != nil) != c.origin {
				t.Errorf("got %s", show(o))
			}
		})
	}
}

// attributes is the input of an L1 attributes deposit for L1 block 41 at 900 with hash 0xabab...
func attributes(selector string) string {
	call := make([]byte, 164)
	if selector == selectorBedrock {
		call = make([]byte, 260)
		call[35], call[66], call[67] = 41, 3, 0x84
	} else {
		call[26], call[27], call[35] = 3, 0x84, 41
	}
	copy(call[100:132], bytes.Repeat([]byte{0xab}, 32))
	b, _ := hex.DecodeString(selector)
	copy(call, b)
	return "0x" + hex.EncodeToString(call)
}

func TestTheL1OriginIsReadFromEveryKnownEncoding(t *testing.T) {
	want := headwatch.Head{Number: 41, Time: unix(900), Hash: "0x" + strings.Repeat("ab", 32)}
	for _, selector := range []string{selectorBedrock, selectorEcotone, selectorIsthmus, selectorJovian} {
		o := headwatch.Observation{At: time.Unix(1000, 0)}
		err := decodeAnswer(l2Chain, methodTx, nil, json.RawMessage(`{"input":"`+attributes(selector)+`"}`), &o)
		if err != nil || o.Origin == nil || *o.Origin != want {
			t.Errorf("%s: got %v, %v", selector, o.Origin, err)
		}
	}
}

func TestATransactionThatIsNoAttributesDepositTellsNoOrigin(t *testing.T) {
	for _, tx := range []string{
		`null`, `{}`, `{"input":"0x"}`, `{"input":"0x8456cb59"}`, `{"input":"` + attributes("8456cb59") + `"}`,
		`{"input":"` + attributes(selectorEcotone)[:200] + `"}`, `{"input":"0x440a5e20` + strings.Repeat("zz", 300) + `"}`,
	} {
		var o headwatch.Observation
		if err := decodeAnswer(l2Chain, methodTx, nil, json.RawMessage(tx), &o); err != nil || o.Origin != nil {
			t.Errorf("%.40s: got %v, %v", tx, o.Origin, err)
		}
	}
}

func TestAnotherChainIsRefusedAndNamed(t *testing.T) {
	for name, c := range map[string]struct {
		method, result string
		id             uint64
		fault          headwatch.FaultKind
	}{
		"right":               {methodChainID, `"0x385"`, 901, ""},
		"wrong":               {methodChainID, `"0x1"`, 1, headwatch.FaultWrongChain},
		"no number":           {methodChainID, `"base"`, 0, headwatch.FaultWrongChain},
		"null":                {methodChainID, `null`, 0, headwatch.FaultWrongChain},
		"op-node, wrong":      {methodRollupConfig, `{"l2_chain_id":8453}`, 8453, headwatch.FaultWrongChain},
		"op-node, not told":   {methodRollupConfig, `{}`, 0, ""},
		"a method not asked":  {"eth_gasPrice", `"0x1"`, 0, headwatch.FaultOther},
		"a block by a number": {methodBlock, `{}`, 0, headwatch.FaultOther},
	} {
		t.Run(name, func(t *testing.T) {
			var o headwatch.Observation
			wantFault(t, decodeAnswer(l2Chain, c.method, nil, json.RawMessage(c.result), &o), c.fault)
			if o.ChainID != c.id {
				t.Errorf("chain id %d, want %d", o.ChainID, c.id)
			}
		})
	}
}

func TestSyncingIsAnythingButFalse(t *testing.T) {
	for result, want := range map[string]bool{`false`: false, `null`: false, `true`: true, `{"currentBlock":"0x1"}`: true} {
		var o headwatch.Observation
		if err := decodeAnswer(l1Chain, methodSyncing, nil, json.RawMessage(result), &o); err != nil || o.Syncing != want {
			t.Errorf("%s: got %v, %v", result, o.Syncing, err)
		}
	}
}
