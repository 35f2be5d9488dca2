package hyperpod_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// occupied is a cluster that is not Continuous, with an update under way that takes minutes.
func occupied(t *testing.T) (*hyperpodtest.Server, *hyperpod.Cluster, hyperpod.Spec) {
	t.Helper()
	srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
	c := hyperpod.New(srv.Client()).Cluster("example-cluster")
	spec := pageSpec(2)
	spec.Groups, spec.NonContinuous = append(spec.Groups, workersGroup("login", 1)), true
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	return srv, c, spec
}

func occupy(t *testing.T, c *hyperpod.Cluster, group string) {
	t.Helper()
	_, err := c.With(func(o *hyperpod.Options) { o.NoWait = true }).Update(t.Context(), hyperpod.Scale(group, 4))
	require.NoError(t, err)
}

func waitBusy(o *hyperpod.Options) { o.WaitBusy = true }

func TestWaitBusy(t *testing.T) {
	t.Run("Update", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			srv, c, _ := occupied(t)
			occupy(t, c, "workers")
			var kinds []hyperpod.EventKind
			report, err := c.With(waitBusy, func(o *hyperpod.Options) {
				o.Poll.Settle.Polls = 2
				o.OnEvent = func(_ context.Context, e hyperpod.Event) { kinds = append(kinds, e.Kind) }
			}).Update(t.Context(), hyperpod.Scale("workers", 3))
			require.NoError(t, err)
			assert.True(t, report.Complete)
			assert.Len(t, report.Calls, 1, "sent with success once")
			assert.EqualValues(t, 3, *describe(t, srv).InstanceGroups[0].CurrentCount)
			assert.Equal(t, []hyperpod.EventKind{hyperpod.EventFinding, hyperpod.EventTolerated, hyperpod.EventTolerated}, kinds[:3], "a finding is told once")
		})
	})
	t.Run("Apply", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, c, _ := occupied(t)
			plan, err := c.With(waitBusy).Plan(t.Context(), hyperpod.Scale("workers", 3))
			require.NoError(t, err)
			occupy(t, c, "login")
			report, err := plan.Apply(t.Context())
			require.NoError(t, err)
			assert.True(t, report.Complete)
		})
	})
	t.Run("Apply of what the other operation changes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, c, _ := occupied(t)
			plan, err := c.With(waitBusy).Plan(t.Context(), hyperpod.Scale("workers", 3))
			require.NoError(t, err)
			occupy(t, c, "workers")
			_, err = plan.Apply(t.Context())
			require.ErrorIs(t, err, hyperpod.ErrStale)
		})
	})
	t.Run("in vain", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, c, _ := occupied(t)
			occupy(t, c, "workers")
			start := time.Now()
			report, err := c.With(waitBusy, func(o *hyperpod.Options) { o.Poll.Timeout = time.Minute }).Update(t.Context(), hyperpod.Scale("workers", 3))
			require.ErrorIs(t, err, hyperpod.ErrBusy)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.False(t, report.Unfinished, "nothing was accepted")
			assert.Less(t, time.Since(start), 2*time.Minute)
		})
	})
	t.Run("another reason", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, c, _ := occupied(t)
			_, err := c.With(waitBusy).Update(t.Context(), hyperpod.Scale("none", 3))
			require.ErrorIs(t, err, hyperpod.ErrGroupNotFound)
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, c, _ := occupied(t)
			occupy(t, c, "workers")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := c.With(waitBusy).Update(ctx, hyperpod.Scale("workers", 3))
			require.ErrorIs(t, err, hyperpod.ErrBusy)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	})
}
