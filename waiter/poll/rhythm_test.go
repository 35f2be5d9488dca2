package poll_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestJitterShortensThePauseWithinItsBounds(t *testing.T) {
	for name, tt := range map[string]struct{ jitter, least float64 }{
		"default": {0, 1 - poll.DefaultJitter}, "half": {0.5, 0.5}, "none": {-1, 1}, "more than all": {7, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const interval = time.Hour
				r := newResource(1000 * time.Hour)
				_, err := poll.Wait(t.Context(), "r", r.observe, func(o *poll.Options) {
					o.Interval, o.Jitter, o.Timeout = interval, tt.jitter, -1
				})
				require.NoError(t, err)
				shortest, longest := interval, time.Duration(0)
				for i := 1; i < len(r.polls); i++ {
					pause := r.polls[i] - r.polls[i-1]
					shortest, longest = min(shortest, pause), max(longest, pause)
				}
				assert.LessOrEqual(t, longest, interval)
				assert.GreaterOrEqual(t, shortest, time.Duration(tt.least*float64(interval)))
				if tt.least < 1 {
					assert.Less(t, shortest, longest, "pauses differ")
				}
			})
		})
	}
}

func pauses(polls []time.Duration) []time.Duration {
	var between []time.Duration
	for i := 1; i < len(polls); i++ {
		between = append(between, polls[i]-polls[i-1])
	}
	return between
}

func TestCadenceDecidesUnlessAnIntervalIsFixed(t *testing.T) {
	wait := func(t *testing.T, opts poll.Options) []time.Duration {
		var polls []time.Duration
		synctest.Test(t, func(t *testing.T) {
			r := newResource(20 * time.Minute)
			_, err := poll.Wait(t.Context(), "r", r.observe, func(o *poll.Options) { *o = opts; o.Jitter = -1 })
			require.NoError(t, err)
			polls = r.polls
		})
		return polls
	}
	var age time.Duration
	for _, pause := range pauses(wait(t, poll.Options{Cadence: creation})) {
		assert.Equal(t, creation.Pause(age, poll.Trend{}), pause, "after %v", age)
		age += pause
	}
	began := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-10 * time.Minute) // a bubble's clock starts with 2000
	late := wait(t, poll.Options{Cadence: poll.Cadence{Typical: creation.Typical, Began: began}})
	assert.Equal(t, creation.Pause(10*time.Minute, poll.Trend{}), late[1], "the operation is older than the wait")
	assert.Equal(t, []time.Duration{0, 15 * time.Minute, 30 * time.Minute}, wait(t, poll.Options{Cadence: creation, Interval: 15 * time.Minute}))
	assert.Len(t, wait(t, poll.Options{}), 81)
}

func TestCountsReachTheCadenceAndTheEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made, trend := time.Now(), poll.Trend{}
		var want time.Time
		_, err := poll.Wait(t.Context(), "r", func(context.Context) (poll.Observation[int], error) {
			age := time.Since(made)
			if !want.IsZero() {
				assert.Equal(t, want, time.Now())
			}
			counts := poll.Counts{Done: int(age / time.Minute), Wanted: 16}
			trend = trend.Saw(age, counts)
			want = time.Now().Add(creation.Pause(age, trend))
			if counts.Done >= counts.Wanted {
				return poll.Observation[int]{Verdict: poll.Done, Counts: counts}, nil
			}
			return poll.Observation[int]{Counts: counts}, nil
		}, func(o *poll.Options) {
			o.Cadence, o.Jitter = creation, -1
			o.OnPoll = func(_ context.Context, e poll.Event) {
				assert.Equal(t, poll.Counts{Done: int(time.Since(made) / time.Minute), Wanted: 16}, e.Counts)
			}
		})
		require.NoError(t, err)
	})
}

func TestThrottlingWidensThePause(t *testing.T) {
	throttled := errors.New("rate exceeded")
	const s = time.Second
	for name, tt := range map[string]struct {
		interval time.Duration
		want     []time.Duration // five polls are refused, then some not
	}{
		"chosen here":   {0, []time.Duration{30 * s, 60 * s, 120 * s, 180 * s, 180 * s, 180 * s, 120 * s, 60 * s, 30 * s, 15 * s, 15 * s}},
		"fixed by hand": {60 * s, []time.Duration{60 * s, 60 * s, 60 * s, 60 * s, 60 * s, 60 * s, 60 * s, 60 * s, 60 * s, 60 * s, 60 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newResource(-1)
				r.each = func(n int) error {
					switch {
					case n <= 5:
						return throttled
					case n == 7:
						return errors.New("lost")
					default:
						return nil
					}
				}
				_, err := poll.Wait(t.Context(), "r", r.observe, func(o *poll.Options) {
					o.Interval, o.Jitter, o.Timeout = tt.interval, -1, time.Hour
					o.Tolerate = func(error) bool { return true }
					o.Throttled = func(err error) bool { return errors.Is(err, throttled) }
				})
				require.ErrorIs(t, err, poll.ErrTimeout)
				assert.Equal(t, tt.want, pauses(r.polls)[:len(tt.want)])
			})
		})
	}
}

func TestPausesAreShortWhileTheResourceSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(0)
		_, err := poll.Wait(t.Context(), "r", r.observe, func(o *poll.Options) {
			o.Cadence, o.Jitter, o.Settle.Polls = creation, -1, 3
		})
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0, poll.DefaultInterval, 2 * poll.DefaultInterval}, r.polls)
	})
}
