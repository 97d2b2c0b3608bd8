package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"

	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/journal"
	"headwatch/web"
)

// openIncident names the newest incident that is open.
func openIncident(t *testing.T, api string) string {
	t.Helper()
	resp, err := http.Get(api + "/v1/incidents")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var s status
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil || len(s.Incidents) == 0 || !s.Incidents[0].Resolved.IsZero() {
		t.Fatalf("no incident is open: %+v, %v", s.Incidents, err)
	}
	return s.Incidents[0].ID
}

// sentLink gives the path of a link to acknowledge that was in a message.
func sentLink(t *testing.T, shown *safeBuffer) string {
	t.Helper()
	path := regexp.MustCompile(`https://watch\.example(/ack/[A-Za-z0-9_-]+)`).FindStringSubmatch(shown.String())
	if path == nil {
		t.Fatal("no message had a link")
	}
	return path[1]
}

// keyOfLinks takes the key out of the journal of a program that has stopped.
func keyOfLinks(t *testing.T, dir string) string {
	t.Helper()
	ctx := t.Context()
	j, err := journal.Open(ctx, config.Journal{Dir: filepath.Join(dir, "data")}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	key, err := j.Secret(ctx, "links", []byte("none was kept"))
	if err != nil || len(key) != web.KeySize {
		t.Fatalf("the key of links is %q, %v", key, err)
	}
	return string(key)
}
