package config

import (
	"strings"
	"testing"
)

func TestEndpointsOfOneHostThatVoteEachForItselfAreTold(t *testing.T) {
	const file = `
[[chain]]
preset = "ethereum"
[[chain.endpoint]]
name = "a"
url = "https://Node.Example/v2/planted-key"
[[chain.endpoint]]
name = "b"
url = "https://node.example:8443"
[[chain.endpoint]]
name = "c"
url = "http://127.0.0.1:1"
[[chain.endpoint]]
name = "d"
url = "http://127.0.0.1:2"
[[chain.endpoint]]
name = "e"
url = "https://other.example"
operator = "x"
[[chain.endpoint]]
name = "f"
url = "https://other.example/second"
operator = "x"
[[alert]]
name = "terminal"
kind = "console"
[[circuit]]
name = "l1"
chain = "ethereum"
alerts = ["terminal"]
`
	c, err := Parse("config.toml", []byte(file), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	want := `config.toml:7: chain "ethereum": endpoints "a" and "b" are both at node.example and vote each for itself; give them one operator`
	if got := strings.Join(apart(c), "\n"); got != want {
		t.Errorf("warnings %q, want %q", got, want)
	}
	if got := c.Chains[0].Voters(); len(got) != 5 {
		t.Errorf("voters %q, want five", got)
	}
}
