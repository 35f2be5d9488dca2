package temporalroll

import (
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// replay replays the recorded histories with a decider.
func replay(t *testing.T, next func(rollout.State) rollout.Decision) map[string]error {
	t.Helper()
	files, err := filepath.Glob("testdata/histories/*.json")
	require.NoError(t, err)
	require.Len(t, files, 3)
	errs := map[string]error{}
	for _, file := range files {
		replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DataConverter: DataConverter()})
		require.NoError(t, err)
		register(replayer, &Workflows{Next: next})
		logger := log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
		errs[filepath.Base(file)] = replayer.ReplayWorkflowHistoryFromJSONFile(logger, file)
	}
	return errs
}

// The histories are those of a run of the demo, in which a worker was killed. When this
// fails rollouts that are under way cannot go on with the code as it is: see the README,
// "Upgrades", before the histories are recorded anew.
func TestRecordedHistoriesReplay(t *testing.T) {
	for range 5 { // what depends on the order of a map differs sooner or later
		for file, err := range replay(t, nil) {
			require.NoError(t, err, file)
		}
	}
}

// What a decider decides otherwise is noticed.
func TestAnotherDeciderDoesNotReplay(t *testing.T) {
	for name, next := range map[string]func(rollout.State) rollout.Decision{
		"another order of targets": func(s rollout.State) rollout.Decision {
			d := rollout.Next(s)
			slices.Reverse(d.Steps)
			return d
		},
		"one step at a time": func(s rollout.State) rollout.Decision {
			d := rollout.Next(s)
			d.Steps = d.Steps[:min(1, len(d.Steps))]
			if s.Totals().Active > 0 {
				d.Steps = nil
			}
			return d
		},
		"no bake": func(s rollout.State) rollout.Decision {
			for w := range s.Waves {
				s.Waves[w].Bake = 0
			}
			return rollout.Next(s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for file, err := range replay(t, next) {
				if file != "golden.json" { // the fleet asks no decider
					assert.Error(t, err, file)
				}
			}
		})
	}
}
