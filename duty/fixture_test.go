package duty

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch/config"
)

// team is a configuration with three people and a chain; more is appended.
const team = `
[[chain]]
name = "base"
kind = "evm"
chain_id = 1
block_time = "12s"
[[chain.endpoint]]
name = "a"
url = "https://a.example.com"
[[circuit]]
name = "lending"
chain = "base"
warn_after = "1m"
page_after = "2m"
trip_after = "3m"
recover_after = "5m"
alerts = ["chat"]
[[alert]]
name = "chat"
kind = "console"
[[alert]]
name = "alice-phone"
kind = "console"
[[alert]]
name = "bob-phone"
kind = "console"
[[alert]]
name = "carol-phone"
kind = "console"
[[person]]
name = "alice-smith"
tell = ["alice-phone"]
[[person]]
name = "bob"
tell = ["bob-phone"]
[[person]]
name = "carol"
tell = ["carol-phone"]
`

func parse(t *testing.T, more string) (*config.Config, error) {
	t.Helper()
	return config.Parse("testdata/headwatch.toml", []byte(team+more), func(string) (string, bool) { return "", false }, Check)
}

func roster(t *testing.T, more string) *Roster {
	t.Helper()
	cfg, err := parse(t, more)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(cfg, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// on gives who is on call in the rota "r", as a list with commas.
func on(r *Roster, when time.Time) string {
	_, people := r.Reach([]string{"r"}, when)
	return strings.Join(people, ",")
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	x, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := place(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
