package waiter_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

var (
	_ waiter.ClusterAPI  = (*sagemaker.Client)(nil)
	_ waiter.NodesAPI    = (*sagemaker.Client)(nil)
	_ waiter.SoftwareAPI = (*sagemaker.Client)(nil)
)

func TestUnimplementedAPI(t *testing.T) {
	var api waiter.UnimplementedAPI
	_, err := api.DescribeCluster(t.Context(), nil)
	require.ErrorIs(t, err, waiter.ErrUnimplemented)
	_, err = api.ListClusterNodes(t.Context(), nil)
	require.ErrorIs(t, err, waiter.ErrUnimplemented)
	_, err = api.DescribeClusterNode(t.Context(), nil)
	require.ErrorIs(t, err, waiter.ErrUnimplemented)
}
