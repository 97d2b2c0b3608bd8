package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
	"github.com/nats-io/nats-server/v2/server"
)

// What the engine writes to a block file, one record after the other:
//
//	length 4 (high bit: has headers) | sequence 8 (two high bits: kind) | time 8 | subject length 2 |
//	subject | header length 4, if any | headers | body | checksum 8
const (
	recordHead     = 22
	recordSum      = 8
	lengthMask     = 1<<31 - 1
	sequenceMask   = 1<<62 - 1
	headersPresent = 1 << 31
)

// verify reads the engine's block files before the engine does. When the engine meets a record that it cannot read it cuts
// the file there, deletes it if nothing is left, and starts as if nothing had been: so a damaged store must not come into
// its hands. The end of the last block may be torn, by a kill or a power loss in the middle of an append that nobody
// was told of; its size is returned.
func verify(dir string, acknowledged uint64) (torn int, err error) {
	blocks, err := blockFiles(dir)
	if err != nil {
		return 0, fmt.Errorf("verify the journal in %s: %w", dir, err)
	}
	var last uint64
	for i, b := range blocks {
		data, err := os.ReadFile(b.name)
		if err != nil {
			return 0, fmt.Errorf("verify the journal: %w", err)
		}
		newest, good := readBlock(data, b.index)
		last = max(last, newest)
		torn = len(data) - good
		if torn > 0 && (i < len(blocks)-1 || !cutShort(data[good:])) {
			return 0, fmt.Errorf("open the journal in %s: the engine's file %s is damaged at byte %d of %d; nothing was changed: restore the directory from a copy, or move it away to begin a new journal",
				dir, filepath.Base(b.name), good, len(data))
		}
	}
	if last < acknowledged {
		return 0, fmt.Errorf("open the journal in %s: it ends with event %d, but event %d was on the disk before; nothing was changed: restore the directory from a copy, or delete its file %s to go on without what is missing",
			dir, last, acknowledged, tailFile)
	}
	return torn, nil
}

// readBlock gives the newest sequence in a block and the length of its readable part.
func readBlock(data []byte, index int) (newest uint64, good int) {
	key := sha256.Sum256([]byte(streamName + "-" + strconv.Itoa(index)))
	for {
		rest := data[good:]
		if len(rest) < recordHead {
			return newest, good
		}
		length := int(binary.LittleEndian.Uint32(rest) & lengthMask)
		body := recordHead + int(binary.LittleEndian.Uint16(rest[20:]))
		content := body
		if binary.LittleEndian.Uint32(rest)&headersPresent != 0 {
			content += 4 // the header length is not in the checksum
		}
		if length > len(rest) || content > length-recordSum {
			return newest, good
		}
		sum := highwayhash.Sum64(slices.Concat(rest[4:20], rest[recordHead:body], rest[content:length-recordSum]), key[:])
		if binary.LittleEndian.Uint64(rest[length-recordSum:]) != sum {
			return newest, good
		}
		newest = max(newest, binary.LittleEndian.Uint64(rest[4:])&sequenceMask)
		good += length
	}
}

// cutShort reports whether an unreadable end of a file can be one append that did not finish: a record that claims to go
// on to the end of the file or beyond, or space that was allotted and never written.
func cutShort(rest []byte) bool {
	if len(rest) < recordHead {
		return true
	}
	length := int(binary.LittleEndian.Uint32(rest) & lengthMask)
	return length >= len(rest) || len(bytes.Trim(rest, "\x00")) == 0
}

type blockFile struct {
	name  string
	index int
}

// blockFiles gives the engine's block files, oldest first; none when the engine has not been here yet.
func blockFiles(dir string) ([]blockFile, error) {
	dir = filepath.Join(dir, server.JetStreamStoreDir, server.DEFAULT_GLOBAL_ACCOUNT, "streams", streamName, "msgs")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var blocks []blockFile
	for _, e := range entries {
		if number, ok := strings.CutSuffix(e.Name(), ".blk"); ok {
			index, err := strconv.Atoi(number)
			if err != nil {
				return nil, fmt.Errorf("%s is not a block of the engine", e.Name())
			}
			blocks = append(blocks, blockFile{filepath.Join(dir, e.Name()), index})
		}
	}
	slices.SortFunc(blocks, func(a, b blockFile) int { return a.index - b.index })
	return blocks, nil
}
