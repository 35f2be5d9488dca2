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

func TestGroupsAreDescribed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		began := time.Now()
		for _, name := range names("c", 3) { // Continuous: InService all the time
			c := a.will(name, inService, 0)
			c.groups = func(now time.Time) []types.ClusterInstanceGroupDetails {
				current := min(int32(4+now.Sub(began)/time.Minute), 8)
				return []types.ClusterInstanceGroupDetails{group("workers", gInService, current, 8)}
			}
		}
		var snapshots int
		f := waiter.NewFleet(exact, func(o *waiter.Options) {
			o.OnSnapshot = func(context.Context, waiter.Snapshot) { snapshots++ }
		})
		f.Add(a, names("c", 3)...)
		told, errs := collect(t.Context(), f, waiter.GoalAtCount(func(string) map[string]int32 {
			return map[string]int32{"workers": 8}
		}))
		for name, at := range told {
			require.NoError(t, errs[name])
			assert.Equal(t, 4*time.Minute, at)
		}
		assert.Equal(t, 1, a.count("ListClusters"), "no list tells of the groups of a Continuous cluster")
		assert.Equal(t, 3*17, snapshots)
		told, _ = collect(t.Context(), f, waiter.GoalStable())
		assert.Len(t, told, 3)
	})
}

func TestListsServeUntilAClusterIsInService(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 3) {
			a.will(name, inService, 10*time.Minute)
		}
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 3)...)
		require.NoError(t, f.Wait(t.Context(), waiter.GoalStable()))
		assert.Equal(t, 41, a.count("ListClusters"))
		assert.Equal(t, 3, a.count("DescribeCluster"))
	})
}

func TestAGoalThatCannotBegin(t *testing.T) {
	for name, goal := range map[string]waiter.Goal{
		"count":    waiter.GoalAtCount(func(string) map[string]int32 { return nil }),
		"software": waiter.GoalUpdated(func(string) waiter.Update { return waiter.Update{} }),
	} {
		t.Run(name, func(t *testing.T) {
			f := waiter.NewFleet()
			f.Add(newAccount(), "train")
			require.ErrorContains(t, f.Wait(t.Context(), goal), "is empty")
		})
	}
}

func TestARollbackSeenInAListFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 3) {
			a.add(&simulated{name: name, created: time.Now(), ends: time.Now().Add(time.Hour), before: rolling, after: inService})
		}
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 3)...)
		_, errs := collect(t.Context(), f, waiter.GoalInService())
		for _, err := range errs {
			require.ErrorIs(t, err, waiter.ErrRolledBack)
		}
	})
}

func TestUnknownStatusInAListKeepsWaiting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 3) {
			a.add(&simulated{name: name, created: time.Now(), ends: time.Now().Add(time.Hour), before: "FailedMaintenance", after: inService})
		}
		var unknown int
		f := waiter.NewFleet(exact, func(o *waiter.Options) {
			o.Poll.OnPoll = func(_ context.Context, e poll.Event) {
				if e.Unknown {
					unknown++
				}
			}
		})
		f.Add(a, names("c", 3)...)
		require.NoError(t, f.InService(t.Context()))
		assert.Equal(t, 3*240, unknown)
	})
}
