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
		assert.Equal(t, 61, timeout.Attempts)
		assert.Equal(t, "Coming", timeout.Status, "the last status outlives the storm")
		require.EqualError(t, timeout.Tolerated, "storm 61: rate exceeded")
		require.ErrorContains(t, err, "last error ridden out: storm 61: rate exceeded")
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
