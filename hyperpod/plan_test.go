package hyperpod_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func TestPlanPrintsADiff(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("login", 1)))
	require.NoError(t, err)
	plan, err := c.Plan(t.Context(), hyperpod.Scale("workers", 12), hyperpod.AddGroup(workersGroup("debug", 1)), hyperpod.DeleteGroup("login"))
	require.NoError(t, err)
	assert.Equal(t, `plan for cluster example-cluster (`+*describe(t, srv).ClusterArn+`)
  ~ group workers
      ~ InstanceCount  2 -> 12
  - group login, with its 1 instance
  + group debug
      + ExecutionRole                "arn:aws:iam::444455556666:role/Admin"
      + InstanceCount                1
      + InstanceGroupName            "debug"
      + ImageId                      "ami-0123456789abcdef0"
      + InstanceType                 "ml.c5.2xlarge"
      + LifeCycleConfig.OnCreate     "on_create_noop.sh"
      + LifeCycleConfig.SourceS3Uri  "s3://amzn-s3-demo-bucket"
      + ThreadsPerCore               1
  warning: InstanceGroupsToDelete[0]: group "login" is deleted with its instances and volumes, which cannot be undone [group-deleted]
`, plan.String())

	in := plan.Input()
	assert.Len(t, in.InstanceGroups, 2)
	assert.Equal(t, []string{"login"}, in.InstanceGroupsToDelete)
	in.InstanceGroupsToDelete[0] = "changed"
	assert.Equal(t, []string{"login"}, plan.Input().InstanceGroupsToDelete, "what is handed out is a copy")

	report, err := plan.Apply(t.Context())
	require.NoError(t, err)
	outcomes := map[string]hyperpod.GroupOutcome{}
	for _, g := range report.Groups {
		outcomes[g.Name] = g.Outcome
	}
	assert.Equal(t, map[string]hyperpod.GroupOutcome{"workers": hyperpod.OutcomeInService, "debug": hyperpod.OutcomeInService, "login": hyperpod.OutcomeDeleted}, outcomes)
}

func TestPlanCallsOnce(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	before := len(srv.Calls())
	plan, err := c.Plan(t.Context(), hyperpod.Scale("workers", 3))
	require.NoError(t, err)
	require.Len(t, srv.Calls(), before+1)
	_, err = plan.Apply(t.Context())
	require.NoError(t, err)
	var names []string
	for _, call := range srv.Calls()[before+1:] {
		names = append(names, call.Operation)
	}
	assert.Equal(t, []string{"DescribeCluster", "UpdateCluster", "DescribeCluster"}, names)
}

func TestNothingToDoSendsNothing(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	plan, err := c.Plan(t.Context(), hyperpod.Scale("workers", 2))
	require.NoError(t, err)
	assert.True(t, plan.Empty())
	assert.Contains(t, plan.String(), "nothing to do")
	report, err := plan.Apply(t.Context())
	require.NoError(t, err)
	assert.True(t, report.Complete)
	_, err = c.Update(t.Context(), hyperpod.AddGroup(workersGroup("x", 1)), hyperpod.DeleteGroup("x"))
	require.NoError(t, err)
	plan, err = c.Plan(t.Context(), hyperpod.AddGroup(workersGroup("x", 1)), hyperpod.DeleteGroup("x"), hyperpod.AddGroup(workersGroup("x", 2)))
	require.NoError(t, err)
	assert.EqualValues(t, 2, *plan.Input().InstanceGroups[0].InstanceCount, "what was never there can be added again")
	assert.Equal(t, []string{"CreateCluster"}, mutations(srv))
}

func TestEditsOfUnknownAndKnownGroups(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	tests := []struct {
		name  string
		edits []hyperpod.Edit
		want  error
	}{
		{"scale", []hyperpod.Edit{hyperpod.Scale("none", 1)}, hyperpod.ErrGroupNotFound},
		{"delete", []hyperpod.Edit{hyperpod.DeleteGroup("none")}, hyperpod.ErrGroupNotFound},
		{"scale after delete", []hyperpod.Edit{hyperpod.DeleteGroup("workers"), hyperpod.Scale("workers", 1)}, hyperpod.ErrGroupNotFound},
		{"add", []hyperpod.Edit{hyperpod.AddGroup(workersGroup("workers", 1))}, hyperpod.ErrGroupExists},
		{"add twice", []hyperpod.Edit{hyperpod.AddGroup(workersGroup("x", 1)), hyperpod.AddGroup(workersGroup("x", 1))}, hyperpod.ErrGroupExists},
		{"negative count", []hyperpod.Edit{hyperpod.Scale("workers", -1)}, hyperpod.ErrInvalid},
		{"last group", []hyperpod.Edit{hyperpod.DeleteGroup("workers")}, hyperpod.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.Plan(t.Context(), tt.edits...)
			require.ErrorIs(t, err, tt.want)
			report, err := c.Update(t.Context(), tt.edits...)
			require.ErrorIs(t, err, tt.want)
			assert.NotNil(t, report)
			assert.Equal(t, []string{"CreateCluster"}, mutations(srv), "nothing was sent")
		})
	}
}

func TestStalePlans(t *testing.T) {
	scale := func(name string, count int32) func(*testing.T, *hyperpodtest.Server) {
		return func(t *testing.T, srv *hyperpodtest.Server) {
			t.Helper()
			_, err := hyperpod.New(srv.Client(), fast).Cluster("example-cluster").Update(t.Context(), hyperpod.Scale(name, count))
			require.NoError(t, err)
		}
	}
	edit := func(edit hyperpod.Edit) func(*testing.T, *hyperpodtest.Server) {
		return func(t *testing.T, srv *hyperpodtest.Server) {
			t.Helper()
			_, err := hyperpod.New(srv.Client(), fast).Cluster("example-cluster").Update(t.Context(), edit)
			require.NoError(t, err)
		}
	}
	tests := []struct {
		name      string
		plan      hyperpod.Edit
		meanwhile func(*testing.T, *hyperpodtest.Server)
		stale     bool
	}{
		{"group scaled by another", hyperpod.Scale("workers", 5), scale("workers", 3), true},
		{"other group scaled", hyperpod.Scale("workers", 5), scale("login", 3), false},
		{"group added by another", hyperpod.AddGroup(workersGroup("new", 1)), edit(hyperpod.AddGroup(workersGroup("new", 1))), true},
		{"group deleted by another", hyperpod.DeleteGroup("workers"), edit(hyperpod.DeleteGroup("workers")), true},
		{"doomed group scaled by another", hyperpod.DeleteGroup("login"), scale("login", 50), true},
		{"cluster replaced", hyperpod.Scale("workers", 5), func(t *testing.T, srv *hyperpodtest.Server) {
			t.Helper()
			c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
			_, err := c.Delete(t.Context())
			require.NoError(t, err)
			_, err = c.Create(t.Context(), pageSpec(2))
			require.NoError(t, err)
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			c := newCluster(t, srv, 2)
			_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("login", 1)))
			require.NoError(t, err)
			plan, err := c.Plan(t.Context(), tt.plan)
			require.NoError(t, err)
			tt.meanwhile(t, srv)
			before := mutations(srv)
			_, err = plan.Apply(t.Context())
			if !tt.stale {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, hyperpod.ErrStale)
			assert.Equal(t, before, mutations(srv), "nothing was sent")
		})
	}
}

// What is deleted need not be rebuilt: a volume that the SDK does not know is no
// obstacle.
func TestDeletingAGroupThatCannotBeRebuilt(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("login", 1)))
	require.NoError(t, err)
	api := scripted{API: srv.Client(), describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
		out, err := srv.DescribeCluster(ctx, in)
		if err == nil && len(out.InstanceGroups) > 1 {
			out.InstanceGroups[1].InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{nil}
		}
		return out, err
	}}
	broken := hyperpod.New(api, fast).Cluster("example-cluster")
	_, err = broken.Plan(t.Context(), hyperpod.Scale("login", 2))
	require.ErrorContains(t, err, "would be lost")
	plan, err := broken.Plan(t.Context(), hyperpod.DeleteGroup("login"))
	require.NoError(t, err)
	_, err = plan.Apply(t.Context())
	require.NoError(t, err)
}

// What a live group has already is no error of the edit: it is sent back with a warning.
func TestLiveOddityIsAWarning(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 1)
	api := scripted{API: srv.Client(), describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
		out, err := srv.DescribeCluster(ctx, in)
		if err == nil {
			out.NodeProvisioningMode = ""
			out.InstanceGroups[0].MinCount = aws.Int32(0)
			out.InstanceGroups[0].OnStartDeepHealthChecks = []types.DeepHealthCheckType{"NewCheck"}
		}
		return out, err
	}}
	c := hyperpod.New(api, fast).Cluster("example-cluster")
	plan, err := c.Plan(t.Context(), hyperpod.Scale("workers", 2))
	require.NoError(t, err)
	assert.Contains(t, plan.String(), "NewCheck")
	assert.Nil(t, plan.Input().InstanceGroups[0].MinInstanceCount)
	_, err = c.Plan(t.Context(), hyperpod.Scale("workers", -1))
	require.ErrorIs(t, err, hyperpod.ErrInvalid, "what the edit itself gets wrong is an error")
}

// A group that is still scaling is sent back with its target, not with the count that
// it has by now.
func TestPendingScalingIsNotCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		_, err = c.With(func(o *hyperpod.Options) { o.NoWait = true }).Update(t.Context(), hyperpod.Scale("workers", 9))
		require.NoError(t, err)
		plan, err := c.Plan(t.Context(), hyperpod.Scale("workers", 10))
		require.NoError(t, err)
		assert.Contains(t, plan.String(), "9 -> 10")
		_, err = plan.Apply(t.Context())
		require.NoError(t, err)
		assert.EqualValues(t, 10, *describe(t, srv).InstanceGroups[0].CurrentCount)
	})
}

// What the service describes of a group that has every setting goes back unchanged.
func TestScalingKeepsEverySetting(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	group := workersGroup("workers", 2).WithEBSVolume(100).WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
		s.MinInstanceCount = aws.Int32(1)
		s.KubernetesConfig = &types.ClusterKubernetesConfig{
			Labels: map[string]string{"team": "a"},
			Taints: []types.ClusterKubernetesTaint{{Key: aws.String("gpu"), Value: aws.String("yes"), Effect: types.ClusterKubernetesTaintEffectNoSchedule}},
		}
		s.OverrideVpcConfig = &types.VpcConfig{Subnets: []string{"subnet-1"}, SecurityGroupIds: []string{"sg-1"}}
		s.CapacityRequirements = &types.ClusterCapacityRequirements{OnDemand: &types.ClusterOnDemandOptions{}}
		s.NetworkInterface = &types.ClusterNetworkInterface{InterfaceType: types.ClusterInterfaceTypeEfa}
	})
	spec := pageSpec(1)
	spec.Groups = []hyperpod.Group{group}
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	_, err = c.Update(t.Context(), hyperpod.Scale("workers", 3))
	require.NoError(t, err)
	want := group.Spec()
	want.InstanceCount = aws.Int32(3)
	assert.Equal(t, encoded(t, &want), groupsOf(t, encoded(t, sent[sagemaker.UpdateClusterInput](srv)[0]))[0])
}

func TestScalingARestrictedGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
		InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(adminRole),
	}}
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	report, err := c.Update(t.Context(), hyperpod.Scale("nova", 0))
	require.NoError(t, err)
	assert.EqualValues(t, 0, report.Groups[0].Count)
	in := sent[sagemaker.UpdateClusterInput](srv)[0]
	assert.Empty(t, in.InstanceGroups)
	require.Len(t, in.RestrictedInstanceGroups, 1)
	assert.Equal(t, adminRole, *in.RestrictedInstanceGroups[0].ExecutionRole)
}

// On a cluster that is updated as a whole, a failed scale-up hides itself: the group is
// in service with the count it had.
func TestScaleThatIsRolledBackIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		spec := pageSpec(2)
		spec.NonContinuous = true
		_, err := c.Create(t.Context(), spec)
		require.NoError(t, err)
		srv.FailLifecycle(goldenAMI, "no space left on device")
		report, err := c.Update(t.Context(), hyperpod.Scale("workers", 4))
		require.ErrorIs(t, err, waiter.ErrTargetReset)
		require.ErrorContains(t, err, "no space left on device")
		assert.EqualValues(t, 2, report.Groups[0].Count)
		assert.EqualValues(t, 4, report.Groups[0].Wanted)
	})
}
