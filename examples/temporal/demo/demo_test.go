package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain is the processes that the demo starts, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "emulator" || os.Args[1] == "worker") {
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

func TestFlagsThatDoNotFit(t *testing.T) {
	for _, args := range [][]string{{"-clusters", "0"}, {"-workers", "1"}, {"-unknown"}} {
		var out strings.Builder
		require.Error(t, run(t.Context(), args, &out))
		assert.Empty(t, out.String())
	}
}
