package hyperpodtest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestContinuousClusterIsInServiceBeforeItsGroups(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 3)))
		assert.Equal(t, types.ClusterStatusCreating, describe(t, srv).ClusterStatus)
		after(5 * time.Minute)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		assert.Equal(t, types.InstanceGroupStatusCreating, out.InstanceGroups[0].Status)
		assert.Equal(t, map[string]int32{"Scaling": 1}, out.InstanceGroups[0].ActiveOperations)

		for i := range 3 {
			if i == 0 {
				after(10 * time.Minute)
			} else {
				after(time.Minute)
			}
			assert.EqualValues(t, i+1, *describe(t, srv).InstanceGroups[0].CurrentCount, "node by node")
		}
		out = describe(t, srv)
		assert.Equal(t, types.InstanceGroupStatusInservice, out.InstanceGroups[0].Status)
		assert.Empty(t, out.InstanceGroups[0].ActiveOperations)
	})
}

func TestInstanceIDComesBeforeTheNodeRuns(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(5 * time.Minute)
		require.Len(t, nodes(t, srv), 1)
		assert.Empty(t, *nodes(t, srv)[0].InstanceId)
		withIDs, err := srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
		assert.Empty(t, withIDs.ClusterNodeSummaries, "nodes without an instance id are hidden unless asked for")
		after(3 * time.Minute)
		assert.Regexp(t, `^i-[0-9a-f]{17}$`, *nodes(t, srv)[0].InstanceId)
		assert.Equal(t, types.ClusterInstanceStatusPending, nodes(t, srv)[0].InstanceStatus.Status)
	})
}

func TestWholeClusterIsCreatedAsOne(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, wholeInput(group("workers", 2)))
		after(15 * time.Minute)
		assert.Equal(t, types.ClusterStatusCreating, describe(t, srv).ClusterStatus, "one node is still on its way")
		after(time.Minute)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		assert.Nil(t, out.InstanceGroups[0].CurrentImageId, "image ids are shown on Continuous clusters only")
		assert.Empty(t, out.NodeProvisioningMode)
	})
}

func TestWholeClusterThatCannotBeCreatedFails(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.FailLifecycle(golden, "exit status 1")
		create(t, srv, wholeInput(group("workers", 1)))
		after(30 * time.Minute)
		assert.Equal(t, types.ClusterStatusRollingback, describe(t, srv).ClusterStatus)
		_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		assert.Equal(t, "ConflictException", code(t, err))
		after(4 * time.Minute)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusFailed, out.ClusterStatus)
		assert.Contains(t, *out.FailureMessage, "exit status 1")
		assert.Equal(t, types.InstanceGroupStatusFailed, out.InstanceGroups[0].Status)
		_, err = srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
	})
}

func TestSlurmIsInServiceWithItsController(t *testing.T) {
	kind := func(k types.ClusterSlurmNodeType) func(*types.ClusterInstanceGroupSpecification) {
		return func(g *types.ClusterInstanceGroupSpecification) {
			g.SlurmConfig = &types.ClusterSlurmConfig{NodeType: k}
		}
	}
	slurm := func() *sagemaker.CreateClusterInput {
		in := createInput(group("head", 1, kind(types.ClusterSlurmNodeTypeController)), group("login", 1, kind(types.ClusterSlurmNodeTypeLogin)), group("workers", 9, kind(types.ClusterSlurmNodeTypeCompute)))
		in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
		return in
	}
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, slurm())
		after(14 * time.Minute)
		assert.Equal(t, types.ClusterStatusCreating, describe(t, srv).ClusterStatus)
		after(time.Minute)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		assert.Equal(t, types.InstanceGroupStatusCreating, out.InstanceGroups[2].Status, "the others are on their way")
	})
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.FailLifecycle(golden, "slurmctld did not start")
		create(t, srv, slurm())
		after(time.Hour)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusFailed, out.ClusterStatus)
		assert.Contains(t, *out.FailureMessage, "slurmctld")
	})
}
