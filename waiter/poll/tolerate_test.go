package poll_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestToleratedErrorsAreRiddenOutAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttled := errors.New("rate exceeded")
		tolerate := func(o *poll.Options) {
			o.Timeout = time.Hour
			o.Tolerate = func(err error) bool { return errors.Is(err, throttled) }
		}
		storm := func(n int) error {
			if n > 3 {
				return fmt.Errorf("storm %d: %w", n, throttled)
			}
			return nil
		}

		r := newResource(-1)
		r.each = storm
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), tolerate)
		var timeout *poll.TimeoutError
		require.ErrorAs(t, err, &timeout)
		assert.Equal(t, 64, timeout.Attempts, "three times more at the deadline")
		assert.Equal(t, time.Hour+3*time.Second, timeout.Waited)
		assert.Equal(t, "Coming", timeout.Status, "the last status outlives the storm")
		require.EqualError(t, timeout.Tolerated, "storm 64: rate exceeded")
		require.ErrorContains(t, err, "last error ridden out: storm 64: rate exceeded")
		require.NotErrorIs(t, err, throttled, "an error that was ridden out is told, not the cause")

		r = newResource(90 * time.Second)
		r.each = func(n int) error {
			if n < 3 {
				return storm(9)
			}
			return nil
		}
		_, err = poll.Wait(t.Context(), "r", r.observe, every(time.Minute), tolerate)
		require.NoError(t, err)
		assert.Len(t, r.polls, 3)
	})
}

func TestOtherErrorsStopTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		denied := errors.New("access denied")
		r := newResource(-1)
		r.each = func(n int) error {
			if n == 2 {
				return denied
			}
			return nil
		}
		got, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) {
			o.Tolerate = func(err error) bool { return !errors.Is(err, denied) }
		})
		assert.Equal(t, "coming", got)
		require.ErrorIs(t, err, poll.ErrStopped)
		require.ErrorIs(t, err, denied)
		require.EqualError(t, err, `r: wait stopped in status "Coming": not all is there (2 polls in 1m0s): access denied`)
	})
}

func TestAPollWithoutAnAnswerIsRiddenOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(0)
		_, err := poll.Wait(t.Context(), "r", func(ctx context.Context) (poll.Observation[string], error) {
			if len(r.polls) == 0 {
				r.polls = append(r.polls, 0)
				<-ctx.Done() // the connection was lost without a word
				return poll.Observation[string]{}, ctx.Err()
			}
			return r.observe(ctx)
		}, every(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, poll.DefaultPollTimeout+time.Minute, time.Since(r.made))
	})
}

// The look at the deadline is throttled: what was reached in time is not missed for it,
// neither by a wait nor by a scheduler's tracker.
func TestAStateIsNotMissedForAThrottledLastLook(t *testing.T) {
	throttled := errors.New("rate exceeded")
	options := func(o *poll.Options) {
		o.Timeout, o.Interval, o.Jitter = 10*time.Minute, time.Minute, -1
		o.Tolerate = func(err error) bool { return errors.Is(err, throttled) }
	}
	observer := func() poll.Observer[string] {
		r, lost := newResource(10*time.Minute-30*time.Second), 2
		began := time.Now()
		r.each = func(int) error {
			if time.Since(began) >= 10*time.Minute && lost > 0 {
				lost--
				return throttled
			}
			return nil
		}
		return r.observe
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := poll.Wait(t.Context(), "r", observer(), options)
		require.NoError(t, err)
		assert.Equal(t, 10*time.Minute+2*time.Second, time.Since(began))
	})
	synctest.Test(t, func(t *testing.T) {
		observe, tracker := observer(), poll.Track[string]("r", options)
		for {
			began := time.Now()
			obs, err := observe(t.Context())
			over, ending := tracker.Saw(t.Context(), began, obs, err)
			if over {
				require.NoError(t, ending)
				return
			}
			next, more := tracker.Next(t.Context(), began, time.Time{})
			require.True(t, more)
			time.Sleep(time.Until(next))
		}
	})
}
