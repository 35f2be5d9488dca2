package waiter_test

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

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// interrupting cancels the wait while the nodes are asked for.
type interrupting struct {
	*hyperpodtest.Server
	cancel context.CancelFunc
}

func (i interrupting) ListClusterNodes(ctx context.Context, _ *sagemaker.ListClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	i.cancel()
	return nil, ctx.Err()
}

// What the last look saw of the cluster is returned, though the look did not get to the
// nodes.
func TestInterruptedBetweenClusterAndNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		_, err := srv.CreateCluster(t.Context(), &sagemaker.CreateClusterInput{
			ClusterName: aws.String("train"), Orchestrator: &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}},
			InstanceGroups: []types.ClusterInstanceGroupSpecification{{
				InstanceGroupName: aws.String("workers"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlC52xlarge,
				ExecutionRole: aws.String("arn:aws:iam::111122223333:role/r"), ImageId: aws.String("ami-0123456789abcdef0"),
			}},
		})
		require.NoError(t, err)
		time.Sleep(time.Hour)
		_, err = srv.UpdateClusterSoftware(t.Context(), &sagemaker.UpdateClusterSoftwareInput{ClusterName: aws.String("train"), ImageId: aws.String("ami-0fedcba9876543210")})
		require.NoError(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		var seen types.ClusterStatus
		result, err := waiter.SoftwareUpdated(ctx, interrupting{srv, cancel}, "train", waiter.Update{Groups: []string{"workers"}, Image: "ami-0fedcba9876543210"}, func(o *waiter.Options) {
			o.OnSnapshot = func(_ context.Context, s waiter.Snapshot) { seen = s.Status }
		})
		require.ErrorIs(t, err, poll.ErrStopped)
		assert.Equal(t, types.ClusterStatusInservice, seen)
		assert.Equal(t, seen, result.Cluster.ClusterStatus)
	})
}
