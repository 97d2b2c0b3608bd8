package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Files that are ours in a journal directory; everything else in it belongs to the engine.
const (
	lockFile   = "LOCK"   // held by the process that has the journal open; its content is the pid
	formatFile = "FORMAT" // says that the directory is a journal
	tailFile   = "TAIL"   // the newest event that was acknowledged
	markFile   = "ALIVE"  // the newest sign of life of the process that had the journal open
)

// The whole content of the format file. It is written before the engine touches the directory, and again when the
// engine has made its store, so that a first start that was cut short is not mistaken for a journal that lost its store.
const (
	formatNew  = "headwatch journal, format 1, being made\n"
	formatMade = "headwatch journal, format 1\n"
)

// claim is a journal directory that belongs to this process until release.
type claim struct {
	dir  string
	lock *os.File
	made bool // the engine's store was made before: it must be there
	tail *tail
	mark *mark
}

// claimDir takes a directory for this process. It makes it, or accepts one that is empty or already a journal, and
// changes nothing in any other.
func claimDir(dir string) (*claim, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the journal directory: %w", err)
	}
	if _, err := examine(dir); err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	c := &claim{dir: dir, lock: lock}
	if err := c.take(); err != nil {
		return nil, errors.Join(err, c.release())
	}
	return c, nil
}

// take looks again, because the first look was without the lock.
func (c *claim) take() error {
	format, err := examine(c.dir)
	if err != nil {
		return err
	}
	if format == "" {
		if err := errors.Join(os.Chmod(c.dir, 0o700), writeDurably(c.dir, formatFile, formatNew)); err != nil {
			return err
		}
	}
	c.made = format == formatMade
	if c.tail, err = openTail(filepath.Join(c.dir, tailFile)); err != nil {
		return err
	}
	c.mark, err = openMark(filepath.Join(c.dir, markFile))
	return err
}

// check reports that the directory was taken away or replaced: what the engine writes then goes to files without a name.
func (c *claim) check() error {
	ours, err := c.lock.Stat()
	if err != nil {
		return fmt.Errorf("look at the journal: %w", err)
	}
	there, err := os.Stat(c.lock.Name())
	if err != nil {
		return fmt.Errorf("look at the journal: %w", err)
	}
	if !os.SameFile(ours, there) {
		return fmt.Errorf("look at the journal: %s is another directory than the one that was opened", c.dir)
	}
	return nil
}

// seal records that the engine has made its store.
func (c *claim) seal() error {
	if c.made {
		return nil
	}
	c.made = true
	return writeDurably(c.dir, formatFile, formatMade)
}

// release gives the directory up. A nil claim has nothing to give up.
func (c *claim) release() error {
	if c == nil {
		return nil
	}
	if c.tail != nil {
		_ = c.tail.file.Close()
	}
	if c.mark != nil {
		_ = c.mark.file.Close()
	}
	return c.lock.Close()
}

// examine gives the content of the format file, "" for an empty directory, and an error for a directory that is not ours.
func examine(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, formatFile))
	switch format := string(b); {
	case err == nil && (format == formatNew || format == formatMade):
		return format, nil
	case err == nil:
		return "", fmt.Errorf("open the journal in %s: its %s file says %.60q, which this version cannot read; nothing was changed", dir, formatFile, format)
	case !errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("open the journal: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("open the journal: %w", err)
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == lockFile || e.Name() == formatFile+unfinished })
	if len(entries) > 0 {
		return "", fmt.Errorf("open the journal in %s: this is not a journal (it holds %q and no file %s); nothing was changed: give journal.dir a directory that is empty or not there yet",
			dir, entries[0].Name(), formatFile)
	}
	return "", nil
}

func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the journal: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		holder := "another process"
		b := make([]byte, 20)
		if n, _ := f.Read(b); n > 0 {
			holder = "process " + strings.TrimSpace(string(b[:n]))
		}
		return nil, fmt.Errorf("open the journal in %s: %s has it open; stop that one, or give this one another journal.dir", dir, holder)
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the journal: %w", err), f.Close())
	}
	return f, nil
}

// unfinished marks a file that is being written; what a kill leaves of it is written over.
const unfinished = ".new"

// writeDurably replaces a file so that after a power loss it holds the old content or the new, never a part. The directory
// is locked.
func writeDurably(dir, name, content string) error {
	tmp, err := os.OpenFile(filepath.Join(dir, name+unfinished), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = tmp.WriteString(content)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(tmp.Name()))
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return errors.Join(d.Sync(), d.Close())
}
