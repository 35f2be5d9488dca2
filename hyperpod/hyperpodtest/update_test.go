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

func TestScaling(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 2)))
		after(time.Hour)
		scale(t, srv, "workers", 4)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus, "a Continuous cluster stays in service")
		assert.Equal(t, types.InstanceGroupStatusUpdating, out.InstanceGroups[0].Status)
		assert.EqualValues(t, 4, *out.InstanceGroups[0].TargetCount)
		assert.EqualValues(t, 2, *out.InstanceGroups[0].CurrentCount)

		scale(t, srv, "workers", 1) // while nodes are still starting
		after(time.Hour)
		out = describe(t, srv)
		assert.Equal(t, types.InstanceGroupStatusInservice, out.InstanceGroups[0].Status)
		assert.EqualValues(t, 1, *out.InstanceGroups[0].CurrentCount)
		assert.Len(t, nodes(t, srv), 1)
	})
}

func TestWholeClusterUpdates(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, wholeInput(group("workers", 2)))
		after(time.Hour)
		scale(t, srv, "workers", 3)
		assert.Equal(t, types.ClusterStatusUpdating, describe(t, srv).ClusterStatus)
		err := update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 4)}})
		var conflict *types.ConflictException
		require.ErrorAs(t, err, &conflict)
		after(time.Hour)
		assert.Equal(t, types.ClusterStatusInservice, describe(t, srv).ClusterStatus)
		assert.EqualValues(t, 3, *describe(t, srv).InstanceGroups[0].CurrentCount)
	})
}

// A failed update of a cluster that is updated as a whole hides itself: the target is
// what it was, and everything is in service.
func TestWholeClusterUpdateIsRolledBack(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, wholeInput(group("workers", 2)))
		after(time.Hour)
		srv.FailLifecycle(golden, "no capacity")
		require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 3), group("more", 1)}}))
		after(26 * time.Minute)
		assert.Equal(t, types.ClusterStatusRollingback, describe(t, srv).ClusterStatus)
		after(time.Hour)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		require.Len(t, out.InstanceGroups, 1, "the added group is gone")
		assert.EqualValues(t, 2, *out.InstanceGroups[0].TargetCount)
		assert.EqualValues(t, 2, *out.InstanceGroups[0].CurrentCount)
		assert.Equal(t, types.InstanceGroupStatusInservice, out.InstanceGroups[0].Status)
		assert.Contains(t, *out.FailureMessage, "no capacity")
	})
}

func TestDeletingGroups(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1), group("login", 1)))
		after(time.Hour)
		require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroupsToDelete: []string{"login"}}))
		assert.Equal(t, types.InstanceGroupStatusDeleting, describe(t, srv).InstanceGroups[1].Status)
		after(4 * time.Minute)
		assert.Len(t, describe(t, srv).InstanceGroups, 1)
	})
}

// A group that has nothing to do does not end an operation that others are part of.
func TestEmptyGroupEndsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.FailLifecycle(golden, "exit status 1")
		create(t, srv, wholeInput(group("empty", 0), group("workers", 2)))
		after(time.Hour)
		assert.Equal(t, types.ClusterStatusFailed, describe(t, srv).ClusterStatus)
	})
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, wholeInput(group("empty", 0), group("workers", 2)))
		after(time.Hour)
		require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{
			InstanceGroupsToDelete: []string{"empty"}, InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 3)},
		}))
		after(time.Minute)
		assert.Equal(t, types.ClusterStatusUpdating, describe(t, srv).ClusterStatus)
	})
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, wholeInput(group("empty", 0), group("workers", 2)))
		after(time.Hour)
		_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
		after(5 * time.Minute)
		assert.Equal(t, types.ClusterStatusDeleting, describe(t, srv).ClusterStatus)
	})
}

// An update whose nodes are well is not blamed for a node that failed before.
func TestOldFailureIsNotTheUpdates(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, wholeInput(group("workers", 2), group("login", 1)))
		after(time.Hour)
		srv.FailLifecycle(golden, "exit status 5")
		_, err := srv.BatchReplaceClusterNodes(t.Context(), &sagemaker.BatchReplaceClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{*nodes(t, srv)[0].InstanceId}})
		require.NoError(t, err)
		after(2 * time.Hour)
		assert.Contains(t, *describe(t, srv).FailureMessage, "exit status 5")
		srv.MendLifecycle(golden)
		scale(t, srv, "login", 2)
		after(2 * time.Hour)
		out := describe(t, srv)
		assert.EqualValues(t, 2, *out.InstanceGroups[1].CurrentCount)
		assert.Nil(t, out.FailureMessage)
	})
}

func TestOptionsOfUpdates(t *testing.T) {
	changed := &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 2, func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = aws.String(newer) })}}
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.AllowImageChange = true })
	create(t, srv, createInput(group("workers", 1)))
	require.NoError(t, update(t, srv, changed))
	assert.Equal(t, newer, *describe(t, srv).InstanceGroups[0].DesiredImageId)

	srv = hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.StrictUpdates = true })
	create(t, srv, createInput(group("workers", 1, func(g *types.ClusterInstanceGroupSpecification) { g.ThreadsPerCore = aws.Int32(1) })))
	err := update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 2)}})
	assert.ErrorContains(t, err, "ThreadsPerCore")
}
