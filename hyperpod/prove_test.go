package hyperpod_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func relabel(group string) hyperpod.Edit {
	return hyperpod.EditGroup(group, func(g hyperpod.Group) hyperpod.Group {
		return g.WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
			s.KubernetesConfig = &types.ClusterKubernetesConfig{Labels: map[string]string{"team": "a"}}
		})
	})
}

// The service says yes and does nothing: counts alone would not show it.
func TestAnUpdateThatChangesNothingIsNoSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		srv.Faults().Ignore("UpdateCluster", 1)
		report, err := c.Update(t.Context(), relabel("workers"))
		require.ErrorIs(t, err, hyperpod.ErrUnmet)
		require.ErrorContains(t, err, `instance group "workers": KubernetesConfig.Labels["team"] is nothing, asked for was "a"`)
		assert.False(t, report.Complete)
		assert.False(t, report.Unfinished, "nothing is under way")

		srv.Faults().Ignore("UpdateCluster", 1)
		spec := pageSpec(2)
		spec.NodeRecovery = types.ClusterNodeRecoveryNone
		_, err = c.Update(t.Context(), hyperpod.Desired(spec))
		require.ErrorIs(t, err, hyperpod.ErrUnmet)
		require.ErrorContains(t, err, `NodeRecovery is "Automatic", asked for was "None"`)
	})
}

// A description that lags behind is waited for, one that stays behind for a minute.
func TestALateDescriptionIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		newCluster(t, srv, 2)
		late := 4
		api := scripted{API: srv.Client(), describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
			out, err := srv.DescribeCluster(ctx, in)
			if err == nil && late > 0 {
				late--
				out.InstanceGroups[0].KubernetesConfig = nil
			}
			return out, err
		}}
		report, err := hyperpod.New(api).Cluster("example-cluster").Update(t.Context(), relabel("workers"))
		require.NoError(t, err)
		assert.True(t, report.Complete)
	})
}

// The answer is lost, the SDK asks again or not, and the service finds its own first
// request in the way or already done.
func TestALostAnswerOfAnUpdateIsFound(t *testing.T) {
	for _, tt := range []struct {
		name          string
		nonContinuous bool
		attempts      int
	}{{"Continuous", false, 3}, {"not Continuous", true, 3}, {"no retries", false, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
				c := hyperpod.New(srv.Client(func(o *sagemaker.Options) { o.RetryMaxAttempts = tt.attempts })).Cluster("example-cluster")
				page := pageSpec(2)
				page.Groups, page.NonContinuous = append(page.Groups, workersGroup("old", 1)), tt.nonContinuous
				_, err := c.Create(t.Context(), page)
				require.NoError(t, err)
				srv.Faults().LoseResponse("UpdateCluster", 1)
				report, err := c.Update(t.Context(), hyperpod.Scale("workers", 4), hyperpod.DeleteGroup("old"))
				require.NoError(t, err)
				assert.True(t, report.Complete)
				assert.False(t, report.Unknown)
				assert.EqualValues(t, 4, *describe(t, srv).InstanceGroups[0].CurrentCount)
			})
		})
	}
}

// Somebody else's operation stays somebody else's.
func TestABusyClusterIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		page := pageSpec(2)
		page.NonContinuous = true
		_, err := c.Create(t.Context(), page)
		require.NoError(t, err)
		_, err = c.With(func(o *hyperpod.Options) { o.NoWait = true }).Update(t.Context(), hyperpod.Scale("workers", 4))
		require.NoError(t, err)
		_, err = c.Update(t.Context(), hyperpod.Scale("workers", 5))
		require.ErrorIs(t, err, hyperpod.ErrBusy)
	})
}

// A new group on "default" gets the image of the cluster's earliest group, and that is
// what was asked.
func TestANewGroupOnTheDefaultImage(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	plan, err := c.Plan(t.Context(), hyperpod.AddGroup(workersGroup("more", 1).WithDefaultImage()))
	require.NoError(t, err)
	assert.Contains(t, plan.String(), "gets the image of the cluster's earliest group")
	_, err = plan.Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, goldenAMI, aws.ToString(describe(t, srv).InstanceGroups[1].CurrentImageId))
}

// A change that no description shows cannot be seen to have been accepted, so that a
// refusal of it is one.
func TestARefusalOfWhatIsNotDescribedIsARefusal(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.Groups[0] = spec.Groups[0].WithDefaultImage().WithAutoPatch(types.ClusterPatchingStrategyWhenIdle, hyperpod.Deployment{})
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	srv.Faults().Fail("UpdateCluster", 1, validation("not now"))
	report, err := c.Update(t.Context(), hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group {
		return g.WithNextPatchDate(time.Now().Add(1000 * time.Hour))
	}))
	require.ErrorContains(t, err, "not now")
	assert.Empty(t, report.Calls)
}

// A member that an edit takes out, and that the service keeps, is not as asked.
func TestWhatIsTakenOutMustBeGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		spec := pageSpec(1)
		spec.Groups[0] = spec.Groups[0].WithDeepHealthChecks(types.DeepHealthCheckTypeInstanceStress)
		_, err := c.Create(t.Context(), spec)
		require.NoError(t, err)
		_, err = c.Update(t.Context(), hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group {
			return g.WithSpec(func(s *types.ClusterInstanceGroupSpecification) { s.OnStartDeepHealthChecks = nil })
		}))
		require.ErrorIs(t, err, hyperpod.ErrUnmet)
		require.ErrorContains(t, err, `OnStartDeepHealthChecks is ["InstanceStress"], asked for was nothing`)
	})
}

// Tags go last: when they fail the update before them is over.
func TestFailedTagsLeaveNothingUnderWay(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	spec := pageSpec(2)
	spec.Tags = map[string]string{"team": "a"}
	srv.Faults().Fail("AddTags", 1, validation("no such tag"))
	report, err := c.Update(t.Context(), hyperpod.Desired(spec))
	require.ErrorContains(t, err, "no such tag")
	assert.Len(t, report.Calls, 1)
	assert.False(t, report.Unfinished)
	assert.NotContains(t, report.String(), "wait for it again")
}

// An update of nothing but the cluster itself is waited for as long as any other.
func TestASlowUpdateOfTheClusterItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		spec := pageSpec(1)
		spec.NonContinuous = true
		_, err := hyperpod.New(srv.Client()).Cluster("example-cluster").Create(t.Context(), spec)
		require.NoError(t, err)
		start, looks := time.Now(), 0
		api := scripted{API: srv.Client(), describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
			out, err := srv.DescribeCluster(ctx, in)
			if looks++; err == nil && looks > 1 && time.Since(start) < time.Hour {
				out.ClusterStatus = types.ClusterStatusUpdating
			}
			return out, err
		}}
		spec.NodeRecovery = types.ClusterNodeRecoveryNone
		report, err := hyperpod.New(api).Cluster("example-cluster").Update(t.Context(), hyperpod.Desired(spec))
		require.NoError(t, err)
		assert.True(t, report.Complete)
		assert.GreaterOrEqual(t, time.Since(start), time.Hour)
	})
}
