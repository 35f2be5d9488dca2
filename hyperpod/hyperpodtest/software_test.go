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

func TestSoftwareUpdateInBatches(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 4), group("login", 1)))
		after(time.Hour)
		before := nodes(t, srv)
		require.NoError(t, roll(t, srv, newer, &types.DeploymentConfiguration{
			RollingUpdatePolicy:   &types.RollingDeploymentPolicy{MaximumBatchSize: &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeCapacityPercentage, Value: aws.Int32(50)}},
			WaitIntervalInSeconds: aws.Int32(600),
		}, "workers"))
		look := func(status types.SoftwareUpdateStatus, onImage int32) {
			t.Helper()
			out := describe(t, srv)
			g := out.InstanceGroups[0]
			assert.Equal(t, types.ClusterStatusSystemupdating, out.ClusterStatus)
			assert.Equal(t, types.InstanceGroupStatusSystemupdating, g.Status)
			assert.Equal(t, status, g.SoftwareUpdateStatus)
			assert.Equal(t, golden, *g.CurrentImageId)
			assert.Equal(t, newer, *g.DesiredImageId)
			assert.Equal(t, onImage, *g.TargetStateCount)
			assert.EqualValues(t, 4, *g.CurrentCount)
			assert.NotNil(t, g.ActiveSoftwareUpdateConfig)
			assert.Equal(t, types.InstanceGroupStatusInservice, out.InstanceGroups[1].Status, "a group that was not named")
		}
		look(types.SoftwareUpdateStatusInProgress, 0)
		node, err := srv.DescribeClusterNode(t.Context(), &sagemaker.DescribeClusterNodeInput{ClusterName: aws.String("train"), NodeId: before[0].InstanceId})
		require.NoError(t, err)
		assert.NotContains(t, []string{golden, newer}, *node.NodeDetails.DesiredImageId, "the service shows its own copy while it updates")
		assert.Equal(t, "ConflictException", code(t, roll(t, srv, newer, nil, "login")))
		after(20 * time.Minute)
		look(types.SoftwareUpdateStatusInProgress, 2)
		after(29 * time.Minute)
		look(types.SoftwareUpdateStatusInProgress, 2)
		after(time.Minute)
		look(types.SoftwareUpdateStatusInProgress, 4)
		after(10 * time.Minute)

		out := describe(t, srv)
		g := out.InstanceGroups[0]
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		assert.Equal(t, types.SoftwareUpdateStatusSucceeded, g.SoftwareUpdateStatus)
		assert.Equal(t, newer, *g.CurrentImageId)
		assert.Equal(t, newer, *g.DesiredImageId)
		assert.Equal(t, golden, *out.InstanceGroups[1].CurrentImageId)
		for i, n := range nodes(t, srv) {
			assert.Equal(t, before[i].InstanceId, n.InstanceId, "an instance keeps its id")
		}
		node, err = srv.DescribeClusterNode(t.Context(), &sagemaker.DescribeClusterNodeInput{ClusterName: aws.String("train"), NodeId: before[0].InstanceId})
		require.NoError(t, err)
		assert.Equal(t, newer, *node.NodeDetails.DesiredImageId)
	})
}

func TestGroupDeletedInTheMiddleOfItsUpdate(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1), group("login", 1)))
		after(time.Hour)
		require.NoError(t, roll(t, srv, newer, nil, "login"))
		require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroupsToDelete: []string{"login"}}))
		after(time.Hour)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		assert.Len(t, out.InstanceGroups, 1)
	})
}

func TestNodeScaledAwayInTheMiddleOfAnUpdate(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 3)))
		after(time.Hour)
		require.NoError(t, roll(t, srv, newer, nil, "workers"))
		in := group("workers", 1)
		in.ImageId = nil
		require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{in}}))
		after(time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.InstanceGroupStatusInservice, g.Status)
		assert.EqualValues(t, 1, *g.CurrentCount)
		assert.Equal(t, newer, *g.CurrentImageId)
	})
}

func TestNoGroupNamedMeansEveryRegularGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1), group("login", 1)))
	describe(t, srv)
	require.NoError(t, roll(t, srv, newer, nil))
	for _, g := range describe(t, srv).InstanceGroups {
		assert.Equal(t, newer, *g.CurrentImageId)
	}
}

func TestDefaultStaysDefault(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1, func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = nil })))
	assert.Equal(t, "default", *describe(t, srv).InstanceGroups[0].CurrentImageId)
	require.NoError(t, roll(t, srv, "default", nil, "workers"))
	g := describe(t, srv).InstanceGroups[0]
	assert.Equal(t, "default", *g.CurrentImageId)
	assert.Equal(t, types.SoftwareUpdateStatusSucceeded, g.SoftwareUpdateStatus)
	assert.Equal(t, types.ClusterImageVersionStatusUpToDate, g.ImageVersionStatus)
}

// Nodes that are still starting when an update begins come up on the new image.
func TestSoftwareUpdateMeetsStartingNodes(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 2)))
		after(time.Hour)
		scale(t, srv, "workers", 4)
		require.NoError(t, roll(t, srv, newer, nil, "workers"))
		after(3 * time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.EqualValues(t, 4, *g.CurrentCount)
		assert.EqualValues(t, 4, *g.TargetStateCount)
	})
}

func TestNodesSkippedForADisruptionBudget(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 4)))
		after(time.Hour)
		srv.SetDisruptionBudget("train", "workers", 1)
		require.NoError(t, roll(t, srv, newer, rolling(4, 0), "workers"))
		after(time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.SoftwareUpdateStatusSucceeded, g.SoftwareUpdateStatus)
		assert.EqualValues(t, 3, *g.TargetStateCount)
		assert.EqualValues(t, 4, *g.CurrentCount)
		assert.Equal(t, golden, *g.CurrentImageId)
		assert.Equal(t, newer, *g.DesiredImageId)
		require.NoError(t, roll(t, srv, newer, nil, "workers")) // without batches nothing is drained
		after(time.Hour)
		assert.Equal(t, newer, *describe(t, srv).InstanceGroups[0].CurrentImageId)
	})
}

// Until the new update has begun, the group shows how its last one ended.
func TestStaleSoftwareStatus(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		require.NoError(t, roll(t, srv, newer, nil, "workers"))
		after(time.Hour)
		require.NoError(t, roll(t, srv, golden, nil, "workers"))
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.SoftwareUpdateStatusSucceeded, g.SoftwareUpdateStatus)
		assert.Equal(t, newer, *g.DesiredImageId)
		after(30 * time.Second)
		g = describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.SoftwareUpdateStatusPending, g.SoftwareUpdateStatus)
		assert.Equal(t, golden, *g.DesiredImageId)
		after(30 * time.Second)
		assert.Equal(t, types.SoftwareUpdateStatusInProgress, describe(t, srv).InstanceGroups[0].SoftwareUpdateStatus)
	})
}

func TestLastSoftwareUpdateTime(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		n := nodes(t, srv)[0]
		assert.Equal(t, n.LaunchTime, n.LastSoftwareUpdateTime, "a node that was never updated")
		require.NoError(t, roll(t, srv, newer, nil, "workers"))
		after(time.Hour)
		n = nodes(t, srv)[0]
		assert.True(t, n.LastSoftwareUpdateTime.After(*n.LaunchTime))
	})
}

func TestUpdatesByItself(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		patch := srv.Now().Add(5 * time.Hour)
		managed := func(edit func(*types.ClusterInstanceGroupSpecification)) func(*types.ClusterInstanceGroupSpecification) {
			return func(g *types.ClusterInstanceGroupSpecification) {
				g.ImageId = nil
				edit(g)
			}
		}
		create(t, srv, createInput(
			group("patched", 1, managed(func(g *types.ClusterInstanceGroupSpecification) {
				g.AutoPatchConfig = &types.ClusterAutoPatchConfig{PatchingStrategy: types.ClusterPatchingStrategyWhenIdle, PatchSchedule: &types.ClusterPatchSchedule{NextPatchDate: &patch}}
			})),
			group("scheduled", 1, managed(func(g *types.ClusterInstanceGroupSpecification) {
				g.ScheduledUpdateConfig = &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(0 12 * * ? *)")}
			})),
			group("custom", 1, func(g *types.ClusterInstanceGroupSpecification) {
				g.ScheduledUpdateConfig = &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(0 15 * * ? *)")}
			}),
		))
		after(time.Hour)
		srv.PublishRelease("2.0.0")
		assert.Equal(t, types.ClusterImageVersionStatusUpdateAvailable, describe(t, srv).InstanceGroups[0].ImageVersionStatus)
		after(4*time.Hour + time.Minute)
		assert.Equal(t, types.ClusterStatusSystemupdating, describe(t, srv).ClusterStatus)
		after(time.Hour)
		out := describe(t, srv)
		assert.Equal(t, "2.0.0", *out.InstanceGroups[0].CurrentImageReleaseVersion)
		assert.Equal(t, types.ClusterImageVersionStatusUpToDate, out.InstanceGroups[0].ImageVersionStatus)
		assert.Equal(t, "1.4.0", *out.InstanceGroups[1].CurrentImageReleaseVersion)
		after(24 * time.Hour)
		out = describe(t, srv)
		assert.Equal(t, "2.0.0", *out.InstanceGroups[1].CurrentImageReleaseVersion)
		assert.Equal(t, golden, *out.InstanceGroups[2].CurrentImageId, "an AMI has no newer release")
	})
}
