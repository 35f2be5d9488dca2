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
