package testwithfakes

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
)

type describer struct{ mock.Mock }

func (m *describer) DescribeCluster(_ context.Context, in *sagemaker.DescribeClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	args := m.Called(aws.ToString(in.ClusterName))
	out, _ := args.Get(0).(*sagemaker.DescribeClusterOutput)
	return out, args.Error(1)
}

// A mock is for a single call whose input matters.
func TestSizeWithAMock(t *testing.T) {
	api := &describer{}
	api.On("DescribeCluster", "train").Return(&sagemaker.DescribeClusterOutput{InstanceGroups: []types.ClusterInstanceGroupDetails{
		{InstanceGroupName: aws.String("login"), CurrentCount: aws.Int32(1)},
		{InstanceGroupName: aws.String("workers"), CurrentCount: aws.Int32(6)},
	}}, nil).Once()
	size, err := (&Pool{Cluster: "train", Group: "workers"}).Size(t.Context(), api)
	require.NoError(t, err)
	assert.Equal(t, int32(6), size)
	api.AssertExpectations(t)
}
