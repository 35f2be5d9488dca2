package hyperpodtest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// with is a bubble with more options than durations.
func with(t *testing.T, test func(t *testing.T, srv *hyperpodtest.Server), optFns ...func(*hyperpodtest.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, hyperpodtest.NewServer(append([]func(*hyperpodtest.Options){durations, func(o *hyperpodtest.Options) {
			o.Durations.NodeRetry = 6 * time.Minute
			o.Durations.NodeReboot = 2 * time.Minute
			o.Durations.DeepHealthCheck = 2 * time.Hour
			o.Durations.SoftwareStart = 30 * time.Second
		}}, optFns...)...))
	})
}

func TestFailedNodeIsReplacedByItself(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.FailLifecycle(golden, "EFA start-up failed")
		create(t, srv, createInput(group("workers", 1)))
		after(30 * time.Minute)
		first := nodes(t, srv)
		require.Len(t, first, 1)
		assert.Equal(t, types.ClusterInstanceStatusFailure, first[0].InstanceStatus.Status)
		srv.MendLifecycle(golden)
		after(6 * time.Minute)
		second := nodes(t, srv)
		require.Len(t, second, 1)
		assert.NotEqual(t, first[0].InstanceId, second[0].InstanceId, "the failed instance is gone")
		assert.Equal(t, first[0].NodeLogicalId, second[0].NodeLogicalId, "the node is another instance")
		assert.Equal(t, types.ClusterInstanceStatusPending, second[0].InstanceStatus.Status)
		after(10 * time.Minute)
		assert.Equal(t, types.InstanceGroupStatusInservice, describe(t, srv).InstanceGroups[0].Status)
	})
}

func TestCapacityShortfall(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		create(t, srv, createInput(group("workers", 3)))
		after(24 * time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.InstanceGroupStatusCreating, g.Status, "for ever")
		assert.EqualValues(t, 2, *g.CurrentCount)
		waiting := 0
		for _, n := range nodes(t, srv) {
			if n.InstanceStatus.Status == types.ClusterInstanceStatusPending {
				waiting++
				assert.Equal(t, "We currently do not have sufficient capacity to launch new ml.c5.2xlarge instances. Please try again.", *n.InstanceStatus.Message)
			}
		}
		assert.Equal(t, 1, waiting)
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, -1)
		after(10 * time.Minute)
		assert.Equal(t, types.InstanceGroupStatusInservice, describe(t, srv).InstanceGroups[0].Status)
	})
}

// What a group gives back another can take.
func TestCapacityComesBack(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		create(t, srv, createInput(group("workers", 2), group("login", 0)))
		after(time.Hour)
		scale(t, srv, "workers", 0)
		after(time.Hour)
		scale(t, srv, "login", 2)
		after(time.Hour)
		assert.EqualValues(t, 2, *describe(t, srv).InstanceGroups[1].CurrentCount)
	})
}

func TestCapacityShortfallOfAWholeCluster(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		create(t, srv, wholeInput(group("workers", 3)))
		after(time.Hour)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusFailed, out.ClusterStatus)
		assert.Contains(t, *out.FailureMessage, "sufficient capacity")
	})
}

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

func TestHealthChecksBlockSoftwareUpdates(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		_, err := srv.StartClusterHealthCheck(t.Context(), &sagemaker.StartClusterHealthCheckInput{ClusterName: aws.String("train"), DeepHealthCheckConfigurations: []types.InstanceGroupHealthCheckConfiguration{{
			InstanceGroupName: aws.String("workers"), DeepHealthChecks: []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress},
		}}})
		require.NoError(t, err)
		assert.Equal(t, "ConflictException", code(t, roll(t, srv, newer, nil, "workers")))
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

// A node that waits for an instance has nothing to restart.
func TestRebootMakesNoInstance(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 0)
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		_, err := srv.BatchRebootClusterNodes(t.Context(), &sagemaker.BatchRebootClusterNodesInput{ClusterName: aws.String("train"), NodeLogicalIds: []string{*nodes(t, srv)[0].NodeLogicalId}})
		assert.Equal(t, "ValidationException", code(t, err))
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

func TestDeepHealthChecks(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1, func(g *types.ClusterInstanceGroupSpecification) {
			g.OnStartDeepHealthChecks = []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress}
		})))
		after(16 * time.Minute)
		assert.Equal(t, types.ClusterInstanceStatusDeepHealthCheckInProgress, nodes(t, srv)[0].InstanceStatus.Status)
		err := update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 2)}})
		assert.Equal(t, "ConflictException", code(t, err))
		after(2 * time.Hour)
		assert.Equal(t, types.InstanceGroupStatusInservice, describe(t, srv).InstanceGroups[0].Status)

		start := &sagemaker.StartClusterHealthCheckInput{ClusterName: aws.String("train"), DeepHealthCheckConfigurations: []types.InstanceGroupHealthCheckConfiguration{{
			InstanceGroupName: aws.String("workers"), DeepHealthChecks: []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceConnectivity},
		}}}
		_, err = srv.StartClusterHealthCheck(t.Context(), start)
		require.NoError(t, err)
		assert.Equal(t, types.ClusterInstanceStatusDeepHealthCheckInProgress, nodes(t, srv)[0].InstanceStatus.Status)
		start.DeepHealthCheckConfigurations[0].InstanceGroupName = aws.String("none")
		_, err = srv.StartClusterHealthCheck(t.Context(), start)
		assert.Equal(t, "ValidationException", code(t, err))
	})
}

func TestDeletionThatHangs(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		srv.FailTeardown("train", "")
		_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
		after(24 * time.Hour)
		assert.Equal(t, types.ClusterStatusDeleting, describe(t, srv).ClusterStatus)
		assert.Contains(t, *nodes(t, srv)[0].InstanceStatus.Message, "does not have permission to perform")
		srv.MendTeardown("train")
		after(10 * time.Minute)
		_, err = srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		assert.Equal(t, "ResourceNotFound", code(t, err))
	})
}

func TestListLagsBehindDescribe(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(15 * time.Minute)
		assert.EqualValues(t, 1, *describe(t, srv).InstanceGroups[0].CurrentCount)
		assert.Equal(t, types.ClusterInstanceStatusPending, nodes(t, srv)[0].InstanceStatus.Status)
		after(2 * time.Minute)
		assert.Equal(t, types.ClusterInstanceStatusRunning, nodes(t, srv)[0].InstanceStatus.Status)
		scale(t, srv, "workers", 2)
		assert.Len(t, nodes(t, srv), 1, "a new node is not in the list yet")
	}, func(o *hyperpodtest.Options) { o.ListLag = 2 * time.Minute })
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

func TestQuota(t *testing.T) {
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.MaxInstances = 3 })
	_, err := srv.CreateCluster(t.Context(), createInput(group("workers", 4)))
	assert.Equal(t, "ResourceLimitExceeded", code(t, err))
	create(t, srv, createInput(group("workers", 3)))
	scale(t, srv, "workers", 2)
	err = update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("more", 2)}})
	var limit *types.ResourceLimitExceeded
	require.ErrorAs(t, err, &limit)
}
