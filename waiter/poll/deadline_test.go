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

func TestPollsOnceMoreAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(100 * time.Second)
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) { o.Timeout = 100 * time.Second })
		require.NoError(t, err, "reached in the last moment")
		assert.Equal(t, []time.Duration{0, time.Minute, 100 * time.Second}, r.polls)
	})
}

func TestTimesOutOnlyAfterAPollThatBeganAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(-1)
		r.each = func(n int) error {
			if n == 2 { // begins at 60 s, before the deadline, and comes back after it
				time.Sleep(time.Minute)
			}
			return nil
		}
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) { o.Timeout = 100 * time.Second })
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.Equal(t, []time.Duration{0, time.Minute, 2 * time.Minute}, r.polls)
	})
}

func TestContextDeadline(t *testing.T) {
	const second = time.Second
	for name, tt := range map[string]struct {
		left    time.Duration
		timeout time.Duration
		want    []time.Duration
	}{
		"the last poll begins a second earlier":   {100 * second, -1, []time.Duration{0, 60 * second, 99 * second}},
		"exactly a second left":                   {second, -1, []time.Duration{0}},
		"less than a second left":                 {second / 2, -1, []time.Duration{0}},
		"none left":                               {0, -1, nil},
		"own timeout within the last second":      {100 * second, 99*second + second/2, []time.Duration{0, 60 * second, 99 * second, 99*second + second/2}},
		"own timeout after the context":           {100 * second, 101 * second, []time.Duration{0, 60 * second, 99 * second}},
		"a regular poll falls on the last moment": {61 * second, -1, []time.Duration{0, 60 * second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cause := errors.New("maintenance window closes")
				ctx, cancel := context.WithTimeoutCause(t.Context(), tt.left, cause)
				defer cancel()
				r := newResource(-1)
				_, err := poll.Wait(ctx, "r", r.observe, every(time.Minute), func(o *poll.Options) { o.Timeout = tt.timeout })

				var timeout *poll.TimeoutError
				require.ErrorAs(t, err, &timeout)
				assert.Equal(t, tt.want, r.polls)
				assert.Equal(t, len(tt.want), timeout.Attempts)
				require.ErrorIs(t, err, poll.ErrTimeout)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				if tt.timeout < 0 || tt.timeout > tt.left {
					require.ErrorIs(t, err, cause)
					require.ErrorContains(t, err, cause.Error())
					assert.Equal(t, tt.left, time.Since(r.made), "returns when the context ends, so that the cause is known")
				}
			})
		})
	}
}

func TestOwnTimeoutIsDeadlineExceeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := poll.Wait(t.Context(), "r", newResource(-1).observe, func(o *poll.Options) { o.Timeout = time.Minute })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.NotErrorIs(t, err, poll.ErrStopped)
	})
}
