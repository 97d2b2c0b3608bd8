package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/rpc"

	"headwatch"
)

// asProgram names the environment variable that makes the test binary the program, to be killed.
const asProgram = "HEADWATCH_TEST_PROGRAM"

// process is the program in a process of its own, which can die.
type process struct {
	t      *testing.T
	config string
	env    []string
	log    *safeBuffer
	watch  func([]byte) // sees what is logged, if not nil
	cmd    *exec.Cmd
	ended  chan struct{}
}

func newProcess(t *testing.T, config string, env ...string) *process {
	t.Helper()
	p := &process{t: t, config: filepath.Join(t.TempDir(), "config.toml"), env: env, log: &safeBuffer{}}
	if err := os.WriteFile(p.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	return p
}

func (p *process) start() {
	p.t.Helper()
	p.cmd = exec.Command(os.Args[0], "run", "--config", p.config)
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1"), p.env...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	p.ended = ended
	go func() {
		_ = p.cmd.Wait() // a kill is no error here
		close(ended)
	}()
}

// Write takes what the process logs.
func (p *process) Write(text []byte) (int, error) {
	if p.watch != nil {
		p.watch(text)
	}
	return p.log.Write(text)
}

// end ends the process by a signal and gives its exit code; -1 for one that was killed, or did not run.
func (p *process) end(by syscall.Signal) int {
	if p.cmd == nil {
		return -1
	}
	_ = p.cmd.Process.Signal(by) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Errorf("the process does not end by %s:\n%s", by, p.log)
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	code := p.cmd.ProcessState.ExitCode()
	p.cmd = nil
	return code
}

// pulse is a layer 1 with a block every second.
type pulse struct{}

func (pulse) ChainId() string { return "0x384" }

func (pulse) Syncing() bool { return false }

// GetBlockByNumber serves the method of that name.
func (pulse) GetBlockByNumber(tag string, _ bool) map[string]any {
	n := uint64(time.Now().Unix())
	if asked, err := strconv.ParseUint(strings.TrimPrefix(tag, "0x"), 16, 64); err == nil {
		n = asked
	}
	return map[string]any{
		"number": fmt.Sprintf("0x%x", n), "hash": fmt.Sprintf("0x%064x", n), "parentHash": fmt.Sprintf("0x%064x", n-1),
		"timestamp": fmt.Sprintf("0x%x", n), "transactions": []string{},
	}
}

func newPulse(t *testing.T) string {
	t.Helper()
	server := rpc.NewServer()
	if err := server.RegisterName("eth", pulse{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	node := httptest.NewServer(server)
	t.Cleanup(node.Close)
	return node.URL
}

// pagerEvent is what a pager is told.
type pagerEvent struct {
	Action  string `json:"event_action"`
	Key     string `json:"dedup_key"`
	Payload struct {
		Summary string            `json:"summary"`
		Class   string            `json:"class"`
		Details map[string]string `json:"custom_details"`
	} `json:"payload"`
}

// pager is a PagerDuty.
type pager struct {
	url    string
	mu     sync.Mutex
	events []pagerEvent
}

func newPager(t *testing.T) *pager {
	t.Helper()
	p := &pager{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e pagerEvent
		body, _ := io.ReadAll(r.Body)
		if err := json.NewDecoder(bytes.NewReader(body)).Decode(&e); err != nil {
			t.Errorf("the pager was told %s", body)
		}
		p.mu.Lock()
		p.events = append(p.events, e)
		p.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// told gives the newest event with this action whose summary, class or details hold a text, or nil.
func (p *pager) told(action, text string) *pagerEvent {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.events) - 1; i >= 0; i-- {
		if e := p.events[i]; e.Action == action && strings.Contains(fmt.Sprint(e), text) {
			return &e
		}
	}
	return nil
}

func watchdogOf(t *testing.T, api string) (s headwatch.WatchdogStatus) {
	resp, err := http.Get("http://" + api + "/v1/watchdog")
	if err != nil {
		return s
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		t.Error(err)
	}
	return s
}
