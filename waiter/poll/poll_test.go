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

func TestPollsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(0)
		got, err := poll.Wait(t.Context(), "r", r.observe)
		require.NoError(t, err)
		assert.Equal(t, "ready", got)
		assert.Equal(t, []time.Duration{0}, r.polls)
	})
}

func TestZeroOptionsHaveDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(-1)
		got, err := poll.Wait(t.Context(), "r", r.observe)
		var timeout *poll.TimeoutError
		require.ErrorAs(t, err, &timeout)
		assert.Equal(t, "coming", got, "the last value comes with the error")
		assert.Equal(t, poll.DefaultTimeout, timeout.Waited)
		assert.Greater(t, timeout.Attempts, int(poll.DefaultTimeout/poll.DefaultInterval))
	})
}

func TestFailureSaysWhatAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		detail := errors.New("no capacity")
		observe := func(context.Context) (poll.Observation[int], error) {
			return poll.Observation[int]{
				Value: 7, Verdict: poll.Failed, Status: "Failed", Reason: "the last straw",
				Resource: "arn:r", Err: detail,
			}, nil
		}
		got, err := poll.Wait(t.Context(), "r", observe)
		assert.Equal(t, 7, got)
		var failed *poll.FailedError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "arn:r", failed.Resource)
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorIs(t, err, detail)
		require.EqualError(t, err, `arn:r: failed in status "Failed": the last straw (1 poll in 0s)`)
	})
}

func TestUnknownStatusKeepsWaitingAndIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []poll.Event
		observe := func(context.Context) (poll.Observation[int], error) {
			return poll.Observation[int]{Status: "Hibernating", Unknown: true}, nil
		}
		_, err := poll.Wait(t.Context(), "r", observe, every(time.Minute), func(o *poll.Options) {
			o.Timeout = time.Hour
			o.OnPoll = func(_ context.Context, e poll.Event) { events = append(events, e) }
		})
		var timeout *poll.TimeoutError
		require.ErrorAs(t, err, &timeout)
		assert.True(t, timeout.Unknown)
		require.EqualError(t, err, `r: timed out in status "Hibernating", which this version does not know (61 polls in 1h0m0s)`)
		require.Len(t, events, 61)
		assert.True(t, events[0].Unknown)
	})
}

func TestOnPollComesAfterEachPollAndBeforeTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		r := newResource(2 * time.Minute)
		r.each = func(n int) error {
			order = append(order, fmt.Sprint("poll ", n))
			if n == 2 {
				return errors.New("lost")
			}
			return nil
		}
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) {
			o.Tolerate = func(error) bool { return true }
			o.OnPoll = func(_ context.Context, e poll.Event) {
				order = append(order, fmt.Sprintf("told %d %v %q %v", e.Attempts, e.Verdict, e.Status, e.Err))
			}
		})
		require.NoError(t, err)
		assert.Equal(t, []string{
			"poll 1", `told 1 pending "Coming" <nil>`,
			"poll 2", `told 2 pending "Coming" lost`,
			"poll 3", `told 3 done "Ready" <nil>`,
		}, order)
	})
}

func TestADayOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(24 * time.Hour)
		_, err := poll.Wait(t.Context(), "r", r.observe, func(o *poll.Options) { o.Timeout = -1 })
		require.NoError(t, err)
		lag := time.Since(r.made) - r.done
		assert.LessOrEqual(t, lag, poll.DefaultInterval)
	})
}
