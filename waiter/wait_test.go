package waiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func TestNothingNamedIsRefused(t *testing.T) {
	f := newFake()
	_, err := waiter.GroupsAtCount(t.Context(), f, "train", nil)
	require.ErrorContains(t, err, "wanted is empty")
	_, err = waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"workers": -1})
	require.ErrorContains(t, err, `wanted["workers"] is -1`)
	_, err = waiter.GroupsDeleted(t.Context(), f, "train", nil)
	require.ErrorContains(t, err, "names is empty")
	result, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{})
	require.ErrorContains(t, err, "Update.Groups is empty")
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
