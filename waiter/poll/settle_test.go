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

func TestSettle(t *testing.T) {
	const minute = time.Minute
	for name, tt := range map[string]struct {
		settle poll.Settle
		broken time.Duration // not done at this age
		want   time.Duration
		polls  int
	}{
		"once is enough":                {poll.Settle{}, -1, 0, 1},
		"three polls in a row":          {poll.Settle{Polls: 3}, -1, 2 * minute, 3},
		"a break begins the run anew":   {poll.Settle{Polls: 3}, minute, 4 * minute, 5},
		"for a time":                    {poll.Settle{For: 90 * time.Second}, -1, 90 * time.Second, 3},
		"a break begins the time anew":  {poll.Settle{For: 90 * time.Second}, minute, 210 * time.Second, 5},
		"both, where the time is short": {poll.Settle{Polls: 4, For: time.Second}, -1, 121 * time.Second, 4},
		"both, where the polls are few": {poll.Settle{Polls: 2, For: 3 * minute}, -1, 3 * minute, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				made, polls := time.Now(), 0
				observe := func(context.Context) (poll.Observation[int], error) {
					polls++
					if time.Since(made) == tt.broken {
						return poll.Observation[int]{}, nil
					}
					return poll.Observation[int]{Verdict: poll.Done}, nil
				}
				_, err := poll.Wait(t.Context(), "r", observe, every(minute), func(o *poll.Options) { o.Settle = tt.settle })
				require.NoError(t, err)
				assert.Equal(t, tt.want, time.Since(made))
				assert.Equal(t, tt.polls, polls)
			})
		})
	}
}

func TestAnErrorDoesNotInterruptSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(0)
		r.each = func(n int) error {
			if n == 2 {
				return errors.New("lost")
			}
			return nil
		}
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) {
			o.Settle.Polls = 3
			o.Tolerate = func(error) bool { return true }
		})
		require.NoError(t, err)
		assert.Len(t, r.polls, 4)
	})
}

func TestNotSettledAtTheDeadlineIsATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := poll.Wait(t.Context(), "r", newResource(0).observe, every(time.Minute), func(o *poll.Options) {
			o.Settle.For, o.Timeout = time.Hour, time.Minute
		})
		require.ErrorIs(t, err, poll.ErrTimeout)
		require.ErrorContains(t, err, "not held for long enough")
	})
}
