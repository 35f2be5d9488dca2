package waiter_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// will adds a cluster that is created now and takes that long.
func (a *account) will(name string, after types.ClusterStatus, in time.Duration) *simulated {
	return a.add(&simulated{name: name, created: time.Now(), ends: time.Now().Add(in), before: creating, after: after})
}

// leaves adds a cluster that is being deleted, and gone after that long.
func (a *account) leaves(name string, in time.Duration) *simulated {
	return a.add(&simulated{name: name, created: time.Now().Add(-time.Hour), ends: time.Now().Add(in), before: deleting})
}

// collect ranges over a fleet and returns when each cluster was told of, and the errors.
func collect(ctx context.Context, f *waiter.Fleet, goal waiter.Goal) (told map[string]time.Duration, errs map[string]error) {
	began := time.Now()
	told, errs = map[string]time.Duration{}, map[string]error{}
	for r, err := range f.Each(ctx, goal) {
		told[r.Cluster], errs[r.Cluster] = time.Since(began), err
	}
	return told, errs
}

func names(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s-%05d", prefix, i)
	}
	return all
}

func TestAFleetTellsAsResultsComeIn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for i, name := range names("c", 20) {
			a.will(name, inService, time.Duration(i)*time.Minute)
		}
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 20)...)
		f.Add(a, "c-00003") // is in it already
		var order []string
		for r, err := range f.Results(t.Context()) {
			require.NoError(t, err)
			order = append(order, r.Cluster)
			assert.Equal(t, "InService", r.Progress.Status)
			assert.Contains(t, r.Progress.Resource, ":cluster/", "the ARN is known by then")
		}
		assert.Equal(t, names("c", 20), order)
		// A page serves all, until there is one cluster left to describe.
		assert.Equal(t, 19*4+1-4, a.count("ListClusters"))
		assert.Equal(t, 4, a.count("DescribeCluster"))
	})
}

func TestAFailureIsConfirmedAndSaysWhy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		a.will("good", inService, time.Minute)
		a.will("bad", failed, time.Minute)
		a.will("good-too", inService, 2*time.Minute)
		f := waiter.NewFleet(exact)
		f.Add(a, "good", "bad", "good-too", "never")
		err := f.InService(t.Context())
		fleet, ok := errors.AsType[*waiter.FleetError](err)
		require.True(t, ok)
		assert.Equal(t, 4, fleet.Waited)
		require.Len(t, fleet.Clusters, 2)
		assert.Equal(t, "never", fleet.Clusters[0].Cluster)
		require.ErrorIs(t, fleet.Clusters[0], poll.ErrGone)
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorContains(t, err, "2 of 4 clusters: never: cluster never: failed")
		require.ErrorContains(t, err, "bad: arn:aws:sagemaker:us-west-2:111122223333:cluster/000000000001: failed in status \"Failed\": the cluster has failed: no capacity")
	})
}

func TestALongFleetErrorNamesTen(t *testing.T) {
	err := &waiter.FleetError{Waited: 100}
	for _, name := range names("c", 12) {
		err.Clusters = append(err.Clusters, &waiter.ClusterError{Cluster: name, Err: poll.ErrGone})
	}
	require.ErrorContains(t, err, "12 of 100 clusters: c-00000: does not exist; c-00001")
	require.ErrorContains(t, err, "c-00009: does not exist; and 2 more")
	assert.NotContains(t, err.Error(), "c-00010")
}

func TestClientsOfSeveralAccounts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, b := newAccount(), newAccount()
		a.will("train", inService, time.Minute)
		b.will("train", failed, time.Minute)
		f := waiter.NewFleet(exact)
		f.Add(a, "train")
		f.Add(b, "train")
		_, isFleet := errors.AsType[*waiter.FleetError](f.InService(t.Context()))
		assert.True(t, isFleet)
		assert.Equal(t, time.Minute, time.Since(a.at[0]))
	})
}

func TestMissingFromAListIsNotDeleted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 5) {
			a.leaves(name, 10*time.Minute)
		}
		lists := 0
		a.reply = func(out *sagemaker.ListClustersOutput) {
			if lists++; lists%2 == 0 {
				out.ClusterSummaries = out.ClusterSummaries[1:]
			}
		}
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 5)...)
		told, errs := collect(t.Context(), f, waiter.GoalDeleted())
		for name, at := range told {
			require.NoError(t, errs[name])
			assert.Equal(t, 10*time.Minute, at)
		}
		assert.Len(t, told, 5)
	})
}

func TestANewcomerOfTheSameNameInAList(t *testing.T) {
	for _, tt := range []struct {
		name  string
		goal  waiter.Goal
		wants error
	}{{"deleted", waiter.GoalDeleted(), nil}, {"in service", waiter.GoalInService(), poll.ErrReplaced}} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := newAccount()
				status := deleting
				if tt.wants != nil {
					status = creating
				}
				for _, name := range []string{"train", "other"} {
					a.add(&simulated{name: name, created: time.Now(), ends: time.Now().Add(time.Minute), before: status})
					a.add(&simulated{name: name, created: time.Now().Add(time.Minute), after: inService})
				}
				f := waiter.NewFleet(exact)
				f.Add(a, "train", "other")
				told, errs := collect(t.Context(), f, tt.goal)
				for _, name := range []string{"train", "other"} {
					require.ErrorIs(t, errs[name], tt.wants)
					assert.Equal(t, time.Minute, told[name])
				}
			})
		})
	}
}

func TestEmptyPagesAreReadOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 5) {
			a.will(name, inService, time.Minute)
		}
		pages := 0
		a.reply = func(out *sagemaker.ListClustersOutput) {
			if pages++; pages%2 == 1 {
				token := "0"
				out.ClusterSummaries, out.NextToken = nil, &token
			}
		}
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 5)...)
		require.NoError(t, f.InService(t.Context()))
		assert.Zero(t, a.count("DescribeCluster"))
	})
}

func TestAClientThatMayNotListDescribes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 5) {
			a.will(name, inService, time.Minute)
		}
		a.listErr = func() error { return &smithy.GenericAPIError{Code: "AccessDeniedException"} }
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 5)...)
		require.NoError(t, f.InService(t.Context()))
		assert.Equal(t, 1, a.count("ListClusters"))
		assert.Equal(t, 5*5, a.count("DescribeCluster"))
	})
}

func TestAThrottledListIsRiddenOutWithoutDescriptions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 5) {
			a.will(name, inService, time.Minute)
		}
		lists := 0
		a.listErr = func() error {
			if lists++; lists < 40 {
				return &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
			}
			return nil
		}
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 5)...)
		var tolerated error
		for r, err := range f.Results(t.Context()) {
			require.NoError(t, err)
			tolerated = r.Progress.Tolerated
		}
		require.ErrorContains(t, tolerated, "Rate exceeded")
		assert.Zero(t, a.count("DescribeCluster"))
	})
}

func TestListsThatLagBehindDescriptions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 5) {
			a.will(name, inService, 10*time.Minute)
		}
		a.reply = func(out *sagemaker.ListClustersOutput) { // shows new clusters after three minutes
			if len(a.at) > 0 && time.Since(a.at[0]) < 3*time.Minute {
				out.ClusterSummaries = nil
			}
		}
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 5)...)
		told, errs := collect(t.Context(), f, waiter.GoalInService())
		for name, at := range told {
			require.NoError(t, errs[name])
			assert.Equal(t, 10*time.Minute, at)
		}
	})
}

func TestAWokenClusterIsDescribedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 3) {
			a.will(name, inService, 7*time.Minute)
		}
		f := waiter.NewFleet(exact, func(o *waiter.Options) { o.Poll.Interval = time.Hour })
		f.Add(a, names("c", 3)...)
		go func() {
			time.Sleep(7 * time.Minute)
			f.Wake("c-00001")
			f.Wake("somebody-else")
			time.Sleep(time.Minute)
			f.Wake(a.clusters[2].arn)
		}()
		told, _ := collect(t.Context(), f, waiter.GoalInService())
		assert.Equal(t, map[string]time.Duration{
			"c-00001": 7 * time.Minute, "c-00002": 8 * time.Minute, "c-00000": time.Hour,
		}, told)
	})
}

func TestAFleetLooksOnceMoreAtTheDeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		a.will("late", inService, time.Hour)
		a.will("just", inService, 10*time.Minute)
		f := waiter.NewFleet(exact, func(o *waiter.Options) { o.Poll.Interval, o.Poll.Timeout = 3*time.Minute, 10*time.Minute })
		f.Add(a, "late", "just")
		told, errs := collect(t.Context(), f, waiter.GoalInService())
		require.NoError(t, errs["just"])
		require.ErrorIs(t, errs["late"], context.DeadlineExceeded)
		require.ErrorIs(t, errs["late"], poll.ErrTimeout)
		require.ErrorContains(t, errs["late"], `in status "Creating"`)
		assert.Equal(t, 10*time.Minute, told["just"])
	})
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 50) {
			a.will(name, inService, 9*time.Minute)
		}
		cause := errors.New("the shift is over")
		ctx, cancel := context.WithDeadlineCause(t.Context(), time.Now().Add(9*time.Minute+30*time.Second), cause)
		defer cancel()
		f := waiter.NewFleet(exact, func(o *waiter.Options) { o.Poll.Interval = time.Hour })
		f.Add(a, names("c", 50)...)
		require.NoError(t, f.InService(ctx), "the last list is a second before the context's end")
		assert.Equal(t, 2, a.total())
		f.Add(a, "never-there")
		a.will("never-there", inService, time.Hour)
		require.ErrorIs(t, f.InService(ctx), cause)
	})
}

func TestCancellingAFleetStopsAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for _, name := range names("c", 300) {
			a.will(name, inService, time.Hour)
		}
		a.hang = map[string]bool{a.clusters[7].arn: true}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Minute, cancel)
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 300)...)
		_, errs := collect(ctx, f, waiter.GoalInService())
		assert.Len(t, errs, 300)
		for _, err := range errs {
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, poll.ErrStopped)
		}
	})
}

func TestADescriptionThatHangsHoldsUpNoOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		a.hang = map[string]bool{"hangs": true}
		a.will("hangs", inService, time.Minute)
		a.will("goes-on", inService, time.Minute)
		a.listErr = func() error { return &smithy.GenericAPIError{Code: "AccessDeniedException"} }
		f := waiter.NewFleet(exact, func(o *waiter.Options) { o.Poll.Timeout = 20 * time.Minute })
		f.Add(a, "hangs", "goes-on")
		told, errs := collect(t.Context(), f, waiter.GoalInService())
		assert.Equal(t, time.Minute, told["goes-on"])
		require.ErrorIs(t, errs["hangs"], poll.ErrTimeout)
		require.ErrorContains(t, errs["hangs"], "no answer within the poll timeout")
	})
}

func TestBreakingOutAndRangingAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		for i, name := range names("c", 5) {
			a.will(name, inService, time.Duration(i+1)*time.Minute)
		}
		f := waiter.NewFleet(exact)
		f.Add(a, names("c", 5)...)
		for r, err := range f.Results(t.Context()) {
			require.NoError(t, err)
			assert.Equal(t, "c-00000", r.Cluster)
			break
		}
		calls := a.total()
		time.Sleep(time.Hour)
		assert.Equal(t, calls, a.total(), "nothing goes on")
		told, _ := collect(t.Context(), f, waiter.GoalInService())
		assert.Len(t, told, 5)
	})
}

func TestClustersAddedWhileAWaitRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, b := newAccount(), newAccount()
		a.will("first", inService, 10*time.Minute)
		a.will("second", inService, 20*time.Minute)
		b.will("elsewhere", inService, 5*time.Minute)
		f := waiter.NewFleet(exact)
		f.Add(a, "first")
		time.AfterFunc(time.Minute, func() { f.Add(b, "elsewhere") })
		var told []string
		for r, err := range f.Results(t.Context()) {
			require.NoError(t, err)
			if told = append(told, r.Cluster); r.Cluster == "first" {
				f.Add(a, "second")
			}
		}
		assert.Equal(t, []string{"elsewhere", "first", "second"}, told)
	})
}

func TestAnEmptyFleetIsDone(t *testing.T) {
	require.NoError(t, waiter.NewFleet().InService(t.Context()))
}

func TestTenThousandWaitsHaveNoGoroutineEach(t *testing.T) {
	if raced {
		t.Skip("too slow")
	}
	bubble(t, func(t *testing.T) {
		a := newAccount()
		all := names("c", 10000)
		for i, name := range all {
			a.will(name, inService, time.Duration(i)*time.Second/10)
		}
		f := waiter.NewFleet(func(o *waiter.Options) { o.Poll.Interval = 10 * time.Minute })
		f.Add(a, all...)
		before, most, told := runtime.NumGoroutine(), 0, 0
		for _, err := range f.Results(t.Context()) {
			require.NoError(t, err)
			told++
			most = max(most, runtime.NumGoroutine()-before)
		}
		assert.Equal(t, 10000, told)
		assert.Less(t, most, 100, "nine under way, and those that are about to end")
	})
}
