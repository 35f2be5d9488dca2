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

func TestTrackerPlansAsWaitDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		tr := poll.Track[int]("thing", func(o *poll.Options) {
			o.Interval, o.Jitter, o.Timeout = time.Minute, -1, 5*time.Minute
			o.Settle.For = 30 * time.Second
		})
		over, err := tr.Saw(t.Context(), time.Now(), poll.Observation[int]{Status: "Busy"}, nil)
		require.NoError(t, err)
		assert.False(t, over)
		next := func(planned time.Duration) time.Duration {
			at := time.Time{}
			if planned > 0 {
				at = began.Add(planned)
			}
			due, more := tr.Next(t.Context(), time.Now(), at)
			require.True(t, more)
			return due.Sub(began)
		}
		assert.Equal(t, time.Minute, next(0), "by its own options")
		assert.Equal(t, 2*time.Minute, next(2*time.Minute), "as planned")
		assert.Equal(t, 5*time.Minute, next(time.Hour), "at the deadline")

		time.Sleep(time.Minute)
		over, _ = tr.Saw(t.Context(), time.Now(), poll.Observation[int]{Verdict: poll.Done}, nil)
		assert.False(t, over, "it has not settled")
		assert.Equal(t, 90*time.Second, next(2*time.Minute), "when it can have settled")
		time.Sleep(30 * time.Second)
		over, err = tr.Saw(t.Context(), time.Now(), poll.Observation[int]{Verdict: poll.Done}, nil)
		require.NoError(t, err)
		assert.True(t, over)
		assert.Equal(t, 3, tr.Progress().Attempts)
	})
}

func TestTrackerEndsAsWaitDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("refused")
		tr := poll.Track[int]("thing")
		_, err := tr.Saw(t.Context(), time.Now(), poll.Observation[int]{}, refused)
		require.ErrorIs(t, err, poll.ErrStopped)
		require.ErrorIs(t, err, refused)

		tr = poll.Track[int]("thing")
		_, err = tr.Saw(t.Context(), time.Now(), poll.Observation[int]{Verdict: poll.Failed, Err: poll.ErrGone}, nil)
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorIs(t, err, poll.ErrGone)

		tr = poll.Track[int]("thing", func(o *poll.Options) { o.Timeout = time.Minute })
		time.Sleep(time.Minute)
		over, err := tr.Saw(t.Context(), time.Now(), poll.Observation[int]{}, nil)
		assert.True(t, over)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Minute))
		defer cancel()
		tr = poll.Track[int]("thing")
		time.Sleep(59 * time.Second)
		over, _ = tr.Saw(ctx, time.Now(), poll.Observation[int]{}, nil)
		assert.False(t, over)
		_, more := tr.Next(ctx, time.Now(), time.Time{})
		assert.False(t, more, "none before the context ends")
		<-ctx.Done()
		require.ErrorIs(t, tr.Ended(ctx), poll.ErrTimeout)
	})
}
