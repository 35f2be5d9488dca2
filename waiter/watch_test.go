package waiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestWatchStopsWhenTheLoopIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(inService, group("workers", gInService, 4, 4))))
		watch := waiter.Watch(t.Context(), f, "train", exact, func(o *waiter.Options) { o.Poll.Settle.Polls = 3 })
		assert.Empty(t, f.describes, "nothing is called before it is ranged over")
		for range 2 { // each loop begins anew
			seen := 0
			for s, err := range watch {
				require.NoError(t, err)
				assert.Equal(t, "train", s.Name)
				if seen++; seen == 3 {
					break
				}
			}
		}
		time.Sleep(time.Hour)
		assert.Len(t, f.describes, 6)
	})
}

func TestWatchGoesOnUntilTheClusterIsGone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		throttled := &smithy.GenericAPIError{Code: "ThrottlingException"}
		f := newFake(at(0, cluster(inService)), fails(time.Hour, throttled), at(2*time.Hour, cluster(deleting)), fails(48*time.Hour, errNotFound))
		var last error
		tolerated := 0
		for s, err := range waiter.Watch(t.Context(), f, "train", exact, func(o *waiter.Options) {
			o.Poll.OnPoll = func(_ context.Context, e poll.Event) {
				if e.Err != nil {
					tolerated++
				}
			}
		}) {
			if err != nil {
				assert.Zero(t, s)
				last = err
			}
		}
		require.ErrorIs(t, last, poll.ErrGone)
		assert.Equal(t, 48*time.Hour, time.Since(f.born), "beyond the usual timeout")
		assert.Equal(t, 240, tolerated, "what is ridden out is told to OnPoll only")
	})
}

func TestWatchEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		f := newFake(at(0, cluster(inService)))
		var errs []error
		for _, err := range waiter.Watch(ctx, f, "train") {
			if err != nil {
				errs = append(errs, err)
			}
			cancel(assert.AnError)
		}
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], poll.ErrStopped)
		require.ErrorIs(t, errs[0], assert.AnError)
	})
}

func TestASlowReaderCausesNoMoreCalls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(inService)))
		n := 0
		for _, err := range waiter.Watch(t.Context(), f, "train", exact) {
			require.NoError(t, err, "nor does he count as a lost connection")
			if n++; n == 3 {
				break
			}
			time.Sleep(10 * time.Minute)
		}
		assert.Equal(t, []time.Duration{0, 10*minute + poll.DefaultInterval, 20*minute + 2*poll.DefaultInterval}, f.describes)
	})
}
