package rollout

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func openStore(t *testing.T, dir string) *FileStore {
	t.Helper()
	s, err := OpenFileStore(dir)
	require.NoError(t, err)
	return s
}

// journal makes a journal with entries and returns its directory.
func journal(t *testing.T, last uint64) string {
	t.Helper()
	dir := t.TempDir()
	fill(t, openStore(t, dir), 1, last)
	return dir
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestFileStoreFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	s := openStore(t, dir)
	fill(t, s, 1, 9)
	assert.Equal(t, []string{
		"00000001.json", "00000002.json", "00000003.json", "00000004.json", "00000005.json",
		"00000006.json", "00000007.json", "00000008.json", "00000009.json",
	}, names(t, dir), "names stay, temporary files do not")
	for number := uint64(1); number <= 9; number++ {
		info, err := os.Stat(s.path(number))
		require.NoError(t, err)
		assert.Equal(t, number < 7, info.Size() == 0, "entry %d: what is before the snapshot is emptied", number)
		if runtime.GOOS != "windows" {
			assert.Equal(t, os.FileMode(0o600), info.Mode())
		}
	}
	if runtime.GOOS != "windows" {
		info, err := os.Stat(dir)
		require.NoError(t, err)
		assert.Equal(t, os.ModeDir|0o700, info.Mode())
	}
}

// A process that ends while it writes leaves a temporary file with any part of the entry.
func TestFileStoreKilledWhileWriting(t *testing.T) {
	dir := journal(t, 9)
	data, err := sealEntry(numbered(10), 10)
	require.NoError(t, err)
	for length := range len(data) + 1 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "00000010-123.tmp"), data[:length], 0o600))
		assert.Equal(t, between(7, 9), load(t, openStore(t, dir), 0))
	}
	fill(t, openStore(t, dir), 10, 10)
	assert.Equal(t, between(7, 10), load(t, openStore(t, dir), 0))
}

// A process that ends before it removes the temporary file leaves a second name of an
// entry.
func TestFileStoreKilledAfterLinking(t *testing.T) {
	dir := journal(t, 9)
	s := openStore(t, dir)
	require.NoError(t, os.Link(s.path(9), filepath.Join(dir, "00000009-123.tmp")))
	assert.Equal(t, between(7, 9), load(t, openStore(t, dir), 0))
	fill(t, s, 10, 14)
	assert.Equal(t, between(14, 14), load(t, openStore(t, dir), 0))
}

// A process that ends while it empties what a snapshot has made needless leaves some of it.
func TestFileStoreKilledWhileEmptying(t *testing.T) {
	for emptied := range uint64(7) {
		dir := t.TempDir()
		s := openStore(t, dir)
		fill(t, s, 1, 6)
		s.emptied.Store(100) // so that the snapshot empties none
		fill(t, s, 7, 8)
		for number := uint64(1); number <= emptied; number++ {
			require.NoError(t, os.Truncate(s.path(number), 0))
		}
		s = openStore(t, dir)
		assert.Equal(t, between(7, 8), load(t, s, 0))
		if emptied > 0 {
			assert.Equal(t, between(7, 8), load(t, s, emptied-1))
		}
		after := max(emptied, 1)
		assert.Equal(t, between(after+1, 8), load(t, s, after), "what is left may be read")
		fill(t, s, 9, 14)
		info, err := os.Stat(s.path(6))
		require.NoError(t, err)
		assert.Zero(t, info.Size(), "the next snapshot makes up for it")
	}
}

// A file can be cut off by loss of power on a disk that lies, or by somebody.
func TestFileStoreCutOff(t *testing.T) {
	for _, test := range []struct {
		name   string
		number uint64
		after  uint64
	}{
		{"last", 9, 0},
		{"last, for a reader", 9, 8},
		{"between", 8, 0},
		{"between, for a reader", 8, 7},
		{"snapshot", 7, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := journal(t, 9)
			s := openStore(t, dir)
			data, err := os.ReadFile(s.path(test.number))
			require.NoError(t, err)
			require.Equal(t, byte('\n'), data[len(data)-1])
			for length := range len(data) - 1 { // without its last newline it is still whole
				require.NoError(t, os.WriteFile(s.path(test.number), data[:length], 0o600))
				_, err := openStore(t, dir).Load(t.Context(), test.after)
				require.ErrorIs(t, err, ErrDamaged, "of %d bytes", length)
				require.ErrorContains(t, err, s.path(test.number))
				require.ErrorContains(t, err, "put back a copy")
			}
		})
	}
}

func TestFileStoreDamage(t *testing.T) {
	edit := func(from, to string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			t.Helper()
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			changed := bytes.Replace(data, []byte(from), []byte(to), 1)
			require.NotEqual(t, data, changed)
			require.NoError(t, os.WriteFile(path, changed, 0o600))
		}
	}
	write := func(content string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		}
	}
	reseal := func(from, to string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			t.Helper()
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			var file sealed
			require.NoError(t, decodeStrictly(data, &file))
			entry := strings.Replace(string(file.Entry), from, to, 1)
			require.NotEqual(t, string(file.Entry), entry)
			write(`{"sha256":"`+checksum([]byte(entry))+`","entry":`+entry+`}`)(t, path)
		}
	}
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, path string)
		says   string
	}{
		{"edited", edit("runner-8", "runner-9"), "its checksum is"},
		{"checksum edited", edit(`"sha256":"`, `"sha256":"0`), "its checksum is"},
		{"no checksum", write(`{"entry":{"number":8}}`), `its checksum is ""`},
		{"appended to", edit("}\n", "}\n{}\n"), "more after its end"},
		{"not JSON", write("hello"), "invalid character"},
		{"zeros", write(strings.Repeat("\x00", 100)), "invalid character"},
		{"empty", write(""), "empty and no later entry has a snapshot"},
		{"removed", func(t *testing.T, path string) { t.Helper(); require.NoError(t, os.Remove(path)) }, "no such file"},
		{"another entry's", reseal(`"number":8`, `"number":9`), "it holds entry 9"},
		{"a member of a newer version", reseal(`"runner"`, `"colour":"red","runner"`), `unknown field "colour"`},
		{"a nested member of a newer version", reseal(`"op":2`, `"op":2,"colour":"red"`), `unknown field "colour"`},
		{"too large", func(t *testing.T, path string) { t.Helper(); require.NoError(t, os.Truncate(path, maxEntrySize+1)) }, "more than any entry"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := journal(t, 9)
			s := openStore(t, dir)
			test.damage(t, s.path(8))
			_, err := s.Load(t.Context(), 0)
			require.ErrorIs(t, err, ErrDamaged)
			require.ErrorContains(t, err, s.path(8))
			if runtime.GOOS != "windows" || test.name != "removed" {
				require.ErrorContains(t, err, test.says)
			}
		})
	}
}

// What is before the last snapshot is not needed, whatever has become of it.
func TestFileStoreDamageBeforeASnapshot(t *testing.T) {
	dir := journal(t, 9)
	s := openStore(t, dir)
	require.NoError(t, os.WriteFile(s.path(5), []byte("hello"), 0o600))
	require.NoError(t, os.Remove(s.path(3)))
	assert.Equal(t, between(7, 9), load(t, s, 0))
	fill(t, openStore(t, dir), 10, 15)
	assert.Equal(t, between(14, 15), load(t, openStore(t, dir), 0))
}

// Somebody may have tidied up. The journal has begun all the same.
func TestFileStoreEmptyFilesRemoved(t *testing.T) {
	dir := journal(t, 9)
	s := openStore(t, dir)
	for number := uint64(1); number < 7; number++ {
		require.NoError(t, os.Remove(s.path(number)))
	}
	require.ErrorIs(t, s.Append(t.Context(), numbered(1), 0), ErrConflict)
	assert.Equal(t, between(7, 9), load(t, s, 0))
	fill(t, s, 10, 14)
	assert.Equal(t, between(14, 14), load(t, s, 0))
}

// A reader goes from the list of files to one that is emptied before it reads it.
func TestFileStoreReadWhileEmptied(t *testing.T) {
	dir := journal(t, 1)
	const last = 300
	written := make(chan error)
	go func() {
		s, err := OpenFileStore(dir)
		for number := uint64(2); number <= last && err == nil; number++ {
			e := numbered(number)
			e.Snapshot = &State{Version: Version}
			err = s.Append(t.Context(), e, number-1)
		}
		written <- err
	}()
	s := openStore(t, dir)
	for {
		select {
		case err := <-written:
			require.NoError(t, err)
			entries := load(t, s, 1)
			require.Len(t, entries, 1)
			assert.Equal(t, uint64(last), entries[0].Number)
			return
		default:
			require.NotEmpty(t, load(t, s, 0))
		}
	}
}

func TestFileStoreOthersFiles(t *testing.T) {
	dir := journal(t, 9)
	for _, name := range []string{"README", "00000010.json.bak", "10.json", "+0000010.json", "0000000010.json", "00000000.json", ".json", "x.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("not ours"), 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "copies"), 0o700))
	s := openStore(t, dir)
	assert.Equal(t, between(7, 9), load(t, s, 0))
	fill(t, s, 10, 10)
	assert.Len(t, names(t, dir), 10+8+1, "they are left alone")
}

func TestFileStoreNumbersGrowOutOfTheirWidth(t *testing.T) {
	s := openStore(t, t.TempDir())
	const large = 100_000_004 // a multiple of seven follows
	data, err := sealEntry(numbered(large), large)
	require.NoError(t, err)
	require.NoError(t, s.write(large, data))
	data, err = sealEntry(Entry{Snapshot: &State{}}, 99_999_999)
	require.NoError(t, err)
	require.NoError(t, s.write(99_999_999, data))
	last, err := s.last()
	require.NoError(t, err)
	assert.Equal(t, uint64(large), last)
}

func TestFileStoreRemovesStaleTemporaryFiles(t *testing.T) {
	dir := journal(t, 2)
	old := filepath.Join(dir, "00000003-1.tmp")
	fresh := filepath.Join(dir, "00000003-2.tmp")
	foreign := filepath.Join(dir, "mine.tmp")
	for _, path := range []string{old, fresh, foreign} {
		require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	}
	long := time.Now().Add(-2 * time.Hour)
	require.NoError(t, os.Chtimes(old, long, long))
	require.NoError(t, os.Chtimes(foreign, long, long))
	openStore(t, dir)
	assert.Equal(t, []string{"00000001.json", "00000002.json", "00000003-2.tmp", "mine.tmp"}, names(t, dir))
}

func TestFileStoreEntryTooLarge(t *testing.T) {
	s := openStore(t, t.TempDir())
	fill(t, s, 1, 1)
	s.maxSize = 1000
	e := numbered(2)
	e.Runner = strings.Repeat("x", 1000)
	require.ErrorContains(t, s.Append(t.Context(), e, 1), "more than the 1000 that a file may have")
	fill(t, s, 2, 2)
	assert.Equal(t, between(1, 2), load(t, s, 0))
}

func TestFileStorePaths(t *testing.T) {
	_, err := OpenFileStore("")
	require.ErrorContains(t, err, "the directory is empty")

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = OpenFileStore(file)
	require.ErrorContains(t, err, file+" is a file; name a directory")
	_, err = OpenFileStore(filepath.Join(file, "below"))
	require.ErrorContains(t, err, file)

	t.Chdir(t.TempDir())
	s := openStore(t, "journal")
	fill(t, s, 1, 1)
	t.Chdir(t.TempDir())
	assert.Equal(t, between(1, 1), load(t, s, 0), "another working directory changes nothing")
}

func TestFileStoreDirectoryGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	s := openStore(t, dir)
	fill(t, s, 1, 3)
	require.NoError(t, os.RemoveAll(dir))
	_, err := s.Load(t.Context(), 0)
	require.ErrorContains(t, err, dir)
	_, err = s.Load(t.Context(), 3)
	require.ErrorContains(t, err, "there is no entry 3")
	require.ErrorContains(t, s.Append(t.Context(), numbered(4), 3), "there is no entry 3")
	require.ErrorContains(t, s.Append(t.Context(), numbered(1), 0), dir)
}

func TestFileStorePermissions(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("permission bits do not bind Windows or root")
	}
	dir := journal(t, 2)
	s := openStore(t, dir)
	require.NoError(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { assert.NoError(t, os.Chmod(dir, 0o700)) })
	err := s.Append(t.Context(), numbered(3), 2)
	require.ErrorIs(t, err, os.ErrPermission)
	require.ErrorContains(t, err, "write entry 3")
	assert.Equal(t, between(1, 2), load(t, s, 0), "reading needs no right to write")
	require.NoError(t, os.Chmod(s.path(2), 0))
	_, err = s.Load(t.Context(), 0)
	require.ErrorIs(t, err, os.ErrPermission)
	require.NotErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, s.path(2))
}

// When the answer to a link is lost, a network file system is asked again and says that
// the name is taken.
func TestLinkWhoseAnswerWasLost(t *testing.T) {
	dir := t.TempDir()
	file, name, other := filepath.Join(dir, "file"), filepath.Join(dir, "name"), filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(file, []byte("ours"), 0o600))
	require.NoError(t, os.WriteFile(other, []byte("theirs"), 0o600))
	require.NoError(t, link(file, name))
	require.NoError(t, link(file, name))
	require.ErrorIs(t, link(file, other), os.ErrExist)
	require.ErrorIs(t, link(filepath.Join(dir, "none"), name), os.ErrNotExist)
}
