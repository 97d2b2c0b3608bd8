package evm

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"headwatch/config"
)

const (
	devPortal  = "0x6900000000000000000000000000000000000001"
	basePortal = "0x49048044D57e1C92A77f79988d21Fa8fAF74E97e"
)

// opNode answers as the recorded op-node did, altered.
func opNode(t *testing.T, old, replaced string) Ask {
	t.Helper()
	var answer struct{ Result json.RawMessage }
	fixture(t, "op-node.optimism_rollupConfig.json", &answer)
	return func(_ context.Context, into any, method string, _ ...any) error {
		if method != "optimism_rollupConfig" {
			return errors.New("method not found")
		}
		return json.Unmarshal([]byte(strings.ReplaceAll(string(answer.Result), old, replaced)), into)
	}
}

func silent(context.Context, any, string, ...any) error {
	return errors.New("op-node: no answer in time")
}

func TestAPortalIsConfiguredOrNamedByTheRollup(t *testing.T) {
	says, other := opNode(t, "", ""), opNode(t, devPortal, strings.ToLower(basePortal))
	for _, c := range []struct {
		name       string
		chain      config.Chain
		rollups    []Ask
		want, fail string
	}{
		{"configured", config.Chain{Portal: basePortal}, nil, basePortal, ""},
		{"configured, and named otherwise", config.Chain{Portal: basePortal}, []Ask{says}, basePortal, ""},
		{"named", config.Chain{}, []Ask{says}, devPortal, ""},
		{"named by all who answer", config.Chain{}, []Ask{silent, says, says}, devPortal, ""},
		{"named differently", config.Chain{}, []Ask{says, other}, "", "find the portal of dev: its rollup endpoints do not agree: 0x6900000000000000000000000000000000000001 and 0x49048044D57e1C92A77f79988d21Fa8fAF74E97e"},
		{"nobody answers", config.Chain{}, []Ask{silent}, "", "find the portal of dev: op-node: no answer in time"},
		{"nobody to ask", config.Chain{}, nil, "", "find the portal of dev: set portal, or add an endpoint that serves rollup"},
		{"another chain", config.Chain{}, []Ask{opNode(t, `"l2_chain_id":901`, `"l2_chain_id":902`)}, "", "find the portal of dev: a rollup endpoint is of chain 902"},
		{"no portal", config.Chain{}, []Ask{opNode(t, "deposit_contract_address", "deposits")}, "", "find the portal of dev: a rollup endpoint names none"},
		{"an Arbitrum chain", config.Chain{Kind: config.KindArbitrum}, []Ask{says}, "", "chain dev is arbitrum: it has no portal"},
	} {
		c.chain.Name, c.chain.ChainID = "dev", 901
		if c.chain.Kind == "" {
			c.chain.Kind = config.KindOPStack
		}
		got, err := Portal(t.Context(), &c.chain, c.rollups...)
		if c.fail != "" && (err == nil || err.Error() != c.fail) {
			t.Errorf("%s: %s, %v, want %s", c.name, got, err, c.fail)
		}
		if c.fail == "" && (err != nil || got.Hex() != c.want) {
			t.Errorf("%s: %s, %v, want %s", c.name, got, err, c.want)
		}
	}
}

func TestAPortalThatTheRollupDeniesIsReported(t *testing.T) {
	says := opNode(t, "", "")
	for _, c := range []struct {
		configured string
		rollups    []Ask
		want       string
	}{
		{devPortal, []Ask{says}, ""},
		{basePortal, []Ask{silent, says}, "the portal of dev is configured as 0x49048044D57e1C92A77f79988d21Fa8fAF74E97e, and its rollup endpoints say 0x6900000000000000000000000000000000000001"},
		{basePortal, []Ask{silent}, ""},
		{basePortal, nil, ""},
		{"", []Ask{says}, ""},
	} {
		got := ""
		if err := PortalDisputed(t.Context(), &config.Chain{Name: "dev", ChainID: 901, Portal: c.configured}, c.rollups...); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.configured, got, c.want)
		}
	}
}
