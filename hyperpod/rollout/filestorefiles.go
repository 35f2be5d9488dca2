package rollout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// errEmpty means that an entry's file is empty, as it is once a snapshot has made the
// entry needless.
var errEmpty = errors.New("the file is empty and no later entry has a snapshot")

const (
	entrySuffix     = ".json"
	temporarySuffix = ".tmp"
)

func entryName(number uint64) string { return fmt.Sprintf("%08d", number) + entrySuffix }

func (s *FileStore) path(number uint64) string { return filepath.Join(s.dir, entryName(number)) }

// entryNumber is the number of the entry in the file with the name, 0 when it is another
// file.
func entryNumber(name string) uint64 {
	digits, _ := strings.CutSuffix(name, entrySuffix)
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || name != entryName(number) {
		return 0
	}
	return number
}

// last is the greatest number that an entry has, 0 when there is none.
func (s *FileStore) last() (uint64, error) {
	names, err := s.names()
	if err != nil {
		return 0, err
	}
	var last uint64
	for _, name := range names {
		last = max(last, entryNumber(name))
	}
	return last, nil
}

func (s *FileStore) names() ([]string, error) {
	dir, err := os.Open(s.dir)
	if err != nil {
		return nil, err
	}
	names, err := dir.Readdirnames(-1)
	return names, errors.Join(err, dir.Close())
}

// write makes the file of an entry: whole, durable, and only if there is none.
func (s *FileStore) write(number uint64, data []byte) (err error) {
	fail := func(err error) error {
		return fmt.Errorf("journal %s: write entry %d: %w", s.dir, number, err)
	}
	temporary, err := os.CreateTemp(s.dir, strings.TrimSuffix(entryName(number), entrySuffix)+"-*"+temporarySuffix)
	if err != nil {
		return fail(err)
	}
	// One that cannot be removed is removed by a later OpenFileStore.
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(data)
	if err == nil {
		err = temporary.Sync()
	}
	if err := errors.Join(err, temporary.Close()); err != nil {
		return fail(err)
	}
	switch err := link(temporary.Name(), s.path(number)); {
	case errors.Is(err, fs.ErrExist):
		return conflict("journal "+s.dir, number-1, fmt.Sprintf("there is an entry %d", number))
	case err != nil:
		return fail(fmt.Errorf("%w; the directory must be writable and on a file system with hard links", err))
	}
	if err := syncDir(s.dir); err != nil {
		return fail(fmt.Errorf("it has its name, but may be lost with the power: %w", err))
	}
	return nil
}

// link gives a file a second name that must be free. A network file system may answer
// that the name is taken because it has done what it was asked before, and the answer was
// lost.
func link(file, name string) error {
	err := os.Link(file, name)
	if err == nil {
		return nil
	}
	had, hadErr := os.Lstat(file)
	has, hasErr := os.Lstat(name)
	if hadErr == nil && hasErr == nil && os.SameFile(had, has) {
		return nil
	}
	return err
}

// read reads the file of an entry. The error wraps fs.ErrNotExist when there is none,
// errEmpty when it is empty, and ErrDamaged when it is not whole.
func (s *FileStore) read(ctx context.Context, number uint64) (Entry, error) {
	path := s.path(number)
	if err := ctx.Err(); err != nil {
		return Entry{}, fmt.Errorf("journal %s: load entry %d: %w", s.dir, number, err)
	}
	data, err := s.readFile(path)
	if errors.Is(err, ErrDamaged) {
		return Entry{}, err
	}
	if err != nil {
		return Entry{}, fmt.Errorf("journal %s: read entry %d: %w", s.dir, number, err)
	}
	if len(data) == 0 {
		return Entry{}, errEmpty
	}
	e, err := unsealEntry(data, number)
	if err != nil {
		// It may have been emptied while it was read.
		if info, statErr := os.Lstat(path); statErr == nil && info.Size() == 0 {
			return Entry{}, errEmpty
		}
		return Entry{}, damaged(path, err)
	}
	return e, nil
}

func (s *FileStore) readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if info.Size() > s.maxSize {
		return nil, errors.Join(damaged(path, fmt.Errorf("it has %d bytes, more than any entry", info.Size())), file.Close())
	}
	data, err := io.ReadAll(io.LimitReader(file, s.maxSize))
	return data, errors.Join(err, file.Close())
}

// damaged is the error for a file that is not what it must be.
func damaged(path string, err error) error {
	return fmt.Errorf("%w: %s: %w; put back a copy of the file, or plan a new rollout in another directory: it looks at the clusters anew",
		ErrDamaged, path, err)
}

// removeTemporary removes the temporary files that were last written before the time.
func (s *FileStore) removeTemporary(before time.Time) error {
	names, err := s.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if ours, _ := filepath.Match("[0-9]*-*"+temporarySuffix, name); !ours {
			continue
		}
		path := filepath.Join(s.dir, name)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its process is not dead and has removed it
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || !info.ModTime().Before(before) {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what a killed process has left behind: %w", err)
		}
	}
	return nil
}

// makeDir makes a directory, and those above it that are missing, so that they survive a
// loss of power.
func makeDir(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file; name a directory", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(path)
	if err := makeDir(parent); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// syncDir makes the names in a directory durable. Windows has no such call: NTFS keeps
// names in its own journal.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	file, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
