package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"headwatch/watcher"
)

// recording is a trace as it is written. Any goroutine may put into it.
type recording struct {
	mu      sync.Mutex
	file    *os.File
	out     flusher
	lines   *json.Encoder
	answers int
	faults  int
	err     error // the first of writing; nothing is written after it
}

// flusher keeps what it is given for a while.
type flusher interface {
	io.Writer
	Flush() error
}

func newRecording(f *os.File, packed bool) *recording {
	r := &recording{file: f, out: bufio.NewWriter(f)}
	if packed {
		r.out = gzip.NewWriter(f)
	}
	r.lines = json.NewEncoder(r.out)
	r.lines.SetEscapeHTML(false)
	return r
}

// put writes the answers of one poll together: a replay takes neighbours with the same times for one.
func (r *recording) put(records []watcher.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, record := range records {
		r.write(record)
		r.answers++
		if record.Error != nil {
			r.faults++
		}
	}
}

func (r *recording) event(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.write(watcher.Record{AtMS: time.Now().UnixMilli(), Event: text})
}

func (r *recording) write(record watcher.Record) {
	if r.err == nil {
		r.err = r.lines.Encode(record)
	}
}

// keep brings what is written to the file every second and says how far it is, until ctx ends or the file takes no more.
func (r *recording) keep(ctx context.Context, progress io.Writer) error {
	flush, report := time.NewTicker(flushEvery), time.NewTicker(reportEvery)
	defer flush.Stop()
	defer report.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-flush.C:
			if err := r.flush(); err != nil {
				return err
			}
		case <-report.C:
			fmt.Fprintln(progress, r.progress())
		}
	}
}

func (r *recording) flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = r.out.Flush()
	}
	if r.err != nil {
		return fmt.Errorf("write the recording: %w", r.err)
	}
	return nil
}

func (r *recording) progress() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := int64(0)
	if info, err := r.file.Stat(); err == nil {
		size = info.Size()
	}
	return fmt.Sprintf("recorded %d answers, %d of them faults, in %d KiB", r.answers, r.faults, size>>10)
}

func (r *recording) close() error {
	err := r.flush()
	if packed, ok := r.out.(*gzip.Writer); ok && err == nil {
		err = packed.Close()
	}
	return errors.Join(err, r.file.Close())
}
