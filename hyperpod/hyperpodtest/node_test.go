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
