package poll_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func ExampleCadence() {
	cadence := poll.Cadence{Typical: 15 * time.Minute}
	for _, elapsed := range []time.Duration{0, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, time.Hour} {
		fmt.Println(elapsed, cadence.Pause(elapsed, poll.Trend{}).Round(time.Second))
	}

	// Four of sixteen instances every four minutes: the last comes in 16 minutes.
	var steady poll.Trend
	for minutes := range 4 {
		steady = steady.Saw(time.Duration(4*minutes)*time.Minute, poll.Counts{Done: 4 * minutes, Wanted: 16})
	}
	fmt.Println("12 of 16 after 12m0s", cadence.Pause(12*time.Minute, steady).Round(time.Second))
	fmt.Println("12 of 16 after 15m0s", cadence.Pause(15*time.Minute, steady).Round(time.Second))
	// Output:
	// 0s 3m0s
	// 5m0s 2m10s
	// 10m0s 59s
	// 15m0s 42s
	// 1h0m0s 1m0s
	// 12 of 16 after 12m0s 1m10s
	// 12 of 16 after 15m0s 40s
}

var creation = poll.Cadence{Typical: 15 * time.Minute}

func TestAPauseStaysWithinItsBounds(t *testing.T) {
	var none, even, burst, full poll.Trend
	for i := range 9 {
		even = even.Saw(time.Duration(i)*time.Minute, poll.Counts{Done: i, Wanted: 16})
	}
	burst = burst.Saw(0, poll.Counts{Wanted: 6758}).Saw(time.Nanosecond, poll.Counts{Done: 6757, Wanted: 6758})
	full = even.Saw(9*time.Minute, poll.Counts{Done: 16, Wanted: 16}).Saw(10*time.Minute, poll.Counts{Done: 17, Wanted: 16})
	for name, trend := range map[string]poll.Trend{"none": none, "even": even, "burst": burst, "full": full} {
		for _, typical := range []time.Duration{1, time.Second, 15 * time.Minute, math.MaxInt64} {
			for _, elapsed := range []time.Duration{math.MinInt64, -1, 0, 1, time.Minute, 10 * time.Minute, time.Hour, 1000 * time.Hour, math.MaxInt64} {
				pause := poll.Cadence{Typical: typical}.Pause(elapsed, trend)
				assert.GreaterOrEqual(t, pause, poll.ShortestPause, "%s, typical %v, after %v", name, typical, elapsed)
				assert.LessOrEqual(t, pause, poll.LongestPause, "%s, typical %v, after %v", name, typical, elapsed)
			}
		}
	}
}

func TestNothingKnownIsTheDefaultInterval(t *testing.T) {
	assert.Equal(t, poll.DefaultInterval, poll.Cadence{}.Pause(time.Hour, poll.Trend{}))
	assert.Equal(t, poll.DefaultInterval, poll.Cadence{Typical: -1}.Pause(0, poll.Trend{}))
}

func TestPausesShortenTowardsTheTypicalEnd(t *testing.T) {
	last := poll.LongestPause + 1
	for elapsed := 2 * time.Minute; elapsed <= 15*time.Minute; elapsed += time.Minute {
		pause := creation.Pause(elapsed, poll.Trend{})
		assert.LessOrEqual(t, pause, last, "after %v", elapsed)
		last = pause
	}
	assert.Less(t, last, 45*time.Second)
}

// seen is a trend of one look a minute.
func seen(wanted int, done ...int) poll.Trend {
	var trend poll.Trend
	for i, n := range done {
		trend = trend.Saw(time.Duration(i)*time.Minute, poll.Counts{Done: n, Wanted: wanted})
	}
	return trend
}

func TestCounts(t *testing.T) {
	none := creation.Pause(8*time.Minute, poll.Trend{})
	pause := func(trend poll.Trend) time.Duration { return creation.Pause(8*time.Minute, trend) }

	assert.Greater(t, pause(seen(40, 0, 1, 2, 3, 4, 5, 6, 7, 8)), none*5/4, "far from the end")
	assert.Less(t, pause(seen(17, 0, 2, 4, 6, 8, 10, 12, 14, 16)), none/2, "near the end")
	assert.Equal(t, none, pause(seen(16, 0, 0, 0, 0, 0, 0, 0, 0, 0)), "no progress")
	assert.Equal(t, none, pause(seen(16, 5, 5, 5)), "no progress since the wait began")
	assert.InEpsilon(t, none, pause(seen(17, 0, 0, 0, 0, 8, 8, 8, 8, 16)), 0.3, "bursts say little")
	assert.InEpsilon(t, creation.Pause(30*time.Minute, poll.Trend{}),
		creation.Pause(30*time.Minute, seen(17, 0, 2, 4, 6, 8, 10, 12, 14, 16)), 0.1, "a stall refutes the counts")
}

func TestATrendBeginsAnew(t *testing.T) {
	fresh := poll.Trend{}.Saw(time.Hour, poll.Counts{Done: 3, Wanted: 16})
	assert.Equal(t, fresh, seen(16, 0, 2, 4).Saw(time.Hour, poll.Counts{Done: 3, Wanted: 16}), "fewer done")
	assert.Equal(t, fresh, seen(8, 0, 2, 2).Saw(time.Hour, poll.Counts{Done: 3, Wanted: 16}), "another number wanted")
	assert.Equal(t, seen(16, 0, 2), seen(16, 0, 2).Saw(time.Hour, poll.Counts{}), "no counts leave it as it is")
}
