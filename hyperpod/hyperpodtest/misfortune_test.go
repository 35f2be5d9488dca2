package hyperpodtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

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

// A name means the cluster of the server's own account and Region, an ARN any.
func TestMisfortuneOfOneCluster(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		other := srv.As(hyperpodtest.Root("444455556666"))
		for _, s := range []*hyperpodtest.Server{srv, other} {
			in := createInput(group("workers", 2))
			in.Orchestrator = &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String("arn:aws:eks:us-west-2:" + map[bool]string{true: "111122223333", false: "444455556666"}[s == srv] + ":cluster/e")}}
			create(t, s, in)
		}
		after(time.Hour)
		arn := describe(t, other).ClusterArn
		skipped := func(s *hyperpodtest.Server) bool {
			g := describe(t, s).InstanceGroups[0]
			return *g.CurrentImageId != *g.DesiredImageId
		}
		srv.SetDisruptionBudget(*arn, "workers", 1)
		for _, s := range []*hyperpodtest.Server{srv, other} {
			require.NoError(t, roll(t, s, newer, rolling(2, 0), "workers"))
		}
		after(time.Hour)
		assert.False(t, skipped(srv))
		assert.True(t, skipped(other))

		srv.FailTeardown("train", "")
		for _, s := range []*hyperpodtest.Server{srv, other} {
			_, err := s.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
			require.NoError(t, err)
		}
		after(time.Hour)
		_, err := other.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: arn})
		assert.Equal(t, "ResourceNotFound", code(t, err))
		live := describe(t, srv)
		other.MendTeardown("train")
		after(time.Hour)
		assert.Equal(t, types.ClusterStatusDeleting, describe(t, srv).ClusterStatus, "another account's cluster was mended")
		other.MendTeardown(*live.ClusterArn)
		after(time.Hour)
		_, err = srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		assert.Equal(t, "ResourceNotFound", code(t, err))
	})
}

// A node that has failed and then is ended takes its time, whatever it says.
func TestMendedTeardownEndsNoNodeEarly(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.FailLifecycle(golden, "exit status 1")
		create(t, srv, createInput(group("workers", 1)))
		after(30 * time.Minute)
		require.Equal(t, types.ClusterInstanceStatusFailure, nodes(t, srv)[0].InstanceStatus.Status)
		scale(t, srv, "workers", 0)
		after(time.Minute)
		srv.MendTeardown("train")
		after(time.Minute)
		assert.Len(t, nodes(t, srv), 1, "it ends after NodeStop only")
	}, func(o *hyperpodtest.Options) { o.Durations.NodeRetry = 0 })
}

// Who gets what becomes available does not change from run to run.
func TestCapacityGoesToTheFirstAccount(t *testing.T) {
	for range 20 {
		with(t, func(t *testing.T, srv *hyperpodtest.Server) {
			srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 0)
			for i := range 5 {
				in := createInput(group("workers", 1))
				in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
				create(t, srv.As(hyperpodtest.Root(fmt.Sprintf("44445555666%d", 9-i))), in)
			}
			after(time.Hour)
			srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 1)
			after(11 * time.Minute)
			assert.EqualValues(t, 1, *describe(t, srv.As(hyperpodtest.Root("444455556669"))).InstanceGroups[0].CurrentCount)
		})
	}
}

// A deletion that fails leaves nodes, and the next one goes on with them.
func TestDeletionThatFails(t *testing.T) {
	for _, ends := range []types.ClusterStatus{types.ClusterStatusFailed, types.ClusterStatusInservice} {
		for kind, input := range map[string]func(...types.ClusterInstanceGroupSpecification) *sagemaker.CreateClusterInput{"Continuous": createInput, "whole": wholeInput} {
			t.Run(string(ends)+" "+kind, func(t *testing.T) {
				with(t, func(t *testing.T, srv *hyperpodtest.Server) {
					create(t, srv, input(group("first", 2), group("second", 4)))
					after(time.Hour)
					srv.FailDeletion("train", 3, ends)
					srv.FailDeletion("train", 1, ends)
					remove := func() {
						_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
						require.NoError(t, err)
						assert.Equal(t, types.ClusterStatusDeleting, describe(t, srv).ClusterStatus)
						after(time.Hour)
					}
					for _, left := range []int{3, 1} {
						remove()
						out := describe(t, srv)
						assert.Equal(t, ends, out.ClusterStatus)
						assert.Contains(t, *out.FailureMessage, "Rate exceeded")
						require.Len(t, out.InstanceGroups, 1, "a group without nodes is gone")
						assert.EqualValues(t, left, *out.InstanceGroups[0].CurrentCount)
						assert.EqualValues(t, left, *out.InstanceGroups[0].TargetCount)
						assert.Len(t, nodes(t, srv), left)
					}
					remove()
					_, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
					assert.Equal(t, "ResourceNotFound", code(t, err))
				})
			})
		}
	}
}
