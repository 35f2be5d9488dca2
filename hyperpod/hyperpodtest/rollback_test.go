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

func TestSoftwareUpdateIsRolledBack(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 2)))
		after(time.Hour)
		srv.FailLifecycle(broken, "exit status 7")
		require.NoError(t, roll(t, srv, broken, nil, "workers"))
		after(34 * time.Minute)
		assert.Equal(t, types.SoftwareUpdateStatusInProgress, describe(t, srv).InstanceGroups[0].SoftwareUpdateStatus, "retries are part of the progress")
		after(time.Minute)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.SoftwareUpdateStatusRollbackInProgress, g.SoftwareUpdateStatus)
		assert.Equal(t, broken, *g.CurrentImageId, "current and desired are swapped while it rolls back")
		assert.Equal(t, golden, *g.DesiredImageId)
		after(20 * time.Minute)
		out := describe(t, srv)
		g = out.InstanceGroups[0]
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		assert.Equal(t, types.InstanceGroupStatusInservice, g.Status)
		assert.Equal(t, types.SoftwareUpdateStatusRollbackComplete, g.SoftwareUpdateStatus)
		assert.Equal(t, golden, *g.CurrentImageId)
		assert.Equal(t, golden, *g.DesiredImageId)
		assert.Contains(t, *out.FailureMessage, "exit status 7")
		for _, n := range nodes(t, srv) {
			assert.Equal(t, types.ClusterInstanceStatusRunning, n.InstanceStatus.Status)
			assert.Equal(t, "exit status 7", *n.InstanceStatus.Message, "the message stays")
		}
	})
}

func TestAlarmRollsBackWhileItBakes(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 4)))
		after(time.Hour)
		require.NoError(t, roll(t, srv, newer, rolling(2, 600, "loss"), "workers"))
		srv.SetAlarm("other", true)
		after(25 * time.Minute) // the first batch is replaced and bakes
		assert.Equal(t, types.SoftwareUpdateStatusInProgress, describe(t, srv).InstanceGroups[0].SoftwareUpdateStatus)
		srv.SetAlarm("loss", true)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.SoftwareUpdateStatusRollbackInProgress, g.SoftwareUpdateStatus)
		assert.EqualValues(t, 2, *g.TargetStateCount, "those that were never touched are on the newly desired image")
		after(20 * time.Minute)
		out := describe(t, srv)
		assert.Equal(t, types.SoftwareUpdateStatusRollbackComplete, out.InstanceGroups[0].SoftwareUpdateStatus)
		assert.Contains(t, *out.FailureMessage, "loss")
	})
}

func TestAlarmThatFiresAtATime(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 4)))
		after(time.Hour)
		require.NoError(t, roll(t, srv, newer, rolling(2, 600, "loss"), "workers"))
		// The first batch is replaced after 21 minutes and bakes for ten.
		srv.SetAlarmAt(srv.Now().Add(25*time.Minute), "loss", true)
		srv.SetAlarmAt(srv.Now().Add(2*time.Hour), "loss", false)
		after(25*time.Minute - time.Second)
		assert.Equal(t, types.SoftwareUpdateStatusInProgress, describe(t, srv).InstanceGroups[0].SoftwareUpdateStatus, "not yet")
		after(time.Hour)
		out := describe(t, srv)
		assert.Equal(t, types.SoftwareUpdateStatusRollbackComplete, out.InstanceGroups[0].SoftwareUpdateStatus)
		assert.Contains(t, *out.FailureMessage, "loss")
		after(time.Hour)
		require.NoError(t, roll(t, srv, newer, rolling(4, 600, "loss"), "workers"))
		after(time.Hour)
		assert.Equal(t, types.SoftwareUpdateStatusSucceeded, describe(t, srv).InstanceGroups[0].SoftwareUpdateStatus, "the alarm has ended")
		srv.SetAlarmAt(srv.Now().Add(-time.Hour), "loss", true)
		require.NoError(t, roll(t, srv, golden, rolling(4, 600, "loss"), "workers"))
		after(time.Hour)
		assert.Equal(t, types.SoftwareUpdateStatusRollbackComplete, describe(t, srv).InstanceGroups[0].SoftwareUpdateStatus, "a time that has passed is now")
	})
}

// Nodes that joined on the new image while an update ran are rolled back with the rest.
func TestRollbackTakesInNodesThatJoined(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 2)))
		after(time.Hour)
		require.NoError(t, roll(t, srv, newer, rolling(1, 3600, "loss"), "workers"))
		scaleTo := func(n int32) {
			g := group("workers", n)
			g.ImageId = nil
			require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{g}}))
		}
		after(5 * time.Minute)
		scaleTo(3)
		after(40 * time.Minute)
		assert.EqualValues(t, 2, *describe(t, srv).InstanceGroups[0].TargetStateCount, "one was replaced and one joined")
		scaleTo(4) // still starting when the alarm fires
		after(time.Minute)
		srv.SetAlarm("loss", true)
		after(5 * time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.SoftwareUpdateStatusRollbackComplete, g.SoftwareUpdateStatus)
		assert.Equal(t, golden, *g.CurrentImageId)
		assert.EqualValues(t, 4, *g.CurrentCount)
		assert.EqualValues(t, 4, *g.TargetStateCount, "none is left on the new image")
	})
}

func TestRollbackInBatches(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 4)))
		after(time.Hour)
		config := rolling(4, 600, "loss")
		config.RollingUpdatePolicy.RollbackMaximumBatchSize = &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeInstanceCount, Value: aws.Int32(1)}
		srv.SetAlarm("loss", true)
		require.NoError(t, roll(t, srv, newer, config, "workers"))
		after(21 * time.Minute)
		assert.EqualValues(t, 0, *describe(t, srv).InstanceGroups[0].TargetStateCount)
		after(20 * time.Minute)
		assert.EqualValues(t, 1, *describe(t, srv).InstanceGroups[0].TargetStateCount)
		after(60 * time.Minute)
		assert.Equal(t, types.SoftwareUpdateStatusRollbackComplete, describe(t, srv).InstanceGroups[0].SoftwareUpdateStatus)
	})
}

// A rollback that went well was seen to end as Failed, with both ids back.
func TestRollbackThatEndsFailed(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		srv.FailLifecycle(broken, "")
		require.NoError(t, roll(t, srv, broken, nil, "workers"))
		after(3 * time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.SoftwareUpdateStatusFailed, g.SoftwareUpdateStatus)
		assert.Equal(t, golden, *g.CurrentImageId)
		assert.Equal(t, golden, *g.DesiredImageId)
		assert.Equal(t, types.InstanceGroupStatusInservice, g.Status)
	}, func(o *hyperpodtest.Options) { o.RollbackEndsFailed = true })
}

func TestRollbackThatFailsToo(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		srv.FailLifecycle(broken, "new script")
		srv.FailLifecycle(golden, "old script")
		require.NoError(t, roll(t, srv, broken, nil, "workers"))
		after(3 * time.Hour)
		out := describe(t, srv)
		g := out.InstanceGroups[0]
		assert.Equal(t, types.SoftwareUpdateStatusFailed, g.SoftwareUpdateStatus)
		assert.Equal(t, broken, *g.CurrentImageId, "the ids stay swapped")
		assert.NotEqual(t, types.InstanceGroupStatusInservice, g.Status)
		assert.Contains(t, *out.FailureMessage, "old script")

		// The service goes on replacing the failed node, and the next update goes back to
		// the image that the group was to run.
		srv.MendLifecycle(golden)
		after(time.Hour)
		assert.Equal(t, types.InstanceGroupStatusInservice, describe(t, srv).InstanceGroups[0].Status)
		require.NoError(t, roll(t, srv, broken, nil, "workers"))
		after(3 * time.Hour)
		assert.Equal(t, golden, *describe(t, srv).InstanceGroups[0].CurrentImageId)
	})
}
