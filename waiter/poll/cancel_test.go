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

func TestCancellationStopsAtOnce(t *testing.T) {
	cause := errors.New("operator pressed ^C")
	t.Run("in a pause", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(90*time.Second, func() { cancel(cause) })
			r := newResource(-1)
			_, err := poll.Wait(ctx, "r", r.observe, every(time.Minute))
			assert.Equal(t, 90*time.Second, time.Since(r.made))
			assert.Len(t, r.polls, 2)
			requireStopped(t, err, cause)
		})
	})
	t.Run("in the first second of a pause", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Millisecond, func() { cancel(cause) })
			r := newResource(-1)
			_, err := poll.Wait(ctx, "r", r.observe, every(time.Minute))
			assert.Equal(t, time.Millisecond, time.Since(r.made))
			requireStopped(t, err, cause)
		})
	})
	t.Run("in a poll", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			begin := time.Now()
			_, err := poll.Wait(ctx, "r", func(ctx context.Context) (poll.Observation[int], error) {
				<-ctx.Done()
				return poll.Observation[int]{}, ctx.Err()
			})
			assert.Equal(t, time.Second, time.Since(begin))
			requireStopped(t, err, cause)
		})
	})
	t.Run("before the first poll", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			r := newResource(0)
			_, err := poll.Wait(ctx, "r", r.observe)
			assert.Empty(t, r.polls)
			requireStopped(t, err, cause)
		})
	})
	t.Run("what the poll found in spite of it counts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			r := newResource(0)
			r.each = func(int) error { cancel(cause); return nil }
			_, err := poll.Wait(ctx, "r", r.observe)
			require.NoError(t, err)
		})
	})
}

func requireStopped(t *testing.T, err, cause error) {
	t.Helper()
	var stopped *poll.StoppedError
	require.ErrorAs(t, err, &stopped)
	require.ErrorIs(t, err, poll.ErrStopped)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, cause.Error())
}
