package testwithfakes

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// pool is a pool of two instances on an emulator.
func pool(t *testing.T, optFns ...func(*hyperpodtest.Options)) (*hyperpodtest.Server, *Pool) {
	t.Helper()
	srv := hyperpodtest.NewServer(optFns...)
	_, err := hyperpod.New(srv.Client()).Cluster("train").Create(t.Context(), hyperpod.Spec{
		Groups: []hyperpod.Group{
			hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 2).
				WithExecutionRole("arn:aws:iam::111122223333:role/HyperPodExecution").
				WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh").WithDefaultImage(),
		},
		Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/example-eks"),
		VPC:          hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	})
	require.NoError(t, err)
	return srv, &Pool{Clusters: srv.Client(), Cluster: "train", Group: "workers", Most: 8}
}

// The emulator behaves as the service does, so a test says what is to come out of it, and
// not which calls are made.
func TestFitOnTheEmulator(t *testing.T) {
	_, p := pool(t)
	for _, c := range []struct {
		jobs int
		want int32
	}{{5, 5}, {100, 8}, {0, 0}} {
		got, err := p.Fit(t.Context(), c.jobs)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
}

// In a bubble hours take milliseconds.
func TestFitTakesAsLongAsOnAWS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p := pool(t, hyperpodtest.Realistic)
		got, err := p.Fit(t.Context(), 5)
		require.NoError(t, err)
		assert.Equal(t, int32(5), got)
	})
}

// What can go wrong is made to go wrong.
func TestFitWhenThingsGoWrong(t *testing.T) {
	t.Run("the answer is lost, and was an acceptance", func(t *testing.T) {
		srv, p := pool(t)
		srv.Faults().LoseResponse("UpdateCluster", 1)
		got, err := p.Fit(t.Context(), 5)
		require.NoError(t, err)
		assert.Equal(t, int32(5), got)
	})
	t.Run("no capacity", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { // the wait goes on for hours
			srv, p := pool(t, hyperpodtest.Realistic)
			srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 3)
			_, err := p.Fit(t.Context(), 5)
			require.Error(t, err)
			size, err := p.Size(t.Context(), srv)
			require.NoError(t, err)
			assert.LessOrEqual(t, size, int32(3))
		})
	})
	t.Run("another operation is under way", func(t *testing.T) {
		srv, p := pool(t)
		srv.Faults().Fail("UpdateCluster", 1, &types.ConflictException{})
		_, err := p.Fit(t.Context(), 5)
		require.ErrorIs(t, err, ErrPaused)
	})
}
