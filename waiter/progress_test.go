package waiter_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// progressAt watches the group "workers" once a minute and returns its progress at
// some ages, with the end as the age at which it is expected.
func progressAt(t *testing.T, timeline []moment, ages ...time.Duration) (found []waiter.Progress, ends []time.Duration) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		f := newFake(timeline...)
		for s, err := range waiter.Watch(t.Context(), f, "train", exact, func(o *waiter.Options) { o.Poll.Interval = time.Minute }) {
			require.NoError(t, err)
			if time.Since(f.born) < ages[len(found)] {
				continue
			}
			g, ok := s.Group("workers")
			require.True(t, ok)
			end := time.Duration(0)
			if !g.Progress.End.IsZero() {
				end = g.Progress.End.Sub(f.born).Round(time.Second)
			}
			g.Progress.End = time.Time{}
			found, ends = append(found, g.Progress), append(ends, end)
			if len(found) == len(ages) {
				return
			}
		}
	})
	return found, ends
}

func scaling(current, target int32) *sagemaker.DescribeClusterOutput {
	return cluster(inService, group("workers", gUpdating, current, target))
}

func TestProgressOfScaling(t *testing.T) {
	found, ends := progressAt(t, []moment{
		at(0, scaling(2, 8)), at(10*minute, scaling(4, 8)), at(20*minute, scaling(6, 8)), at(40*minute, scaling(5, 8)), at(50*minute, scaling(1, 8)), at(60*minute, scaling(8, 8)),
	}, 0, 9*minute, 10*minute, 20*minute, 30*minute, 40*minute, 50*minute, 60*minute)
	assert.Equal(t, []waiter.Progress{
		{Done: 2, Wanted: 8},
		{Done: 2, Wanted: 8},
		{Done: 4, Wanted: 8, Rate: 12},
		{Done: 6, Wanted: 8, Rate: 12},
		{Done: 6, Wanted: 8, Rate: 8}, // nothing has come for ten minutes
		{Done: 5, Wanted: 8, Rate: 4.5},
		{Done: 1, Wanted: 8, Rate: -1.2}, // fewer than in the beginning
		{Done: 8, Wanted: 8, Rate: 6},
	}, found)
	assert.Equal(t, []time.Duration{0, 0, 30 * minute, 30 * minute, 45 * minute, 80 * minute, 0, 0}, ends)
}

func TestProgressOfMakingSmaller(t *testing.T) {
	found, ends := progressAt(t, []moment{at(0, scaling(8, 4)), at(10*minute, scaling(6, 4))}, 10*minute)
	assert.Equal(t, []waiter.Progress{{Done: 6, Wanted: 4, Rate: 12}}, found)
	assert.Equal(t, []time.Duration{20 * minute}, ends)
}

func TestProgressBeginsAnewWithAnotherGoal(t *testing.T) {
	found, ends := progressAt(t, []moment{at(0, scaling(0, 4)), at(10*minute, scaling(2, 4)), at(20*minute, scaling(2, 8)), at(30*minute, scaling(3, 8))}, 20*minute, 30*minute)
	assert.Equal(t, []waiter.Progress{{Done: 2, Wanted: 8}, {Done: 3, Wanted: 8, Rate: 6}}, found)
	assert.Equal(t, []time.Duration{0, 80 * minute}, ends)
}

func TestProgressOfASoftwareUpdate(t *testing.T) {
	untold := sc(inProgress, amiA, amiB, 0)
	untold.InstanceGroups[0].TargetStateCount = nil
	found, ends := progressAt(t, []moment{
		at(0, sc(succeeded, amiA, amiA, 4)), at(minute, untold), at(2*minute, sc(inProgress, amiA, amiB, 0)), at(11*minute, sc(inProgress, amiA, amiB, 1)),
		at(20*minute, sc(undoing, amiB, amiA, 3)), at(30*minute, sc(undone, amiA, amiA, 4)),
	}, 0, minute, 11*minute, 20*minute, 30*minute)
	assert.Equal(t, []waiter.Progress{
		{Done: 4, Wanted: 4},
		{Software: true, Done: 0, Wanted: 4},
		{Software: true, Done: 1, Wanted: 4, Rate: 6},
		{Software: true, Done: 3, Wanted: 4}, // of the rollback
		{Done: 4, Wanted: 4},
	}, found)
	assert.Equal(t, []time.Duration{0, 0, 41 * minute, 0, 0}, ends)
}

// A long set-up is forgotten after eight changes.
func TestRateIsThatOfTheLastChanges(t *testing.T) {
	timeline := []moment{at(0, scaling(0, 100))}
	for i := range int32(20) {
		timeline = append(timeline, at(time.Hour+time.Duration(i)*minute, scaling(i+1, 100)))
	}
	found, ends := progressAt(t, timeline, time.Hour+minute, time.Hour+19*minute)
	assert.InDelta(t, 1.97, found[0].Rate, 0.01)
	assert.InDelta(t, 60, found[1].Rate, 0.01)
	assert.Zero(t, ends[0], "more than a day away")
	assert.Equal(t, time.Hour+19*minute+80*minute, ends[1])
}

// A group that goes and comes again is another one.
func TestProgressForgetsGroups(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, scaling(0, 8)), at(5*minute, cluster(inService)), at(10*minute, scaling(2, 8)))
		for s, err := range waiter.Watch(t.Context(), f, "train", exact) {
			require.NoError(t, err)
			if g, ok := s.Group("workers"); ok && g.Current == 2 {
				assert.Zero(t, g.Progress.Rate)
				return
			}
		}
	})
}
