package rollout_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// asReported has operations take what estimates reckon with, but for what happens before
// and after the nodes are replaced.
func asReported(atOnce bool) func(*hyperpodtest.Options) {
	return func(o *hyperpodtest.Options) {
		hyperpodtest.Realistic(o)
		o.Durations.NodeStart, o.Durations.NodeStop = 19*time.Minute, 14*time.Minute
		if o.Durations.NodeReplace = 29 * time.Minute; atOnce {
			o.Durations.NodeReplace = 44 * time.Minute
		}
	}
}

// An estimate is held against rollouts on the emulator, with the times that it reckons
// with, and with those of the emulator, which do not come from the same figures. Calls are
// more than proportional to the time.
func TestEstimateAgainstTheEmulator(t *testing.T) {
	for name, edit := range map[string]func(*rollout.Spec){
		"all nodes at once": func(*rollout.Spec) {},
		"batches": func(s *rollout.Spec) {
			s.Strategy.Deployment = hyperpod.Deployment{Batch: hyperpod.Percent(25), WaitInterval: 10 * time.Minute}
		},
		"one by one, two targets at a time": func(s *rollout.Spec) {
			s.Strategy.OneByOne, s.Limits.Wave = true, 2
		},
		"waves with bakes, few nodes out": func(s *rollout.Spec) {
			s.Waves, s.Bake, s.Limits.Nodes = rollout.Percentages(20, 100), time.Hour, 10
		},
		"replace with a canary": func(s *rollout.Spec) {
			s.Strategy, s.Limits.Region = rollout.Strategy{Replace: &rollout.Replace{Suffix: "-2", Canary: 1}}, 3
		},
		"replace": func(s *rollout.Spec) {
			s.Strategy = rollout.Strategy{Replace: &rollout.Replace{Suffix: "-2"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, edit, asReported(name != "batches"), 1.2, 1.2)
		})
		t.Run(name+", realistic", func(t *testing.T) {
			compare(t, edit, hyperpodtest.Realistic, 2, 2.5)
		})
	}
}

// compare plans and runs a rollout, and holds the estimate to factors.
func compare(t *testing.T, edit func(*rollout.Spec), times func(*hyperpodtest.Options), duration, reading float64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 5, times)
		spec := f.spec()
		edit(&spec)
		x := rollout.NewExecutor(f.clients)
		plan, err := x.Plan(t.Context(), spec)
		require.NoError(t, err)
		before := len(f.srv.Calls())
		report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(t.Context(), plan)
		require.NoError(t, err)
		changed, read := 0, 0
		for _, c := range f.srv.Calls()[before:] {
			if slices.Contains([]string{"UpdateClusterSoftware", "UpdateCluster"}, c.Operation) {
				changed++
			} else {
				read++
			}
		}
		e := plan.Estimate()
		assert.Equal(t, changed, e.Mutating)
		assert.Equal(t, 25, e.Nodes)
		within(t, "minutes", e.Duration.Minutes(), report.Ended.Sub(report.Began).Minutes(), duration)
		within(t, "reading calls", float64(e.Reading), float64(read), reading)
	})
}

// within holds an estimate to a factor.
func within(t *testing.T, what string, estimated, was, factor float64) {
	t.Helper()
	assert.LessOrEqual(t, estimated, factor*was, "%s: %v estimated, %v were", what, estimated, was)
	assert.GreaterOrEqual(t, estimated, was/factor, "%s: %v estimated, %v were", what, estimated, was)
}

// Events tell when the rollout may end, from its beginning and better with each wave.
func TestEventsTellTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 10, hyperpodtest.Realistic)
		spec := f.spec()
		spec.Waves, spec.Bake = rollout.Percentages(10, 50, 100), 30*time.Minute
		x := rollout.NewExecutor(f.clients)
		plan, err := x.Plan(t.Context(), spec)
		require.NoError(t, err)
		var events []rollout.Event
		report, err := rollout.NewRunner(x, rollout.NewMemStore(), func(o *rollout.RunnerOptions) {
			o.OnEvent = func(_ context.Context, e rollout.Event) { events = append(events, e) }
		}).Run(t.Context(), plan)
		require.NoError(t, err)
		first, last := events[1].Totals, events[len(events)-1].Totals
		assert.WithinDuration(t, report.Began.Add(plan.Estimate().Duration), first.End, time.Minute)
		assert.Zero(t, last.End, "it has ended")
		learnt := 0
		for _, e := range events {
			if e.Totals.Wave == 2 && !e.Totals.End.IsZero() {
				learnt++
				assert.WithinDuration(t, report.Ended, e.Totals.End, 5*time.Minute)
			}
		}
		assert.NotZero(t, learnt)
	})
}
