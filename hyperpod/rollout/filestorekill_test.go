package rollout

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// killedJournal names the directory in which this test binary is to append until it is
// killed.
const killedJournal = "HYPERPODKIT_TEST_KILLED_JOURNAL"

func TestFileStoreSurvivesKills(t *testing.T) {
	if dir := os.Getenv(killedJournal); dir != "" {
		appendUntilKilled(t, dir)
		return
	}
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGKILL on Windows")
	}
	const kills = 30
	dir := t.TempDir()
	var acknowledged uint64
	for range kills {
		began := acknowledged
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFileStoreSurvivesKills$")
		cmd.Env = append(os.Environ(), killedJournal+"="+dir)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			number, err := strconv.ParseUint(lines.Text(), 10, 64)
			require.NoError(t, err, lines.Text())
			if acknowledged == began { // it is at work: kill it at any moment from now
				time.AfterFunc(rand.N(15*time.Millisecond), func() { _ = cmd.Process.Kill() })
			}
			acknowledged = number
		}
		require.Error(t, cmd.Wait(), "it was killed")
		require.Greater(t, acknowledged, began)

		entries := load(t, openStore(t, dir), 0)
		last := entries[len(entries)-1].Number
		assert.Equal(t, between(entries[0].Number, last), entries)
		assert.NotNil(t, entries[0].Snapshot)
		// The last one may have been kept without anybody being told.
		require.Contains(t, []uint64{acknowledged, acknowledged + 1}, last)
	}
	t.Logf("%d entries, %d files", acknowledged, len(names(t, dir)))
}

// appendUntilKilled tells the number of each entry once it is kept.
func appendUntilKilled(t *testing.T, dir string) {
	t.Helper()
	s := openStore(t, dir)
	var last uint64
	for _, e := range load(t, s, 0) {
		last = e.Number
	}
	for {
		require.NoError(t, s.Append(t.Context(), numbered(last+1), last))
		last++
		_, err := fmt.Println(last)
		require.NoError(t, err)
	}
}
