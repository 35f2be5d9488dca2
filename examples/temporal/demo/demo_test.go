package main

import (
	"context"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain is the processes that the demo starts, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains(roles(), os.Args[1]) {
		if err := runAsProcess(os.Args[1:]); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// runAsProcess is the program in a process of its own, which a signal ends.
func runAsProcess(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return run(ctx, args, os.Stdout)
}

func TestTheDemo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says []string
	}{
		"a worker is killed": {
			[]string{"-clusters", "200"},
			[]string{"killed: worker", "outcome: succeeded; 200 of 200 targets done; 0 updated twice", "the kill cost:"},
		},
		"histories are kept short": {
			[]string{"-clusters", "24", "-workers", "2", "-kill=false", "-events", "60", "-update", "5s"},
			[]string{"outcome: succeeded; 24 of 24 targets done; 0 updated twice"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			err := run(t.Context(), c.args, &out)
			t.Log(out.String())
			require.NoError(t, err)
			for _, words := range c.says {
				assert.Contains(t, out.String(), words)
			}
		})
	}
}

// The figures of a small rollout: what they are matters less than that each run has them.
func TestNumbers(t *testing.T) {
	t.Parallel() // it mostly waits
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"numbers", "-clusters", "10", "-counts", "2", "-update", "2s", "-poll", "1s", "-hold", "5s"}, &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 5, out.String())
	row := regexp.MustCompile(`^\| (.*) \| (\d+) \| \d+ s \| \d+\.\d\d \| (–|[1-9]\d\.\d) \| [1-9]\d+ MB \|( \d+ s \|){3}$`)
	for i, name := range []string{"in process", "2 workers", "1 worker, all at once"} {
		m := row.FindStringSubmatch(lines[i+2])
		require.NotNil(t, m, lines[i+2])
		assert.Equal(t, name, m[1])
		assert.NotEqual(t, "0", m[2])
		assert.Equal(t, name == "in process", m[3] == "–")
	}
}

func TestARowOfTheTable(t *testing.T) {
	f := figures{
		Targets: 100, Calls: 1234, Took: 90 * time.Second, InFlight: 90, Workflows: 3, Events: 2050,
		Memory: []int64{100 << 10, 120 << 10}, Emulator: 5 * time.Second, Workers: 20 * time.Second,
	}
	assert.Equal(t, "| 2 workers | 90 | 90 s | 12.34 | 20.5 | 120 MB | 20 s | 15 s | 5 s |", f.row("2 workers", 40*time.Second))
	f = figures{Targets: 100, Calls: 1234, Took: 90 * time.Second, InFlight: 90, Emulator: 5 * time.Second}
	assert.Equal(t, "| in process | 90 | 90 s | 12.34 | – | ? | 35 s | 0 s | 5 s |", f.row("in process", 40*time.Second))
	file := t.TempDir() + "/figures.json"
	require.NoError(t, f.write(file))
	read, err := readFigures(file)
	require.NoError(t, err)
	assert.Equal(t, f, read)
}

func TestFlagsThatDoNotFit(t *testing.T) {
	for _, args := range [][]string{{"-clusters", "0"}, {"-workers", "1"}, {"-unknown"}, {"numbers", "-counts", "1,none"}} {
		var out strings.Builder
		require.Error(t, run(t.Context(), args, &out))
		assert.Empty(t, out.String())
	}
}
