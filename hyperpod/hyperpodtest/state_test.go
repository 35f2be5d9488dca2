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

const (
	golden = "ami-0123456789abcdef0"
	newer  = "ami-0fedcba9876543210"
	broken = "ami-0bad0bad0bad0bad0"
)

// durations are round, so that a test can name the moment it looks at.
func durations(o *hyperpodtest.Options) {
	o.Durations = hyperpodtest.Durations{
		ClusterSetup: 5 * time.Minute, NodeStart: 10 * time.Minute, NodeStagger: time.Minute, NodeStop: 4 * time.Minute,
		NodeReplace: 20 * time.Minute, LifecycleRetries: 15 * time.Minute, Rollback: 3 * time.Minute, ClusterTeardown: 2 * time.Minute,
	}
}

// bubble runs a test on emulated time that starts inside a synctest bubble.
func bubble(t *testing.T, test func(t *testing.T, srv *hyperpodtest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, hyperpodtest.NewServer(durations)) })
}

// after sleeps to a little past a moment, in the bubble's time.
func after(d time.Duration) { time.Sleep(d + time.Millisecond) }

func update(t *testing.T, srv *hyperpodtest.Server, in *sagemaker.UpdateClusterInput) error {
	t.Helper()
	in.ClusterName = aws.String("train")
	_, err := srv.UpdateCluster(t.Context(), in)
	return err
}

func scale(t *testing.T, srv *hyperpodtest.Server, name string, count int32) {
	t.Helper()
	require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group(name, count)}}))
}

func roll(t *testing.T, srv *hyperpodtest.Server, image string, config *types.DeploymentConfiguration, names ...string) error {
	t.Helper()
	in := &sagemaker.UpdateClusterSoftwareInput{ClusterName: aws.String("train"), ImageId: aws.String(image), DeploymentConfig: config}
	for _, name := range names {
		in.InstanceGroups = append(in.InstanceGroups, types.UpdateClusterSoftwareInstanceGroupSpecification{InstanceGroupName: aws.String(name)})
	}
	_, err := srv.UpdateClusterSoftware(t.Context(), in)
	return err
}

func nodes(t *testing.T, srv *hyperpodtest.Server) []types.ClusterNodeSummary {
	t.Helper()
	out, err := srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("train"), IncludeNodeLogicalIds: aws.Bool(true)})
	require.NoError(t, err)
	return out.ClusterNodeSummaries
}

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

func TestNodeOfContinuousClusterFailsByItself(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.FailLifecycle(broken, "")
		create(t, srv, createInput(group("workers", 1), group("spare", 1, func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = aws.String(broken) })))
		after(30 * time.Minute)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		assert.Equal(t, types.InstanceGroupStatusInservice, out.InstanceGroups[0].Status)
		assert.Equal(t, types.InstanceGroupStatusFailed, out.InstanceGroups[1].Status)
		for _, n := range nodes(t, srv) {
			if *n.InstanceGroupName == "spare" {
				assert.Equal(t, types.ClusterInstanceStatusFailure, n.InstanceStatus.Status)
				assert.Contains(t, *n.InstanceStatus.Message, "Lifecycle scripts did not run successfully")
			}
		}
	})
}

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

func TestDeletingTakesItsTime(t *testing.T) {
	bubble(t, func(t *testing.T, srv *hyperpodtest.Server) {
		create(t, srv, createInput(group("workers", 1)))
		after(time.Hour)
		_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
		after(5 * time.Minute)
		assert.Equal(t, types.ClusterStatusDeleting, describe(t, srv).ClusterStatus)
		after(time.Minute)
		_, err = srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		assert.Equal(t, "ResourceNotFound", code(t, err))
		create(t, srv, createInput(group("workers", 1))) // the EKS cluster is free again
	})
}

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

func TestSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(durations, func(o *hyperpodtest.Options) { o.Speed = 60 })
		create(t, srv, createInput(group("workers", 1)))
		after(14 * time.Second)
		assert.Equal(t, types.InstanceGroupStatusCreating, describe(t, srv).InstanceGroups[0].Status)
		after(time.Second)
		assert.Equal(t, types.InstanceGroupStatusInservice, describe(t, srv).InstanceGroups[0].Status)
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
