package waiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	gInService = types.InstanceGroupStatusInservice
	gCreating  = types.InstanceGroupStatusCreating
	gUpdating  = types.InstanceGroupStatusUpdating
	gDegraded  = types.InstanceGroupStatusDegraded
	gFailed    = types.InstanceGroupStatusFailed
	gDeleting  = types.InstanceGroupStatusDeleting
)

func operating(g types.ClusterInstanceGroupDetails) types.ClusterInstanceGroupDetails {
	g.ActiveOperations = map[string]int32{"Scaling": 1}
	return g
}

func minimum(g types.ClusterInstanceGroupDetails, n int32) types.ClusterInstanceGroupDetails {
	g.MinCount = &n
	return g
}

func restricted(out *sagemaker.DescribeClusterOutput, current, target int32) *sagemaker.DescribeClusterOutput {
	out.RestrictedInstanceGroups = []types.ClusterRestrictedInstanceGroupDetails{{
		InstanceGroupName: aws.String("nova"), Status: gInService, CurrentCount: &current, TargetCount: &target,
	}}
	return out
}

func TestGroupsAtCountReached(t *testing.T) {
	const end = 10 * time.Minute
	for name, timeline := range map[string][]moment{
		"Continuous: the cluster is InService all the time": {
			at(0, cluster(inService, group("workers", gInService, 2, 2))), // from before the request
			at(time.Minute, cluster(inService, operating(group("workers", gUpdating, 2, 4)))),
			at(8*time.Minute, cluster(inService, operating(group("workers", gUpdating, 4, 4)))),
			at(9*time.Minute, cluster(inService, operating(group("workers", gInService, 4, 4)))),
			at(end, cluster(inService, group("workers", gInService, 4, 4))),
		},
		"not Continuous: stale InService, then Updating": {
			at(0, plain(cluster(inService, group("workers", gInService, 2, 2)))),
			at(30*time.Second, plain(cluster(updating, group("workers", gUpdating, 2, 4)))),
			at(9*time.Minute, plain(cluster(updating, group("workers", gInService, 4, 4)))),
			at(end, plain(cluster(inService, group("workers", gInService, 4, 4)))),
		},
		"not Continuous: groups without a status": {
			at(0, plain(cluster(updating, group("workers", "", 2, 4)))),
			at(end, plain(cluster(inService, group("workers", "", 4, 4)))),
		},
		"a new group does not show at once": {
			at(0, cluster(inService)),
			at(time.Minute, cluster(inService, group("workers", gCreating, 0, 4))),
			at(end, cluster(inService, group("workers", gInService, 4, 4))),
		},
		"a node in Failure is retried": {
			at(0, cluster(inService, operating(group("workers", gUpdating, 2, 4)))),
			at(time.Minute, cluster(inService, group("workers", gDegraded, 3, 4))),
			at(5*time.Minute, cluster(inService, operating(group("workers", gFailed, 3, 4)))),
			at(end, cluster(inService, group("workers", gInService, 4, 4))),
		},
		"an unknown group status is waited on": {
			at(0, cluster(inService, group("workers", "Hibernating", 4, 4))),
			at(end, cluster(inService, group("workers", gInService, 4, 4))),
		},
		"a stale Failed from before the request": {
			at(0, cluster(inService, group("workers", gFailed, 2, 4))),
			at(time.Minute, cluster(inService, operating(group("workers", gUpdating, 2, 4)))),
			at(end, cluster(inService, group("workers", gInService, 4, 4))),
		},
		"Continuous: a group without a status is not taken for ready": {
			at(0, cluster(inService, group("workers", "", 4, 4))),
			at(end, cluster(inService, group("workers", gInService, 4, 4))),
		},
		"the system updates the cluster meanwhile": {
			at(0, cluster(system, group("workers", gInService, 4, 4))),
			at(end, cluster(inService, group("workers", gInService, 4, 4))),
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake(timeline...)
				out, err := waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"workers": 4}, exact)
				require.NoError(t, err)
				assert.Equal(t, end, time.Since(f.born), "neither early nor late")
				assert.Equal(t, int32(4), *out.InstanceGroups[0].CurrentCount)
			})
		})
	}
}

func TestATargetThatWasResetIsAFailure(t *testing.T) {
	for name, tt := range map[string]struct {
		timeline []moment
		want     waiter.TargetResetError
		after    time.Duration
	}{
		"rollback on a cluster that is not Continuous": {
			[]moment{
				at(0, plain(cluster(updating, group("workers", gUpdating, 2, 4)))),
				at(time.Minute, plain(cluster(rolling, group("workers", gUpdating, 2, 2)))),
				at(10*time.Minute, plain(cluster(inService, group("workers", gInService, 2, 2)))),
			},
			waiter.TargetResetError{Group: "workers", Wanted: 4, Target: 2, Current: 2, Accepted: true},
			10 * time.Minute,
		},
		"soon after it was accepted": {
			[]moment{
				at(0, cluster(inService, group("workers", gUpdating, 2, 4))),
				at(time.Minute, cluster(inService, group("workers", gUpdating, 2, 3))),
			},
			waiter.TargetResetError{Group: "workers", Wanted: 4, Target: 3, Current: 2, Accepted: true},
			time.Minute,
		},
		"minimum count not reached by a new group": {
			[]moment{
				at(0, cluster(inService, minimum(group("workers", gCreating, 1, 4), 2))),
				at(3*time.Hour, cluster(inService, group("workers", gInService, 0, 0))),
			},
			waiter.TargetResetError{Group: "workers", Wanted: 4, Target: 0, Current: 0, Accepted: true},
			3 * time.Hour,
		},
		"never accepted": {
			[]moment{at(0, cluster(inService, group("workers", gInService, 2, 2)))},
			waiter.TargetResetError{Group: "workers", Wanted: 4, Target: 2, Current: 2},
			2 * time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake(tt.timeline...)
				_, err := waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"workers": 4}, exact)
				require.ErrorIs(t, err, waiter.ErrTargetReset)
				require.ErrorIs(t, err, poll.ErrFailed)
				var reset *waiter.TargetResetError
				require.ErrorAs(t, err, &reset)
				assert.Equal(t, tt.want, *reset)
				assert.Equal(t, tt.after, time.Since(f.born))
			})
		})
	}
}

func TestGroupsAtCountFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		timeline []moment
		is       error
		says     string
		after    time.Duration
	}{
		"a group that is not there": {
			[]moment{at(0, cluster(inService))}, poll.ErrGone, "group workers does not exist", 2 * time.Minute,
		},
		"a group that was there": {
			[]moment{at(0, cluster(inService, group("workers", gCreating, 0, 4))), at(time.Minute, cluster(inService))},
			poll.ErrGone, "group workers does not exist", time.Minute,
		},
		"a group that is being deleted": {
			[]moment{at(0, cluster(inService, group("workers", gDeleting, 4, 4)))}, poll.ErrGone, "being deleted", 0,
		},
		"a group that stays Failed": {
			[]moment{at(0, plain(message(cluster(inService, group("workers", gFailed, 3, 4)), "subnet is full")))},
			poll.ErrFailed, "group workers: Failed, 3 of 4 instances", 2 * time.Minute,
		},
		"Continuous: a group that fails, is tried again and fails again": {
			[]moment{
				at(0, cluster(inService, group("workers", gFailed, 2, 4))),
				at(5*time.Minute, cluster(inService, group("workers", gUpdating, 1, 4))),
				at(33*time.Minute, cluster(inService, group("workers", gFailed, 2, 4))),
			},
			poll.ErrFailed, "group workers: Failed, 2 of 4 instances", 33 * time.Minute,
		},
		"Continuous: a group that fails again, but has got further": {
			[]moment{
				at(0, cluster(inService, group("workers", gFailed, 2, 4))),
				at(5*time.Minute, cluster(inService, group("workers", gUpdating, 2, 4))),
				at(33*time.Minute, cluster(inService, group("workers", gFailed, 3, 4))),
			},
			poll.ErrFailed, "group workers: Failed, 3 of 4 instances", 63 * time.Minute,
		},
		"a capacity shortfall ends at the deadline": {
			[]moment{at(0, cluster(inService, operating(group("workers", gCreating, 3, 4))))},
			poll.ErrTimeout, "group workers: Creating, 3 of 4 instances", poll.DefaultTimeout,
		},
		"a failed cluster": {
			[]moment{at(0, message(cluster(failed, group("workers", gInService, 4, 4)), "controller lost"))},
			poll.ErrFailed, "controller lost", 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake(tt.timeline...)
				_, err := waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"workers": 4}, exact)
				require.ErrorIs(t, err, tt.is)
				require.ErrorContains(t, err, tt.says)
				assert.Equal(t, tt.after, time.Since(f.born))
			})
		})
	}
}

func TestRestrictedGroupsAreCountedToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, restricted(cluster(inService), 1, 2)), at(time.Minute, restricted(cluster(inService), 2, 2)))
		var last waiter.Snapshot
		_, err := waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"nova": 2}, exact, func(o *waiter.Options) {
			o.OnSnapshot = func(_ context.Context, s waiter.Snapshot) { last = s }
		})
		require.NoError(t, err)
		g, ok := last.Group("nova")
		assert.True(t, ok)
		assert.True(t, g.Restricted)
	})
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, restricted(cluster(inService), 1, 2)), at(time.Minute, restricted(cluster(inService), 1, 1)))
		_, err := waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"nova": 2}, exact)
		require.ErrorIs(t, err, waiter.ErrTargetReset)
	})
}
