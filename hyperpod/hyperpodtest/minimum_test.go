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

func TestMinimumIsReachedBeforeTheTarget(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		create(t, srv, createInput(group("workers", 4, func(g *types.ClusterInstanceGroupSpecification) { g.MinInstanceCount = aws.Int32(2) })))
		after(time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.InstanceGroupStatusInservice, g.Status)
		assert.EqualValues(t, 2, *g.CurrentCount)
		assert.EqualValues(t, 4, *g.TargetCount)
		after(4 * time.Hour)
		assert.EqualValues(t, 4, *describe(t, srv).InstanceGroups[0].TargetCount, "a minimum that was reached is not rolled back")
	})
}

func TestMissedMinimumOfANewGroup(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 1)
		create(t, srv, createInput(group("workers", 4, func(g *types.ClusterInstanceGroupSpecification) { g.MinInstanceCount = aws.Int32(2) })))
		after(3 * time.Hour)
		assert.Equal(t, types.InstanceGroupStatusCreating, describe(t, srv).InstanceGroups[0].Status)
		assert.Equal(t, "ConflictException", code(t, roll(t, srv, newer, nil, "workers")), "refused while the minimum is awaited")
		after(5 * time.Minute) // the deadline, counted from the end of the set-up
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.InstanceGroupStatusInservice, g.Status, "at once, as if nothing had been asked")
		assert.EqualValues(t, 0, *g.TargetCount)
		assert.EqualValues(t, 0, *g.CurrentCount)
		assert.Equal(t, types.ClusterInstanceStatusShuttingDown, nodes(t, srv)[0].InstanceStatus.Status, "it takes its time")
		assert.EqualValues(t, 0, *g.MinCount)
		after(time.Hour)
		assert.Empty(t, nodes(t, srv))
	})
}

func TestMissedMinimumGoesBackToTheLast(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		minimum := func(count, lowest int32) types.ClusterInstanceGroupSpecification {
			return group("workers", count, func(g *types.ClusterInstanceGroupSpecification) { g.MinInstanceCount = aws.Int32(lowest) })
		}
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 3)
		create(t, srv, createInput(minimum(2, 1)))
		after(time.Hour)
		require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{minimum(9, 8)}}))
		after(2 * time.Hour)
		require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{minimum(9, 7)}}))
		after(2 * time.Hour)
		assert.EqualValues(t, 9, *describe(t, srv).InstanceGroups[0].TargetCount, "a change starts the three hours anew")
		after(2 * time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.EqualValues(t, 2, *g.TargetCount)
		assert.EqualValues(t, 1, *g.MinCount)
		assert.EqualValues(t, 2, *g.CurrentCount)
		assert.Equal(t, types.InstanceGroupStatusInservice, g.Status)
	})
}

// A minimum that was reached blocks nothing any more, and never exceeds the target.
func TestMinimumStaysBelowTheTarget(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 4, func(g *types.ClusterInstanceGroupSpecification) { g.MinInstanceCount = aws.Int32(3) })))
		after(time.Hour)
		err := update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 1)}})
		require.ErrorContains(t, err, "MinInstanceCount")
		var ids []string
		for _, n := range nodes(t, srv)[:2] {
			ids = append(ids, *n.InstanceId)
		}
		_, err = srv.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train"), NodeIds: ids})
		require.NoError(t, err)
		after(time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.EqualValues(t, 2, *g.MinCount)
		assert.EqualValues(t, 2, *g.TargetCount)
		require.NoError(t, roll(t, srv, newer, nil, "workers"))
	})
}
