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

func addNodes(group string, n int32) types.AddClusterNodeSpecification {
	return types.AddClusterNodeSpecification{InstanceGroupName: aws.String(group), IncrementTargetCountBy: aws.Int32(n)}
}

func TestBatchAdd(t *testing.T) {
	doors(t, func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API) {
		create(t, srv, createInput(group("workers", 1)))
		in := &sagemaker.BatchAddClusterNodesInput{
			ClusterName: aws.String("train"), ClientToken: aws.String("token"), NodesToAdd: []types.AddClusterNodeSpecification{addNodes("workers", 2), addNodes("none", 3)},
		}
		out, err := api.BatchAddClusterNodes(t.Context(), in)
		require.NoError(t, err)
		require.Len(t, out.Successful, 2)
		require.Len(t, out.Failed, 1)
		assert.Equal(t, types.BatchAddClusterNodesErrorCodeInstanceGroupNotFound, out.Failed[0].ErrorCode)
		assert.EqualValues(t, 3, *out.Failed[0].FailedCount)
		assert.EqualValues(t, 3, *describe(t, srv).InstanceGroups[0].CurrentCount)

		_, err = srv.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train"), NodeLogicalIds: []string{*out.Successful[0].NodeLogicalId}})
		require.NoError(t, err)
		describe(t, srv)
		again, err := api.BatchAddClusterNodes(t.Context(), in)
		require.NoError(t, err)
		assert.Equal(t, types.ClusterInstanceStatusNotFound, again.Successful[0].Status, "the same token adds nothing, and a node that is gone is not found")
		assert.Equal(t, types.ClusterInstanceStatusRunning, again.Successful[1].Status)
		in.NodesToAdd = in.NodesToAdd[:1]
		_, err = api.BatchAddClusterNodes(t.Context(), in)
		assert.Equal(t, "ValidationException", code(t, err), "the same token for something else")
		assert.EqualValues(t, 2, *describe(t, srv).InstanceGroups[0].TargetCount)
	})
}

func TestBatchAddRefusals(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	tests := []struct {
		name string
		add  []types.AddClusterNodeSpecification
	}{
		{"all fail", []types.AddClusterNodeSpecification{addNodes("none", 1)}},
		{"too many nodes", []types.AddClusterNodeSpecification{addNodes("workers", 30), addNodes("workers", 30)}},
		{"another type", []types.AddClusterNodeSpecification{{InstanceGroupName: aws.String("workers"), IncrementTargetCountBy: aws.Int32(1), InstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlC54xlarge}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := srv.BatchAddClusterNodes(t.Context(), &sagemaker.BatchAddClusterNodesInput{ClusterName: aws.String("train"), NodesToAdd: tt.add})
			assert.Equal(t, "ValidationException", code(t, err))
			assert.EqualValues(t, 1, *describe(t, srv).InstanceGroups[0].TargetCount)
		})
	}
	whole := hyperpodtest.NewServer()
	create(t, whole, wholeInput(group("workers", 1)))
	_, err := whole.BatchAddClusterNodes(t.Context(), &sagemaker.BatchAddClusterNodesInput{ClusterName: aws.String("train"), NodesToAdd: []types.AddClusterNodeSpecification{addNodes("workers", 1)}})
	assert.ErrorContains(t, err, "Continuous")
}

// Each operation on chosen nodes reports failures under names of its own.
func TestBatchPartialFailure(t *testing.T) {
	doors(t, func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API) {
		create(t, srv, createInput(group("workers", 4)))
		describe(t, srv)
		all := nodes(t, srv)
		unknown := "i-00000000000000000"

		reboot, err := api.BatchRebootClusterNodes(t.Context(), &sagemaker.BatchRebootClusterNodesInput{
			ClusterName: aws.String("train"), NodeIds: []string{*all[0].InstanceId, unknown}, NodeLogicalIds: []string{*all[1].NodeLogicalId, "node-none"},
		})
		require.NoError(t, err)
		assert.Equal(t, []string{*all[0].InstanceId}, reboot.Successful)
		assert.Equal(t, []string{*all[1].NodeLogicalId}, reboot.SuccessfulNodeLogicalIds)
		assert.Equal(t, types.BatchRebootClusterNodesErrorCodeInstanceIdNotFound, reboot.Failed[0].ErrorCode)
		assert.Equal(t, types.BatchRebootClusterNodesErrorCodeInstanceIdNotFound, reboot.FailedNodeLogicalIds[0].ErrorCode)

		replace, err := api.BatchReplaceClusterNodes(t.Context(), &sagemaker.BatchReplaceClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{*all[0].InstanceId, unknown}})
		require.NoError(t, err)
		assert.Equal(t, types.BatchReplaceClusterNodesErrorCodeInstanceIdNotFound, replace.Failed[0].ErrorCode)
		assert.EqualValues(t, 4, *describe(t, srv).InstanceGroups[0].TargetCount)
		var ids []string
		for _, n := range nodes(t, srv) {
			ids = append(ids, *n.InstanceId)
		}
		assert.Len(t, ids, 4)
		assert.NotContains(t, ids, *all[0].InstanceId)

		del, err := api.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{
			ClusterName: aws.String("train"), NodeIds: []string{*all[1].InstanceId, unknown}, NodeLogicalIds: []string{"node-none", *all[1].NodeLogicalId},
		})
		require.NoError(t, err)
		assert.Equal(t, types.BatchDeleteClusterNodesErrorCodeNodeIdNotFound, del.Failed[0].Code)
		assert.Equal(t, types.BatchDeleteClusterNodesErrorCodeNodeIdNotFound, del.FailedNodeLogicalIds[0].Code)
		assert.EqualValues(t, 3, *describe(t, srv).InstanceGroups[0].TargetCount, "a node named by both its ids counts once")
	})
}

func TestBatchRefusals(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	describe(t, srv)
	_, err := srv.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train")})
	assert.Equal(t, "ValidationException", code(t, err))
	_, err = srv.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{"i-00000000000000000"}})
	assert.Equal(t, "ValidationException", code(t, err), "every entry fails")
	many := make([]string, 26)
	for i := range many {
		many[i] = "i-0000000000000000" + string("0123456789abcdef0123456789"[i])
	}
	_, err = srv.BatchRebootClusterNodes(t.Context(), &sagemaker.BatchRebootClusterNodesInput{ClusterName: aws.String("train"), NodeIds: many})
	assert.Equal(t, "ValidationException", code(t, err))
}

// A replaced node is another instance under the same logical id, by which it is tracked
// from its addition on, however often it is replaced.
func TestReplacedNodeKeepsItsLogicalID(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		name := aws.String("train")
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		add := &sagemaker.BatchAddClusterNodesInput{ClusterName: name, ClientToken: aws.String("t"), NodesToAdd: []types.AddClusterNodeSpecification{addNodes("workers", 1)}}
		added, err := srv.BatchAddClusterNodes(t.Context(), add)
		require.NoError(t, err)
		after(time.Hour)
		logicalID := added.Successful[0].NodeLogicalId
		seen := map[string]bool{}
		for range 3 {
			before, err := srv.DescribeClusterNode(t.Context(), &sagemaker.DescribeClusterNodeInput{ClusterName: name, NodeLogicalId: logicalID})
			require.NoError(t, err)
			require.Equal(t, types.ClusterInstanceStatusRunning, before.NodeDetails.InstanceStatus.Status)
			require.False(t, seen[*before.NodeDetails.InstanceId], "a new instance every time")
			seen[*before.NodeDetails.InstanceId] = true
			_, err = srv.BatchReplaceClusterNodes(t.Context(), &sagemaker.BatchReplaceClusterNodesInput{ClusterName: name, NodeLogicalIds: []string{*logicalID}})
			require.NoError(t, err)
			named := 0
			for _, n := range nodes(t, srv) {
				if aws.ToString(n.NodeLogicalId) == *logicalID {
					assert.Equal(t, types.ClusterInstanceStatusPending, n.InstanceStatus.Status)
					named++
				}
			}
			assert.Equal(t, 1, named, "the id is unique")
			replay, err := srv.BatchAddClusterNodes(t.Context(), add)
			require.NoError(t, err)
			assert.Equal(t, types.ClusterInstanceStatusPending, replay.Successful[0].Status)
			after(time.Hour)
		}
	})
}

// The SDK's documentation bounds NodeLogicalIds at 50 together with NodeIds.
func TestBatchDeleteTakesFiftyNodesByLogicalID(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 60)))
	describe(t, srv)
	var ids, logical []string
	for i, n := range nodes(t, srv) {
		if i < 30 {
			ids = append(ids, *n.InstanceId)
		} else {
			logical = append(logical, *n.NodeLogicalId)
		}
	}
	in := &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train"), NodeIds: ids, NodeLogicalIds: logical[:21]}
	_, err := srv.BatchDeleteClusterNodes(t.Context(), in)
	assert.Equal(t, "ValidationException", code(t, err))
	in.NodeLogicalIds = logical[:20]
	_, err = srv.BatchDeleteClusterNodes(t.Context(), in)
	require.NoError(t, err)
}

func TestBatchOnAWholeCluster(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, wholeInput(group("workers", 2)))
		after(time.Hour)
		id := *nodes(t, srv)[0].InstanceId
		_, err := srv.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{id}})
		require.NoError(t, err)
		assert.Equal(t, types.ClusterStatusUpdating, describe(t, srv).ClusterStatus)
		_, err = srv.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{id}})
		assert.Equal(t, "ConflictException", code(t, err))
		after(time.Hour)
		assert.Equal(t, types.ClusterStatusInservice, describe(t, srv).ClusterStatus)
		assert.EqualValues(t, 1, *describe(t, srv).InstanceGroups[0].TargetCount)
	})
}

func TestSlurmControllerIsSpared(t *testing.T) {
	srv := hyperpodtest.NewServer()
	in := createInput(group("head", 1, func(g *types.ClusterInstanceGroupSpecification) {
		g.SlurmConfig = &types.ClusterSlurmConfig{NodeType: types.ClusterSlurmNodeTypeController}
	}))
	in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
	create(t, srv, in)
	describe(t, srv)
	id := *nodes(t, srv)[0].InstanceId
	_, err := srv.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{id}})
	require.ErrorContains(t, err, "Slurm controller")
	_, err = srv.BatchReplaceClusterNodes(t.Context(), &sagemaker.BatchReplaceClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{id}})
	require.ErrorContains(t, err, "Slurm controller")
	_, err = srv.BatchRebootClusterNodes(t.Context(), &sagemaker.BatchRebootClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{id}})
	require.NoError(t, err)
}

func TestTags(t *testing.T) {
	doors(t, func(t *testing.T, _ *hyperpodtest.Server, api hyperpodtest.API) {
		in := createInput(group("workers", 1))
		in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}
		create(t, api, in)
		arn := describe(t, api).ClusterArn
		added, err := api.AddTags(t.Context(), &sagemaker.AddTagsInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("b")}, {Key: aws.String("cost"), Value: aws.String("")}}})
		require.NoError(t, err)
		assert.Len(t, added.Tags, 2)
		_, err = api.DeleteTags(t.Context(), &sagemaker.DeleteTagsInput{ResourceArn: arn, TagKeys: []string{"cost", "none"}})
		require.NoError(t, err)
		list, err := api.ListTags(t.Context(), &sagemaker.ListTagsInput{ResourceArn: arn})
		require.NoError(t, err)
		require.Len(t, list.Tags, 1)
		assert.Equal(t, "b", *list.Tags[0].Value)

		_, err = api.AddTags(t.Context(), &sagemaker.AddTagsInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}})
		assert.Equal(t, "ValidationException", code(t, err))
		_, err = api.ListTags(t.Context(), &sagemaker.ListTagsInput{ResourceArn: aws.String("arn:aws:sagemaker:us-west-2:111122223333:cluster/000000000000")})
		assert.Equal(t, "ResourceNotFound", code(t, err))
	})
}
