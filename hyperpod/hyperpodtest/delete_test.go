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
