package hyperpod_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestDeleteReportsItsGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		report, err := c.Delete(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []hyperpod.GroupResult{{Name: "workers", Outcome: hyperpod.OutcomeDeleted}}, report.Groups)
		assert.Contains(t, report.String(), "workers  deleted  0 left")
	})
}

func TestDeletionThatHangsNamesThePermission(t *testing.T) {
	tests := map[string]struct{ message, want string }{
		"named":     {"", "missing permission: ec2:DeleteNetworkInterface"},
		"not named": {"The role does not have permission to perform this operation.", "missing permission: unknown, the service does not name it; look in CloudTrail"},
	}
	for name, tt := range tests {
		for kind, nonContinuous := range map[string]bool{"Continuous": false, "not Continuous": true} {
			t.Run(name+" "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
					var told []string
					c := hyperpod.New(srv.Client(), func(o *hyperpod.Options) {
						o.Poll.Timeout = 3 * time.Hour
						o.OnEvent = func(_ context.Context, e hyperpod.Event) {
							if e.Kind == hyperpod.EventFinding && e.Operation == hyperpod.OperationDelete {
								told = append(told, e.Finding.Found)
							}
						}
					}).Cluster("example-cluster")
					spec := pageSpec(4)
					spec.NonContinuous = nonContinuous
					_, err := c.Create(t.Context(), spec)
					require.NoError(t, err)
					srv.FailTeardown("example-cluster", tt.message)
					report, err := c.Delete(t.Context())
					require.ErrorIs(t, err, poll.ErrTimeout)
					require.ErrorContains(t, err, tt.want)
					require.Len(t, report.Findings, 1, "it is told once")
					assert.Equal(t, "deletion-stalled", report.Findings[0].Rule)
					assert.Contains(t, report.Findings[0].Found, tt.want)
					assert.Equal(t, []string{report.Findings[0].Found}, told)
					assert.Len(t, report.Calls, 1)
					assert.True(t, report.Unfinished)
					require.Len(t, report.Groups, 1)
					assert.Contains(t, report.String(), "4 left")
				})
			})
		}
	}
}

// Once the permission is granted the deletion goes on by itself, and so does the wait.
func TestDeletionGoesOnWhenThePermissionIsGranted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		srv.FailTeardown("example-cluster", "")
		go func() {
			time.Sleep(90 * time.Minute)
			srv.MendTeardown("example-cluster")
		}()
		report, err := c.Delete(t.Context())
		require.NoError(t, err)
		assert.True(t, report.Complete)
		assert.Len(t, report.Findings, 1)
	})
}

// The SDK's own retry of a lost answer finds the deletion under way: it is ours.
func TestDeleteAfterALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		client := srv.Client(func(o *sagemaker.Options) { o.RetryMaxAttempts = 3 })
		c := hyperpod.New(client).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(1))
		require.NoError(t, err)
		srv.Faults().LoseResponse("DeleteCluster", 1)
		report, err := c.Delete(t.Context())
		require.NoError(t, err)
		assert.True(t, report.Complete)
		assert.Len(t, report.Calls, 1)
	})
}

// tiring is a cluster whose deletion ends some instances and then fails, until none is
// left, as network interfaces that cannot be removed fast enough make it.
type tiring struct {
	hyperpod.UnimplementedAPI
	left, each int32
	requests   int
	began      time.Time // of the last request
	failed     bool      // that is over
	after      types.ClusterStatus
}

func (c *tiring) DeleteCluster(context.Context, *sagemaker.DeleteClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DeleteClusterOutput, error) {
	c.requests, c.began, c.failed = c.requests+1, time.Now(), false
	return &sagemaker.DeleteClusterOutput{ClusterArn: aws.String("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl")}, nil
}

func (c *tiring) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	status := types.ClusterStatusDeleting
	if time.Since(c.began) > 10*time.Minute {
		status = c.after
		if !c.failed {
			c.failed, c.left = true, max(0, c.left-c.each)
		}
	}
	if c.left == 0 {
		return nil, &types.ResourceNotFound{}
	}
	return &sagemaker.DescribeClusterOutput{
		ClusterName: aws.String("train"), ClusterArn: aws.String("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl"),
		ClusterStatus: status, FailureMessage: aws.String("Rate exceeded when calling DeleteNetworkInterface"),
		InstanceGroups: []types.ClusterInstanceGroupDetails{{InstanceGroupName: aws.String("workers"), CurrentCount: aws.Int32(c.left), TargetCount: aws.Int32(0)}},
	}, nil
}

func (c *tiring) ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return &sagemaker.ListClusterNodesOutput{}, nil
}

func TestDeleteAsksAgainWhileInstancesEnd(t *testing.T) {
	for _, after := range []types.ClusterStatus{types.ClusterStatusFailed, types.ClusterStatusInservice} {
		synctest.Test(t, func(t *testing.T) {
			api := &tiring{left: 100, each: 40, after: after}
			report, err := hyperpod.New(api).Cluster("train").Delete(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 3, api.requests)
			assert.Len(t, report.Calls, 3)
			assert.Equal(t, hyperpod.OutcomeDeleted, report.Groups[0].Outcome)
		})
		synctest.Test(t, func(t *testing.T) {
			api := &tiring{left: 100, after: after}
			report, err := hyperpod.New(api).Cluster("train").Delete(t.Context())
			require.ErrorIs(t, err, poll.ErrFailed)
			require.ErrorContains(t, err, "DeleteNetworkInterface")
			assert.Equal(t, 1, api.requests, "nothing was gained by the first")
			assert.EqualValues(t, 100, report.Groups[0].Count)
			assert.False(t, report.Unfinished)
		})
	}
}

// The same on the emulator, whose nodes end one by one.
func TestDeleteAsksAgainOnTheEmulator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(5))
		require.NoError(t, err)
		srv.FailDeletion("example-cluster", 3, types.ClusterStatusFailed)
		srv.FailDeletion("example-cluster", 1, types.ClusterStatusInservice)
		report, err := c.Delete(t.Context())
		require.NoError(t, err)
		assert.Len(t, report.Calls, 3)
		assert.Equal(t, hyperpod.OutcomeDeleted, report.Groups[0].Outcome)
	})
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(5))
		require.NoError(t, err)
		srv.FailDeletion("example-cluster", 5, types.ClusterStatusFailed)
		report, err := c.Delete(t.Context())
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorContains(t, err, "Rate exceeded")
		assert.Len(t, report.Calls, 1, "nothing was gained by the first")
	})
}
