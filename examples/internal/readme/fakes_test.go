package readme_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// grow is the program of somebody, which is to be tested.
func grow(ctx context.Context, api hyperpod.API, cluster string, count int32) error {
	client := hyperpod.New(api, func(o *hyperpod.Options) { o.Poll.Interval = time.Millisecond })
	_, err := client.Cluster(cluster).Update(ctx, hyperpod.Scale("workers", count))
	return err
}

func spec() hyperpod.Spec {
	return hyperpod.Spec{
		Groups: []hyperpod.Group{group("workers", 8)}, Orchestrator: hyperpod.EKS(eksCluster),
		VPC: hyperpod.VPC{Subnets: []string{subnet}, SecurityGroups: []string{securityGroup}},
	}
}

//readme:start test-emulator
func TestGrow(t *testing.T) {
	srv := hyperpodtest.NewServer() // everything asked for is done by the next request
	_, err := hyperpod.New(srv.Client()).Cluster("train").Create(t.Context(), spec())
	require.NoError(t, err)

	srv.Faults().LoseResponse("UpdateCluster", 1) // the worst that a network can do
	require.NoError(t, grow(t.Context(), srv.Client(), "train", 12))
}

//readme:end

//readme:start test-fake
type denied struct{ hyperpod.UnimplementedAPI } // which answers everything with an error

func (denied) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	return nil, &types.ResourceNotFound{}
}

func TestGrowWithoutCluster(t *testing.T) {
	require.ErrorIs(t, grow(t.Context(), denied{}, "train", 12), hyperpod.ErrClusterNotFound)
}

//readme:end

//readme:start test-mock
type clusterMock struct{ mock.Mock }

func (m *clusterMock) DescribeCluster(_ context.Context, in *sagemaker.DescribeClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	args := m.Called(*in.ClusterName)
	out, _ := args.Get(0).(*sagemaker.DescribeClusterOutput)
	return out, args.Error(1)
}

func TestWaitWithAMock(t *testing.T) {
	api := &clusterMock{}
	api.On("DescribeCluster", "train").Return(&sagemaker.DescribeClusterOutput{ClusterStatus: types.ClusterStatusInservice}, nil).Once()
	_, err := waiter.ClusterInService(t.Context(), api, "train")
	require.NoError(t, err)
	api.AssertExpectations(t)
}

//readme:end
