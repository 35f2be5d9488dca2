package rollout

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// ErrDamaged means that a file of a journal is not what was written to it: cut off,
// emptied, edited, copied from elsewhere, or written by a newer version of this package.
var ErrDamaged = errors.New("the journal is damaged")

const (
	// maxEntrySize is far above what the state of thousands of targets takes. It keeps a
	// file that is none of ours from filling the memory.
	maxEntrySize = 256 << 20

	// staleTemporary is after how long a temporary file was left behind by a process that
	// has ended. One that is being written is there for less than a second.
	staleTemporary = time.Hour
)

// FileStore is a [Store] in a directory. It survives the end of its process at any
// moment, and loss of power as far as the file system keeps its promise to sync. Several
// processes may use the directory at the same time: of those that append after the same
// entry one succeeds, the others get [ErrConflict]. Nothing is locked, so that nothing
// stays locked.
//
// Each entry is a file, such as 00000042.json, that comes into being whole: it is written
// under a temporary name, synced, and then linked to its own, which fails when the name
// is taken. The file system must have hard links; all that are usual on Linux, macOS and
// Windows do, FAT does not. Files are made for their owner alone, as they name accounts
// and clusters.
//
// An entry with a snapshot makes those before it needless. Their files are emptied, not
// removed: a name that was free again could be taken by a process that was held up since
// before the snapshot.
//
// A file that is not whole is an error that wraps [ErrDamaged] and names it, also when it
// is the last one: it may hold the intent of a request that was sent, and a rollout that
// went on without would send it again.
type FileStore struct {
	dir     string
	maxSize int64
	emptied atomic.Uint64 // entries up to this one are known to be empty
}

var _ Store = (*FileStore)(nil)

// OpenFileStore opens the journal in the directory dir, which is made when there is none.
// A rollout must have a directory of its own. There is nothing to close. Temporary files
// that a killed process has left behind an hour ago are removed.
func OpenFileStore(dir string) (*FileStore, error) {
	if dir == "" {
		return nil, errors.New("open journal: the directory is empty; name one that this rollout has for itself")
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	if err := makeDir(path); err != nil {
		return nil, fmt.Errorf("open journal %s: make the directory: %w", path, err)
	}
	s := &FileStore{dir: path, maxSize: maxEntrySize}
	if err := s.removeTemporary(time.Now().Add(-staleTemporary)); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	return s, nil
}

// Append implements [Store]. Once the file has its name the entry is kept, also when ctx
// ends.
func (s *FileStore) Append(ctx context.Context, e Entry, expected uint64) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("journal %s: append entry %d: %w", s.dir, expected+1, err)
	}
	if err := s.isLast(expected); err != nil {
		return err
	}
	data, err := sealEntry(e, expected+1)
	if err != nil {
		return fmt.Errorf("journal %s: encode entry %d: %w", s.dir, expected+1, err)
	}
	if int64(len(data)) > s.maxSize {
		return fmt.Errorf("journal %s: entry %d has %d bytes, more than the %d that a file may have; divide the rollout",
			s.dir, expected+1, len(data), s.maxSize)
	}
	if err := s.write(expected+1, data); err != nil {
		return err
	}
	if e.Snapshot != nil {
		s.empty(expected + 1)
	}
	return nil
}

// isLast returns a conflict unless the entry is the last one. Two processes may both be
// told that it is: which of them is right shows when they give their files a name.
func (s *FileStore) isLast(number uint64) error {
	fail := func(err error) error {
		return fmt.Errorf("journal %s: look for the last entry: %w", s.dir, err)
	}
	if number == 0 {
		switch last, err := s.last(); {
		case err != nil:
			return fail(err)
		case last > 0:
			return conflict("journal "+s.dir, number, fmt.Sprintf("its last entry is %d", last))
		}
		return nil
	}
	if _, err := os.Lstat(s.path(number + 1)); err == nil {
		return conflict("journal "+s.dir, number, fmt.Sprintf("there is an entry %d", number+1))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fail(err)
	}
	if _, err := os.Lstat(s.path(number)); errors.Is(err, fs.ErrNotExist) {
		return conflict("journal "+s.dir, number, fmt.Sprintf("there is no entry %d", number))
	} else if err != nil {
		return fail(err)
	}
	return nil
}

// empty empties the files before the one with a snapshot. What fails is left for the next
// snapshot: it costs nothing but space.
func (s *FileStore) empty(snapshot uint64) {
	for number := s.emptied.Load() + 1; number < snapshot; number++ {
		info, err := os.Lstat(s.path(number))
		if err == nil && info.Size() > 0 {
			err = os.Truncate(s.path(number), 0)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
		s.emptied.Store(number)
	}
}

// Load implements [Store]. When the entries that follow after were made needless by a
// snapshot, it begins with that snapshot instead. It is an error when there is no entry
// with the number after, and when the file of one that is needed is not whole. When
// nothing is new, two files are looked for and none is read.
func (s *FileStore) Load(ctx context.Context, after uint64) ([]Entry, error) {
	if after == 0 {
		return s.loadSnapshot(ctx)
	}
	var entries []Entry
	for number := after + 1; ; number++ {
		e, err := s.read(ctx, number)
		switch {
		case err == nil:
			entries = append(entries, e)
		case errors.Is(err, errEmpty):
			return s.loadSnapshot(ctx)
		case errors.Is(err, fs.ErrNotExist) && len(entries) == 0:
			return nil, s.has(after)
		case errors.Is(err, fs.ErrNotExist):
			return entries, nil
		default:
			return nil, err
		}
	}
}

func (s *FileStore) has(number uint64) error {
	_, err := os.Lstat(s.path(number))
	if errors.Is(err, fs.ErrNotExist) {
		return beyond("journal "+s.dir, number)
	}
	if err != nil {
		return fmt.Errorf("journal %s: look for entry %d: %w", s.dir, number, err)
	}
	return nil
}

// loadSnapshot returns the last entry with a snapshot and all after it.
func (s *FileStore) loadSnapshot(ctx context.Context) ([]Entry, error) {
	for {
		last, err := s.last()
		if err != nil {
			return nil, fmt.Errorf("journal %s: list the entries: %w", s.dir, err)
		}
		entries, number, err := s.readBack(ctx, last)
		if !errors.Is(err, errEmpty) && !errors.Is(err, fs.ErrNotExist) {
			return entries, err
		}
		// A snapshot that is newer than the list may have emptied it.
		if newer, listErr := s.last(); listErr != nil || newer <= last {
			return nil, damaged(s.path(number), err)
		}
	}
}

// readBack reads from the entry last back to one with a snapshot, or to the first. It
// returns the number of the one that it read last.
func (s *FileStore) readBack(ctx context.Context, last uint64) (entries []Entry, number uint64, err error) {
	for number = last; number > 0; number-- {
		e, err := s.read(ctx, number)
		if err != nil {
			return nil, number, err
		}
		entries = append(entries, e)
		if e.Snapshot != nil {
			break
		}
	}
	slices.Reverse(entries)
	return entries, number, nil
}
