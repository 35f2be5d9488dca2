package waiter

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// ClusterAPI is what the cluster and group waiters call. *sagemaker.Client
// satisfies it.
type ClusterAPI interface {
	DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error)
}

// NodesAPI is what [NodesRunning] and [NodesGone] call. *sagemaker.Client satisfies
// it.
type NodesAPI interface {
	ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error)
}

// SoftwareAPI is what [SoftwareUpdated] calls. *sagemaker.Client satisfies it.
type SoftwareAPI interface {
	ClusterAPI
	NodesAPI
	DescribeClusterNode(context.Context, *sagemaker.DescribeClusterNodeInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error)
}

// FleetAPI is what a [Fleet] calls. *sagemaker.Client satisfies it.
type FleetAPI interface {
	SoftwareAPI
	ListClusters(context.Context, *sagemaker.ListClustersInput, ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error)
}

// ErrUnimplemented is what every method of [UnimplementedAPI] returns.
var ErrUnimplemented = errors.New("waiter: operation not implemented by this fake")

// UnimplementedAPI is for fakes: one that embeds it still satisfies the
// interfaces of this package when they grow by an operation.
type UnimplementedAPI struct{}

var _ FleetAPI = UnimplementedAPI{}

// DescribeCluster returns [ErrUnimplemented].
func (UnimplementedAPI) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	return nil, ErrUnimplemented
}

// ListClusterNodes returns [ErrUnimplemented].
func (UnimplementedAPI) ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeClusterNode returns [ErrUnimplemented].
func (UnimplementedAPI) DescribeClusterNode(context.Context, *sagemaker.DescribeClusterNodeInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	return nil, ErrUnimplemented
}

// ListClusters returns [ErrUnimplemented].
func (UnimplementedAPI) ListClusters(context.Context, *sagemaker.ListClustersInput, ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	return nil, ErrUnimplemented
}
