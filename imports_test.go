package headwatch

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rooms says which packages of this module each room may import, beside the words of the root package. It is the drawing
// in docs/architecture.md as a test.
var rooms = map[string][]string{
	"headwatch":                       {},
	"headwatch/config":                {},
	"headwatch/watcher":               {"config"},
	"headwatch/backtest":              {"config"},
	"headwatch/breaker":               {"config"},
	"headwatch/journal":               {"config"},
	"headwatch/incident":              {},
	"headwatch/delivery":              {"config"},
	"headwatch/duty":                  {"config", "delivery"},
	"headwatch/delivery/deliverytest": {"config", "delivery"},
	"headwatch/explain":               {"config"},
	"headwatch/postmortem":            {"explain", "incident"},
	"headwatch/hook":                  {"config", "delivery", "hook/evm"},
	"headwatch/hook/evm":              {"config", "delivery", "hook/evm/signer"},
	"headwatch/hook/evm/signer":       {"config", "delivery"},
	"headwatch/heartbeat":             {"config", "delivery"},
	"headwatch/peer":                  {"config", "delivery"},
	"headwatch/self":                  {"config"},
	"headwatch/contracts":             {},
	"headwatch/alert":                 {"config", "delivery", "explain"},
	"headwatch/web":                   {"config", "explain", "postmortem"},
	"headwatch/devnet":                {"contracts"},
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	for _, room := range list(t, "./...") {
		if strings.HasPrefix(room, "headwatch/cmd/") || strings.HasPrefix(room, "headwatch/examples/") {
			continue
		}
		allowed, known := rooms[room]
		if !known {
			t.Errorf("%s is a room that the table of this test does not know", room)
			continue
		}
		for _, dep := range list(t, "-f", `{{join .Imports "\n"}}`, room) {
			name, ours := strings.CutPrefix(dep, "headwatch/")
			if ours && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s", room, dep)
			}
		}
	}
}

func TestTheWordsNeedTheStandardLibraryOnly(t *testing.T) {
	for _, dep := range list(t, "-f", `{{join .Deps "\n"}}`, ".") {
		if first, _, _ := strings.Cut(dep, "/"); strings.Contains(first, ".") {
			t.Errorf("the root package needs %s", dep)
		}
	}
}

// A geth node in the production binary would more than double it.
func TestTheProgramDoesNotCarryTheDevnet(t *testing.T) {
	const geth = "github.com/ethereum/go-ethereum/"
	heavy := []string{"headwatch/devnet", geth + "core", geth + "core/vm", geth + "eth", geth + "node", geth + "p2p", geth + "triedb"}
	for _, dep := range list(t, "-deps", "./cmd/headwatch") {
		if slices.Contains(heavy, dep) {
			t.Errorf("cmd/headwatch needs %s", dep)
		}
	}
}

// Only the loop of a chain, deliveries and the API read the wall clock: what judges takes time as an argument, so that a
// replay judges as life does. Of package watcher it is the loop and whatever asks an endpoint; of package duty what reads calendars.
func TestWhatJudgesDoesNotReadTheClock(t *testing.T) {
	clock := regexp.MustCompile(`\btime\.(Now|Since|Until|After|Sleep|NewTimer|NewTicker)\(`)
	reads := []string{
		"duty/keeper.go", "duty/source.go",
		"watcher/chain.go", "watcher/endpoint.go", "watcher/feed.go", "watcher/meter.go", "watcher/poll.go", "watcher/probe.go",
		"watcher/push.go", "watcher/reading.go", "watcher/rpc.go", "watcher/sequencer.go", "watcher/socket.go",
	}
	for _, pattern := range []string{"backtest/*.go", "breaker/*.go", "incident/*.go", "config/*.go", "duty/*.go", "explain/*.go", "postmortem/*.go", "self/*.go", "watcher/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if may := slices.Contains(reads, file); clock.Match(text) != may {
				t.Errorf("%s reads the clock: %t, and it may: %t", file, !may, may)
			}
		}
	}
}
