package waiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestNothingNamedIsRefused(t *testing.T) {
	f := newFake()
	_, err := waiter.GroupsAtCount(t.Context(), f, "train", nil)
	require.ErrorContains(t, err, "wait for counts: wanted is empty")
	_, err = waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"workers": -1})
	require.ErrorContains(t, err, `wait for counts: wanted["workers"] is -1`)
	_, err = waiter.GroupsDeleted(t.Context(), f, "train", nil)
	require.ErrorContains(t, err, "wait for deleted groups: names is empty")
	result, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{})
	require.ErrorContains(t, err, "wait for a software update: Update.Groups is empty")
	assert.NotNil(t, result)
	assert.Empty(t, f.describes, "nothing was sent")
}

func TestTheCauseOfACancellationIsFound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, assert.AnError)
		defer cancel()
		_, err := waiter.ClusterInService(ctx, newFake(at(0, cluster(creating))), "train")
		require.ErrorIs(t, err, assert.AnError)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestADayOfWaiting(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 1)
		p.create(spec("workers", 2))
		supply := time.Now().Add(24 * time.Hour)
		_, err := waiter.GroupsAtCount(t.Context(), p, "train", map[string]int32{"workers": 2}, func(o *waiter.Options) {
			o.Poll.Timeout, o.Poll.Interval = -1, minute
			o.OnSnapshot = func(context.Context, waiter.Snapshot) {
				if time.Now().After(supply) {
					p.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, -1)
				}
			}
		})
		require.NoError(t, err)
		assert.WithinDuration(t, supply.Add(10*minute), time.Now(), 5*minute)
	})
}

// Other waits go on at the same time, and callbacks call and wait themselves.
func TestWaitsHoldNoLock(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		stable := make(chan error)
		go func() {
			_, err := waiter.ClusterStable(t.Context(), p, "train")
			stable <- err
		}()
		_, err := waiter.GroupsAtCount(t.Context(), p, "train", map[string]int32{"workers": 2}, func(o *waiter.Options) {
			o.OnSnapshot = func(ctx context.Context, s waiter.Snapshot) {
				_, err := waiter.ClusterStable(ctx, p, "train", func(o *waiter.Options) { o.Poll.Timeout = time.Second })
				if s.Groups[0].Current < 2 {
					assert.ErrorIs(t, err, poll.ErrTimeout)
				}
			}
		})
		require.NoError(t, err)
		require.NoError(t, <-stable)
	})
}
