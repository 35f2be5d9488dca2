package waiter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func TestAtMinCount(t *testing.T) {
	timeline := []moment{
		at(0, cluster(inService, minimum(operating(group("workers", gCreating, 0, 4)), 2))),
		at(time.Minute, cluster(inService, minimum(operating(group("workers", gInService, 2, 4)), 2))),
		at(time.Hour, cluster(inService, minimum(group("workers", gInService, 4, 4), 2))),
	}
	for name, tt := range map[string]struct {
		atMin bool
		want  time.Duration
	}{"the minimum is the goal": {true, time.Minute}, "the target is the goal": {false, time.Hour}} {
		t.Run(name, func(t *testing.T) {
			goal := func(o *waiter.Options) { o.AtMinCount = tt.atMin }
			bubble(t, func(t *testing.T) {
				f := newFake(timeline...)
				_, err := waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"workers": 4}, exact, goal)
				require.NoError(t, err)
				assert.Equal(t, tt.want, time.Since(f.born))
			})
			bubble(t, func(t *testing.T) {
				f := newFake(timeline...)
				_, err := waiter.ClusterStable(t.Context(), f, "train", exact, goal)
				require.NoError(t, err)
				assert.Equal(t, tt.want, time.Since(f.born))
			})
		})
	}
}

func TestClusterStableLooksAtTheGroups(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(
			at(0, cluster(inService, group("a", gInService, 1, 1), operating(group("b", gInService, 2, 2)))),
			at(time.Minute, cluster(inService, group("a", gInService, 1, 1), group("b", gInService, 1, 2))),
			at(2*time.Minute, cluster(inService, group("a", gInService, 1, 1), group("b", gUpdating, 2, 2))),
			at(3*time.Minute, cluster(inService, group("a", gDeleting, 1, 1), group("b", gInService, 2, 2))),
			at(4*time.Minute, restricted(cluster(inService, group("b", gInService, 2, 2)), 0, 1)),
			at(5*time.Minute, cluster(inService, group("b", gInService, 2, 2))))
		_, err := waiter.ClusterStable(t.Context(), f, "train", exact)
		require.NoError(t, err)
		assert.Equal(t, 5*time.Minute, time.Since(f.born))
	})
	bubble(t, func(t *testing.T) {
		f := newFake(
			at(0, sc(pending, amiA, amiB, 0)),
			at(time.Minute, sc(inProgress, amiA, amiB, 1)),
			at(2*time.Minute, sc(undoing, amiB, amiA, 1)),
			at(3*time.Minute, rollingUpdate(sc(undone, amiA, amiA, 4))),
			at(4*time.Minute, sc("Meditating", amiA, amiA, 4)),
			at(5*time.Minute, sc(undone, amiA, amiA, 4)))
		_, err := waiter.ClusterStable(t.Context(), f, "train", exact)
		require.NoError(t, err)
		assert.Equal(t, 5*time.Minute, time.Since(f.born), "a software update is no rest")
	})
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(rolling)), at(time.Minute, cluster(inService)))
		_, err := waiter.ClusterStable(t.Context(), f, "train", exact)
		require.NoError(t, err, "a cluster is stable too after a rollback")
	})
}
