package waiter_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Each test here is named after one of the ways in which what HyperPod shows is not what
// is. Those of software updates are in liessoftware_test.go.

func TestStaleInService(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		p.scale("workers", 4)
		assert.Equal(t, inService, p.describe().ClusterStatus, "as it is all the time")
		out, err := waiter.GroupsAtCount(t.Context(), &behind{Server: p.Server, by: minute}, "train", map[string]int32{"workers": 4})
		require.NoError(t, err)
		assert.EqualValues(t, 4, *out.InstanceGroups[0].CurrentCount)
		assert.Len(t, p.nodes(), 4)
	})
	emulated(t, func(t *testing.T, p *pod) {
		p.createWhole(spec("workers", 2))
		time.Sleep(time.Hour)
		late := &behind{Server: p.Server, by: minute}
		_, err := waiter.ClusterStable(t.Context(), late, "train")
		require.NoError(t, err)
		p.scale("workers", 4)
		began := time.Now()
		_, err = waiter.GroupsAtCount(t.Context(), late, "train", map[string]int32{"workers": 4})
		require.NoError(t, err)
		assert.Equal(t, inService, p.describe().ClusterStatus)
		assert.Greater(t, time.Since(began), 10*minute)
	})
}

func TestTargetResetByRollback(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.createWhole(spec("workers", 2))
		time.Sleep(time.Hour)
		p.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		p.scale("workers", 4)
		_, err := waiter.GroupsAtCount(t.Context(), p, "train", map[string]int32{"workers": 4})
		var reset *waiter.TargetResetError
		require.ErrorAs(t, err, &reset)
		assert.Equal(t, waiter.TargetResetError{Group: "workers", Wanted: 4, Target: 2, Current: 2, Accepted: true}, *reset)
		assert.Equal(t, inService, p.describe().ClusterStatus, "as if nothing had been asked")
	})
	emulated(t, func(t *testing.T, p *pod) { // by a minimum count that is not reached in three hours
		p.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 1)
		g := spec("workers", 4)
		g.MinInstanceCount = aws.Int32(2)
		p.create(g)
		began := time.Now()
		_, err := waiter.GroupsAtCount(t.Context(), p, "train", map[string]int32{"workers": 4})
		require.ErrorIs(t, err, waiter.ErrTargetReset)
		assert.Equal(t, gInService, p.describe().InstanceGroups[0].Status)
		assert.InDelta(t, 185, time.Since(began).Minutes(), poll.LongestPause.Minutes()+1)
	})
}

func TestStickyMessages(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		p.FailLifecycle(amiB, "exit status 1")
		_, err := p.updated(p, p.roll(amiB, nil))
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		require.ErrorContains(t, err, "exit status 1")

		require.NotEmpty(t, aws.ToString(p.describe().FailureMessage), "it outlives the failure")
		_, err = waiter.ClusterStable(t.Context(), p, "train")
		require.NoError(t, err)
		_, err = waiter.ClusterInService(t.Context(), p, "train")
		require.NoError(t, err)
		nodes, err := waiter.NodesRunning(t.Context(), p, "train", []string{*p.nodes()[0].InstanceId})
		require.NoError(t, err)
		assert.Equal(t, "exit status 1", nodes[0].Message, "so does a node's")

		_, err = waiter.GroupsAtCount(t.Context(), p, "train", map[string]int32{"workers": 9})
		require.ErrorContains(t, err, "perhaps of an earlier failure")
	})
}

func TestNodeFailureRetried(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.FailLifecycle(amiA, "EFA start-up failed")
		p.create(spec("workers", 1))
		var failures, vanished int
		_, err := waiter.GroupsAtCount(t.Context(), p, "train", map[string]int32{"workers": 1}, exact, func(o *waiter.Options) {
			o.OnSnapshot = func(context.Context, waiter.Snapshot) {
				switch ns := p.nodes(); {
				case len(ns) == 0:
					vanished++
				case ns[0].InstanceStatus.Status == nFailure:
					failures++
				}
				if failures == 10 {
					p.MendLifecycle(amiA)
				}
			}
		})
		require.NoError(t, err)
		assert.GreaterOrEqual(t, failures, 10)
		assert.Positive(t, vanished)
	})
}

func TestUnknownStatus(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 1))
		mended := time.Now().Add(5 * time.Hour)
		unknown := edited{Server: p.Server, cluster: func(out *sagemaker.DescribeClusterOutput) {
			if time.Now().Before(mended) {
				out.ClusterStatus, out.InstanceGroups[0].Status = "FailedMaintenance", "FailedMaintenance"
				out.InstanceGroups[0].SoftwareUpdateStatus = "Meditating"
			}
		}}
		_, err := waiter.ClusterInService(t.Context(), unknown, "train")
		require.ErrorIs(t, err, poll.ErrTimeout, "neither done nor failed")
		require.ErrorContains(t, err, `in status "FailedMaintenance", which this version does not know`)
		_, err = waiter.ClusterStable(t.Context(), unknown, "train")
		require.NoError(t, err)
		assert.False(t, time.Now().Before(mended))
	})
}

func TestDeleteThatHangs(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 1))
		time.Sleep(time.Hour)
		node := *p.nodes()[0].InstanceId
		p.FailTeardown("train", "")
		_, err := p.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
		began := time.Now()
		err = waiter.ClusterDeleted(t.Context(), p, "train", func(o *waiter.Options) { o.Poll.Timeout = 24 * time.Hour })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, `in status "Deleting": group workers: Deleting, 1 left`)
		assert.Equal(t, 24*time.Hour, time.Since(began))
		_, err = waiter.NodesGone(t.Context(), p, "train", []string{node}, func(o *waiter.Options) { o.Poll.Timeout = time.Hour })
		require.ErrorContains(t, err, "does not have permission to perform")

		p.MendTeardown("train")
		require.NoError(t, waiter.ClusterDeleted(t.Context(), p, "train"))
		_, err = waiter.NodesGone(t.Context(), p, "train", []string{node})
		require.NoError(t, err, "with the cluster its nodes are gone")
		_, err = waiter.NodesRunning(t.Context(), p, "train", []string{node})
		require.ErrorIs(t, err, poll.ErrGone)
	})
}

func TestThrottlingStorm(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		calm := time.Now().Add(3 * time.Hour)
		p.Faults().Before(func(context.Context, string, any) error {
			if time.Now().Before(calm) {
				return &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
			}
			return nil
		})
		_, err := waiter.ClusterInService(t.Context(), p.Client(), "train", func(o *waiter.Options) { o.Poll.Timeout = time.Hour })
		require.ErrorIs(t, err, poll.ErrTimeout)
		require.ErrorContains(t, err, "last error ridden out: operation error SageMaker: DescribeCluster")
		_, err = waiter.ClusterInService(t.Context(), p.Client(), "train")
		require.NoError(t, err)
		assert.WithinDuration(t, calm, time.Now(), poll.LongestPause)
	})
}

func TestLostConnection(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		p.Faults().LoseResponse("DescribeCluster", 20)
		_, err := waiter.ClusterInService(t.Context(), p.Client(), "train")
		require.NoError(t, err)
		p.Faults().Fail("DescribeCluster", 20, io.ErrUnexpectedEOF)
		_, err = waiter.ClusterStable(t.Context(), p.Client(), "train")
		require.NoError(t, err)
		id := *p.nodes()[0].InstanceId
		p.Faults().LoseResponse("ListClusterNodes", 20)
		_, err = waiter.NodesRunning(t.Context(), p.Client(), "train", []string{id})
		require.NoError(t, err)
	})
	emulated(t, func(t *testing.T, p *pod) { // without a word
		p.create(spec("workers", 2))
		silent := 3
		p.Faults().Before(func(ctx context.Context, _ string, _ any) error {
			if silent--; silent < 0 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		_, err := waiter.ClusterInService(t.Context(), p, "train")
		require.NoError(t, err)
		assert.Negative(t, silent)
	})
}

func TestListBehindDescribe(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 1))
		time.Sleep(time.Hour)
		out, err := p.BatchAddClusterNodes(t.Context(), &sagemaker.BatchAddClusterNodesInput{
			ClusterName: aws.String("train"), NodesToAdd: []types.AddClusterNodeSpecification{{InstanceGroupName: aws.String("workers"), IncrementTargetCountBy: aws.Int32(1)}},
		})
		require.NoError(t, err)
		id := *out.Successful[0].NodeLogicalId
		assert.Len(t, p.nodes(), 1, "the list does not have it yet")
		nodes, err := waiter.NodesRunning(t.Context(), p, "train", []string{id})
		require.NoError(t, err)
		assert.EqualValues(t, 2, *p.describe().InstanceGroups[0].CurrentCount)

		_, err = p.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String("train"), NodeLogicalIds: []string{id}})
		require.NoError(t, err)
		_, err = waiter.NodesGone(t.Context(), p, "train", []string{id, nodes[0].Instance})
		require.NoError(t, err)
		assert.Len(t, p.nodes(), 1)
		assert.EqualValues(t, 1, *p.describe().InstanceGroups[0].CurrentCount)
	}, func(o *hyperpodtest.Options) { o.ListLag = 90 * time.Second })
}
