package hyperpod_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const volumeKey = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// The traps into which programs fall that rebuild a group for UpdateCluster: each has
// lost somebody a setting, or a night. That pending scaling is not cancelled is shown
// by TestPendingScalingIsNotCancelled.
func TestTraps(t *testing.T) {
	tests := []struct {
		name  string
		group func(hyperpod.Group) hyperpod.Group
		check func(*testing.T, types.ClusterInstanceGroupSpecification)
	}{
		{"image kept", func(g hyperpod.Group) hyperpod.Group { return g }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Equal(t, goldenAMI, aws.ToString(s.ImageId))
		}},
		{"labels kept", func(g hyperpod.Group) hyperpod.Group {
			return g.WithKubernetesLabels(map[string]string{"team": "a"}).WithKubernetesTaints(hyperpod.Taint("gpu", "yes", types.ClusterKubernetesTaintEffectNoSchedule))
		}, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Equal(t, map[string]string{"team": "a"}, s.KubernetesConfig.Labels)
			assert.Len(t, s.KubernetesConfig.Taints, 1)
		}},
		{"minimum kept", func(g hyperpod.Group) hyperpod.Group { return g.WithMinInstanceCount(2) }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.EqualValues(t, 2, aws.ToInt32(s.MinInstanceCount))
		}},
		{"network resent", func(g hyperpod.Group) hyperpod.Group {
			return g.WithOverrideVPC(hyperpod.VPC{Subnets: []string{"subnet-1"}, SecurityGroups: []string{"sg-1"}})
		}, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Equal(t, []string{"subnet-1"}, s.OverrideVpcConfig.Subnets)
		}},
		{"storage resent", func(g hyperpod.Group) hyperpod.Group { return g.WithEBSVolume(500).WithRootVolumeKey(volumeKey) }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Len(t, s.InstanceStorageConfigs, 2)
		}},
		{"flexible group", func(g hyperpod.Group) hyperpod.Group {
			return g.WithFlexibleInstances(2, types.ClusterInstanceTypeMlC52xlarge, types.ClusterInstanceTypeMlC5Xlarge)
		}, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Empty(t, s.InstanceType)
			assert.Equal(t, []types.ClusterInstanceType{types.ClusterInstanceTypeMlC52xlarge, types.ClusterInstanceTypeMlC5Xlarge}, s.InstanceRequirements.InstanceTypes, "the order is the priority")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
			spec := pageSpec(1)
			spec.Groups = []hyperpod.Group{tt.group(workersGroup("workers", 2))}
			_, err := c.Create(t.Context(), spec)
			require.NoError(t, err)
			_, err = c.Update(t.Context(), hyperpod.Scale("workers", 3))
			require.NoError(t, err)
			tt.check(t, sent[sagemaker.UpdateClusterInput](srv)[0].InstanceGroups[0])
			plan, err := c.Plan(t.Context(), hyperpod.Scale("workers", 2))
			require.NoError(t, err)
			require.Len(t, plan.Changes(), 1)
			assert.Equal(t, []hyperpod.FieldChange{{Path: "InstanceCount", Before: "3", After: "2"}}, plan.Changes()[0].Fields, "nothing else changed on the way")
		})
	}
}

// A restricted group at zero keeps its file system, and comes back with all it had.
func TestTrapRestrictedGroupAtZero(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	restricted := types.ClusterRestrictedInstanceGroupSpecification{
		InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(2), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(adminRole),
		EnvironmentConfig: &types.EnvironmentConfig{FSxLustreConfig: &types.FSxLustreConfig{SizeInGiB: aws.Int32(12000), PerUnitStorageThroughput: aws.Int32(125)}},
	}
	spec.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{restricted}
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	for _, count := range []int32{0, 2} {
		_, err = c.Update(t.Context(), hyperpod.Scale("nova", count))
		require.NoError(t, err)
	}
	updates := sent[sagemaker.UpdateClusterInput](srv)
	require.Len(t, updates, 2)
	assert.Equal(t, restricted, updates[1].RestrictedInstanceGroups[0])
}

// DescribeCluster may leave the orchestrator of a Slurm cluster out.
func TestTrapSlurmWithoutOrchestrator(t *testing.T) {
	srv := hyperpodtest.NewServer()
	spec := pageSpec(1)
	spec.Orchestrator, spec.NonContinuous = hyperpod.Slurm(), true
	_, err := hyperpod.New(srv.Client(), fast).Cluster("example-cluster").Create(t.Context(), spec)
	require.NoError(t, err)
	api := scripted{API: srv.Client(), describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
		out, err := srv.DescribeCluster(ctx, in)
		if err == nil {
			out.Orchestrator = nil
		}
		return out, err
	}}
	c := hyperpod.New(api, fast).Cluster("example-cluster")
	plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.True(t, plan.Empty(), "%s", plan)
	_, err = c.Plan(t.Context(), hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group {
		return g.WithKubernetesLabels(map[string]string{"team": "a"})
	}))
	require.ErrorContains(t, err, "the cluster is orchestrated by Slurm")
	live, err := c.Describe(t.Context())
	require.NoError(t, err)
	rebuilt, _, err := live.Spec()
	require.NoError(t, err)
	assert.Equal(t, hyperpod.Slurm(), rebuilt.Orchestrator)
}

func TestTrapHundredGroups(t *testing.T) {
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.MaxInstances = 1000 })
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.Groups = nil
	for i := range 100 {
		spec.Groups = append(spec.Groups, workersGroup(fmt.Sprintf("group-%d", i), 1))
	}
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	for i := range spec.Groups {
		spec.Groups[i] = spec.Groups[i].WithInstanceCount(2)
	}
	before := len(srv.Calls())
	report, err := c.Update(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.Len(t, report.Groups, 100)
	assert.Equal(t, []string{"DescribeCluster", "UpdateCluster", "DescribeCluster"}, ops(srv, before))
	_, err = c.Plan(t.Context(), hyperpod.Desired(spec), hyperpod.AddGroup(workersGroup("one-more", 1)))
	require.NoError(t, err, "what the cluster has by now is the service's to judge")
}

// Editors at the same time: nobody's change is lost, and who comes late is told.
func TestTrapConcurrentEditors(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	const editors = 8
	var wg sync.WaitGroup
	errs := make([]error, editors)
	for i := range editors {
		wg.Go(func() {
			_, errs[i] = c.Update(t.Context(), hyperpod.AddGroup(workersGroup(fmt.Sprintf("group-%d", i), 1)))
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...), "each adds a group of its own")
	assert.Len(t, describe(t, srv).InstanceGroups, editors+1)

	plans := make([]*hyperpod.Plan, editors)
	for i := range editors {
		var err error
		plans[i], err = c.Plan(t.Context(), hyperpod.Scale("workers", int32(i+2)))
		require.NoError(t, err)
	}
	applied := 0
	for _, plan := range plans {
		_, err := plan.Apply(t.Context())
		if err == nil {
			applied++
			continue
		}
		require.ErrorIs(t, err, hyperpod.ErrStale)
	}
	assert.Equal(t, 1, applied, "all saw the same state, one changed it")
}
