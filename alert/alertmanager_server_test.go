package alert

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// patience is how long a test waits for a server on a busy machine.
const patience = time.Minute

// group is what Alertmanager posts to a webhook: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.
type group struct {
	Status string `json:"status"`
	Alerts []struct {
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"alerts"`
}

func (g group) String() string {
	all := []string{g.Status + ":"}
	for _, a := range g.Alerts {
		all = append(all, a.Labels["level"]+" "+a.Status)
	}
	slices.Sort(all[1:])
	return strings.Join(all, " ")
}

// Alertmanager's own server receives, groups and shows our alerts, tells its receiver of each rung and of the end, and knows of them
// again after it lost its memory.
func TestAlertmanagerItselfTellsOfAnIncident(t *testing.T) {
	program := filepath.Join(t.TempDir(), "alertmanager")
	if out, err := exec.Command("go", "build", "-C", filepath.Join("..", "tools", "alertmanager"), "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build Alertmanager (%v):\n%s", err, out)
	}
	groups := make(chan group, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var g group
		if err := json.NewDecoder(r.Body).Decode(&g); err != nil {
			t.Error(err)
		}
		groups <- g
	}))
	defer receiver.Close()
	conf := filepath.Join(t.TempDir(), "alertmanager.yml")
	text := fmt.Sprintf("route: {receiver: ops, group_by: [circuit], group_wait: 100ms, group_interval: 200ms, repeat_interval: 4h}\n"+
		"receivers: [{name: ops, webhook_configs: [{url: %q, send_resolved: true}]}]\n", receiver.URL)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	addr, stop := alertmanagerServer(t, program, conf, "127.0.0.1:0")
	s := newServed(t, addr)
	for _, step := range []struct {
		kind headwatch.StepKind
		want string
	}{
		{headwatch.StepWarn, "firing: warn firing"},
		{headwatch.StepPage, "firing: page firing warn firing"},
		{headwatch.StepTrip, "firing: page firing trip firing warn firing"},
	} {
		if _, err := s.Send(t.Context(), s.Route(), lately(step.kind)); err != nil {
			t.Fatal(err)
		}
		heard(t, groups, step.want)
	}
	if got := shown(t, addr); len(got) != 3 {
		t.Errorf("the API shows %d alerts, want 3", len(got))
	}

	stop()
	addr, stop = alertmanagerServer(t, program, conf, addr)
	defer stop()
	if got := shown(t, addr); len(got) != 0 {
		t.Fatalf("a fresh server shows %d alerts", len(got))
	}
	s.resend(t.Context(), time.Now())
	heard(t, groups, "firing: page firing trip firing warn firing")
	for _, fired := range shown(t, addr) {
		if fired["incident"] != "base-lending-7" || fired["circuit"] != "base-lending" || fired["alertname"] == "" || fired["team"] != "protocol" {
			t.Errorf("shown with %v", fired)
		}
	}

	if _, err := s.Send(t.Context(), s.Route(), lately(headwatch.StepResolve)); err != nil {
		t.Fatal(err)
	}
	heard(t, groups, "resolved: page resolved trip resolved warn resolved")
	if got := shown(t, addr); len(got) != 0 {
		t.Errorf("the API shows %v after the end", got)
	}
}

// newServed makes a sender to a server, and to a replica that is down.
func newServed(t *testing.T, addr string) *alertmanager {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	c := conf(config.AlertAlertmanager, config.Secret{})
	c.From, c.URLs = headwatch.LevelWarn, []config.Secret{config.NewSecret("http://" + ln.Addr().String()), config.NewSecret("http://" + addr)}
	s, err := New(c, deps)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*alertmanager)
}

// alertmanagerServer starts Alertmanager and gives its address. The server ends with the test.
func alertmanagerServer(t *testing.T, program, conf, listen string) (addr string, stop func()) {
	t.Helper()
	cmd := exec.Command(program, "--config.file", conf, "--web.listen-address", listen)
	alive, err := cmd.StdinPipe() // it ends when this does
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		alive.Close()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		t.Fatalf("no address from Alertmanager (%v):\n%s", err, log.String())
	}
	return strings.TrimSpace(line), stop
}

// heard waits until the receiver is told something, and fails if it is never told this.
func heard(t *testing.T, groups <-chan group, want string) {
	t.Helper()
	late := time.After(patience)
	var last string
	for {
		select {
		case g := <-groups:
			if last = g.String(); last == want {
				return
			}
		case <-late:
			t.Fatalf("the receiver heard %q, want %q", last, want)
		}
	}
}

// shown gives the labels of the alerts that fire, as the API has them.
func shown(t *testing.T, addr string) (all []map[string]string) {
	t.Helper()
	resp, err := http.Get("http://" + addr + "/api/v2/alerts")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var alerts []struct {
		Labels map[string]string `json:"labels"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&alerts); err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts {
		all = append(all, a.Labels)
	}
	return all
}
