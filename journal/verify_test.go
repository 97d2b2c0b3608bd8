package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headwatch"
	"headwatch/config"
)

// damaged makes a journal with five decisions, as a killed process leaves it or after Close, and gives its block file.
func damaged(t *testing.T, killed bool) (dir, block string) {
	t.Helper()
	dir = t.TempDir()
	j := open(t, config.Journal{Dir: dir})
	for n := range uint64(5) {
		do(t, j.Decide(t.Context(), step("lending", n+1)))
	}
	if killed {
		left := t.TempDir()
		do(t, os.CopyFS(left, os.DirFS(dir)))
		dir = left
	}
	shut(t, j)
	blocks, err := blockFiles(dir)
	do(t, err)
	if len(blocks) != 1 {
		t.Fatalf("blocks %v", blocks)
	}
	return dir, blocks[0].name
}

func TestADamagedStoreIsRefusedAndLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(b []byte) []byte // nil deletes the file
		says   string
	}{
		"bit flipped in a body":    {func(b []byte) []byte { b[recordHead+40] ^= 1; return b }, "damaged at byte 0"},
		"bit flipped in a length":  {func(b []byte) []byte { b[2] ^= 1; return b }, "ends with event 0, but event 5"},
		"short length":             {func(b []byte) []byte { b[0], b[1] = 3, 0; return b }, "damaged at byte 0"},
		"overwritten":              {func(b []byte) []byte { return []byte("this is not what was written") }, "event 5"},
		"emptied":                  {func(b []byte) []byte { return nil }, "ends with event 0, but event 5"},
		"last record cut":          {func(b []byte) []byte { return b[:len(b)-3] }, "ends with event 4, but event 5"},
		"cut between two records":  {func(b []byte) []byte { return b[:2*len(b)/5] }, "but event 5"},
		"deleted":                  {nil, "ends with event 0, but event 5"},
		"something after the last": {func(b []byte) []byte { return append(b, "\x01\x00\x00\x00 this was never an append"...) }, "damaged at byte"},
	} {
		for _, killed := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				dir, block := damaged(t, killed)
				if c.damage == nil {
					do(t, os.Remove(block))
				} else {
					b, err := os.ReadFile(block)
					do(t, err)
					do(t, os.WriteFile(block, c.damage(b), 0o600))
				}
				refused(t, dir, c.says, "nothing was changed")
				refused(t, dir, c.says) // the second look finds what the first one found
			})
		}
	}
}

func TestADamagedDescriptionOfTheStoreIsRefusedAndLeftAlone(t *testing.T) {
	for _, file := range []string{"meta.inf", "meta.sum"} {
		dir, block := damaged(t, false)
		do(t, os.WriteFile(filepath.Join(filepath.Dir(block), "..", file), []byte("{"), 0o600))
		refused(t, dir, "the engine cannot read it", "restore the directory")
		refused(t, dir, "the engine cannot read it")
	}
}

func TestATornLastAppendIsDroppedAndSaid(t *testing.T) {
	for name, torn := range map[string]string{
		"part of a head":       "\x50\x00\x00\x00\x06",
		"part of a body":       "\x50\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00hw.x.y",
		"space never written ": string(make([]byte, 300)),
	} {
		t.Run(name, func(t *testing.T) {
			dir, block := damaged(t, true)
			f, err := os.OpenFile(block, os.O_APPEND|os.O_WRONLY, 0)
			do(t, err)
			_, err = f.WriteString(torn)
			do(t, err)
			do(t, f.Close())

			j, logs := openLogged(t, config.Journal{Dir: dir})
			if logs.FilterMessageSnippet("cut short").Len() != 1 {
				t.Errorf("logged %v", logs.All())
			}
			last, err := j.Last(t.Context())
			do(t, err)
			if last["lending"].Seq != 5 {
				t.Errorf("last %+v", last)
			}
			do(t, j.Decide(t.Context(), step("lending", 6)))
			shut(t, j)
			shut(t, open(t, config.Journal{Dir: dir}))
		})
	}
}

func TestTheOwnerMayGoOnWithoutWhatIsMissing(t *testing.T) {
	dir, block := damaged(t, true)
	b, err := os.ReadFile(block)
	do(t, err)
	do(t, os.WriteFile(block, b[:len(b)-3], 0o600))
	refused(t, dir, tailFile)
	do(t, os.Remove(filepath.Join(dir, tailFile)))
	j := open(t, config.Journal{Dir: dir})
	last, err := j.Last(t.Context())
	do(t, err)
	if last["lending"].Seq != 4 {
		t.Errorf("last %+v", last)
	}
}

// The engine's file format is private to it: this fails when an upgrade changes what verify reads.
func TestVerifyReadsWhatTheEngineWrites(t *testing.T) {
	dir := t.TempDir()
	j := open(t, config.Journal{Dir: dir})
	big := step("lending", 1)
	big.Reason = strings.Repeat("x", 200<<10) // fills blocks
	for n := range uint64(60) {
		big.Seq = n + 1
		do(t, j.Decide(t.Context(), big))
		do(t, j.Tell(t.Context(), headwatch.Notice{Incident: "i", Step: n, Channel: "c"}))
	}
	do(t, j.engine.stream.Purge(t.Context(), purgeOf("hw.notice.>")))
	for _, when := range []string{"running", "closed"} {
		if torn, err := verify(dir, j.claim.tail.last()); torn != 0 || err != nil {
			t.Errorf("%s: %d bytes torn, %v", when, torn, err)
		}
		if when == "running" {
			shut(t, j)
		}
	}
	blocks, err := blockFiles(dir)
	do(t, err)
	if len(blocks) < 2 {
		t.Errorf("only %d blocks: this test shows nothing", len(blocks))
	}
	if _, err := verify(dir, 121); err == nil {
		t.Error("an event that was never there is not missed")
	}
}
