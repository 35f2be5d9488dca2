package hyperpod_test

import (
	"context"
	"strings"
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
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestCreateRefusesBadInput(t *testing.T) {
	tests := []struct {
		name string
		edit func(*hyperpod.Spec)
		path string
	}{
		{"no group", func(s *hyperpod.Spec) { s.Groups = nil }, "InstanceGroups"},
		{"no orchestrator", func(s *hyperpod.Spec) { s.Orchestrator = hyperpod.Orchestrator{} }, "Orchestrator"},
		{"EKS ARN", func(s *hyperpod.Spec) { s.Orchestrator = hyperpod.EKS("example-eks") }, "Orchestrator.Eks.ClusterArn"},
		{"EKS without a network", func(s *hyperpod.Spec) { s.VPC = hyperpod.VPC{} }, "VpcConfig"},
		{"subnets only", func(s *hyperpod.Spec) { s.VPC.SecurityGroups = nil }, "VpcConfig.SecurityGroupIds"},
		{"tag", func(s *hyperpod.Spec) { s.Tags = map[string]string{"": "v"} }, "Tags[0].Key"},
		{"same name", func(s *hyperpod.Spec) { s.Groups = append(s.Groups, s.Groups[0]) }, "InstanceGroups[1].InstanceGroupName"},
		{"second group", func(s *hyperpod.Spec) { s.Groups = append(s.Groups, workersGroup("b", -1)) }, "InstanceGroups[1].InstanceCount"},
		{"minimum without Continuous", func(s *hyperpod.Spec) {
			s.NonContinuous = true
			s.Groups[0] = s.Groups[0].WithSpec(func(g *types.ClusterInstanceGroupSpecification) { g.MinInstanceCount = aws.Int32(1) })
		}, "InstanceGroups[0].MinInstanceCount"},
		{"Slurm settings on EKS", func(s *hyperpod.Spec) {
			s.Groups[0] = s.Groups[0].WithSpec(func(g *types.ClusterInstanceGroupSpecification) {
				g.SlurmConfig = &types.ClusterSlurmConfig{NodeType: types.ClusterSlurmNodeTypeLogin}
			})
		}, "InstanceGroups[0].SlurmConfig"},
		{"restricted group", func(s *hyperpod.Spec) {
			s.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{{InstanceGroupName: aws.String("r"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge}}
		}, "RestrictedInstanceGroups[0].ExecutionRole"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			spec := pageSpec(1)
			tt.edit(&spec)
			report, err := hyperpod.New(srv.Client(), fast).Cluster("example-cluster").Create(t.Context(), spec)
			var invalid *hyperpod.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Len(t, invalid.Findings, 1)
			assert.Equal(t, tt.path, invalid.Findings[0].Path)
			assert.Contains(t, err.Error(), tt.path)
			assert.Empty(t, srv.Calls(), "nothing was sent")
			require.NotNil(t, report)
			assert.Equal(t, err, report.Err)
		})
	}
}

func TestBadClusterName(t *testing.T) {
	srv := hyperpodtest.NewServer()
	_, err := hyperpod.New(srv.Client(), fast).Cluster("no_underscore").Create(t.Context(), pageSpec(1))
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "ClusterName")
	assert.Empty(t, srv.Calls())
}

// The same groups on another network or orchestrator are another cluster.
func TestCreateFindsAnAlikeClusterElsewhere(t *testing.T) {
	srv := hyperpodtest.NewServer()
	api := scripted{API: srv.Client(), create: func(ctx context.Context, in *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error) {
		other := *in
		other.VpcConfig = &types.VpcConfig{Subnets: []string{"subnet-other"}, SecurityGroupIds: in.VpcConfig.SecurityGroupIds}
		_, err := srv.CreateCluster(ctx, &other)
		require.NoError(t, err)
		return srv.CreateCluster(ctx, in)
	}}
	_, err := hyperpod.New(api, fast).Cluster("example-cluster").Create(t.Context(), pageSpec(2))
	require.ErrorIs(t, err, hyperpod.ErrClusterExists)
}

func TestClusterExists(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	_, err := c.Create(t.Context(), pageSpec(2))
	require.ErrorIs(t, err, hyperpod.ErrClusterExists)
	var sdk *types.ResourceInUse
	require.ErrorAs(t, err, &sdk)
}

// A cluster that was there before is not taken for the one asked for, however alike.
func TestClusterExistsAndIsAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		c := newCluster(t, srv, 1)
		time.Sleep(time.Minute)
		_, err := c.Create(t.Context(), pageSpec(1))
		require.ErrorIs(t, err, hyperpod.ErrClusterExists)
	})
}

// The answer to CreateCluster is lost, the SDK sends it again, and the service finds
// the name taken: by the cluster that was asked for.
func TestCreateAfterALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		api := scripted{API: srv.Client(), create: func(ctx context.Context, in *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error) {
			_, err := srv.CreateCluster(ctx, in)
			require.NoError(t, err)
			return srv.CreateCluster(ctx, in)
		}}
		report, err := hyperpod.New(api).Cluster("example-cluster").Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		assert.True(t, report.Complete)
		assert.NotEmpty(t, report.ARN)
	})
}

// The same, but somebody else took the name a moment before.
func TestCreateFindsSomebodyElsesCluster(t *testing.T) {
	srv := hyperpodtest.NewServer()
	api := scripted{API: srv.Client(), create: func(ctx context.Context, in *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error) {
		other := *in
		other.InstanceGroups = []types.ClusterInstanceGroupSpecification{workersGroup("workers", 7).Spec()}
		_, err := srv.CreateCluster(ctx, &other)
		require.NoError(t, err)
		return srv.CreateCluster(ctx, in)
	}}
	_, err := hyperpod.New(api, fast).Cluster("example-cluster").Create(t.Context(), pageSpec(2))
	require.ErrorIs(t, err, hyperpod.ErrClusterExists)
}

func TestCreationThatFailsIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, nonContinuous := range []bool{false, true} {
			srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
			srv.FailLifecycle(goldenAMI, "on_create.sh: exit status 3")
			spec := pageSpec(2)
			spec.NonContinuous = nonContinuous
			report, err := hyperpod.New(srv.Client()).Cluster("example-cluster").Create(t.Context(), spec)
			var failed *hyperpod.FailedError
			require.ErrorAs(t, err, &failed)
			require.ErrorIs(t, err, poll.ErrFailed)
			require.ErrorContains(t, err, "on_create.sh: exit status 3")
			assert.Equal(t, []string{"CreateCluster"}, mutations(srv))
			assert.Len(t, report.Calls, 1)
			assert.False(t, report.Complete)
			assert.False(t, report.Unfinished, "it has ended, badly")
			assert.Equal(t, 1, strings.Count(err.Error(), "on_create.sh: exit status 3"), "one cause is told once")
			assert.NotEmpty(t, report.ARN)
		}
	})
}
