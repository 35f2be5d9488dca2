package hyperpod

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit"
)

// API is what the package calls of SageMaker: [*sagemaker.Client] satisfies it, and
// so does a fake that embeds [UnimplementedAPI]. It may grow with a new version.
type API interface {
	AddTags(context.Context, *sagemaker.AddTagsInput, ...func(*sagemaker.Options)) (*sagemaker.AddTagsOutput, error)
	BatchAddClusterNodes(context.Context, *sagemaker.BatchAddClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchAddClusterNodesOutput, error)
	BatchDeleteClusterNodes(context.Context, *sagemaker.BatchDeleteClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchDeleteClusterNodesOutput, error)
	BatchRebootClusterNodes(context.Context, *sagemaker.BatchRebootClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchRebootClusterNodesOutput, error)
	BatchReplaceClusterNodes(context.Context, *sagemaker.BatchReplaceClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchReplaceClusterNodesOutput, error)
	CreateCluster(context.Context, *sagemaker.CreateClusterInput, ...func(*sagemaker.Options)) (*sagemaker.CreateClusterOutput, error)
	DeleteCluster(context.Context, *sagemaker.DeleteClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DeleteClusterOutput, error)
	DeleteTags(context.Context, *sagemaker.DeleteTagsInput, ...func(*sagemaker.Options)) (*sagemaker.DeleteTagsOutput, error)
	DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error)
	DescribeClusterEvent(context.Context, *sagemaker.DescribeClusterEventInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterEventOutput, error)
	DescribeClusterNode(context.Context, *sagemaker.DescribeClusterNodeInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error)
	ListClusterEvents(context.Context, *sagemaker.ListClusterEventsInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterEventsOutput, error)
	ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error)
	ListTags(context.Context, *sagemaker.ListTagsInput, ...func(*sagemaker.Options)) (*sagemaker.ListTagsOutput, error)
	UpdateCluster(context.Context, *sagemaker.UpdateClusterInput, ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterOutput, error)
	UpdateClusterSoftware(context.Context, *sagemaker.UpdateClusterSoftwareInput, ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterSoftwareOutput, error)
}

// ImageChecker judges whether an image may run where a workflow is about to send
// it. amishare.Checker is one. Findings of level error stop the workflow before its
// first mutating call; so does an error of the check itself, since then nothing is
// known.
type ImageChecker interface {
	CheckImage(ctx context.Context, use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error)
}

// ErrUnimplemented is what every method of [UnimplementedAPI] returns.
var ErrUnimplemented = errors.New("hyperpod: operation not implemented by this fake")

// UnimplementedAPI answers every operation of [API] and [InventoryAPI] with
// [ErrUnimplemented]. A fake that embeds it keeps compiling when they grow.
type UnimplementedAPI struct{}

var (
	_ API          = UnimplementedAPI{}
	_ InventoryAPI = UnimplementedAPI{}
)

// BatchAddClusterNodes returns ErrUnimplemented.
func (UnimplementedAPI) BatchAddClusterNodes(context.Context, *sagemaker.BatchAddClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchAddClusterNodesOutput, error) {
	return nil, ErrUnimplemented
}

// BatchDeleteClusterNodes returns ErrUnimplemented.
func (UnimplementedAPI) BatchDeleteClusterNodes(context.Context, *sagemaker.BatchDeleteClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchDeleteClusterNodesOutput, error) {
	return nil, ErrUnimplemented
}

// BatchRebootClusterNodes returns ErrUnimplemented.
func (UnimplementedAPI) BatchRebootClusterNodes(context.Context, *sagemaker.BatchRebootClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchRebootClusterNodesOutput, error) {
	return nil, ErrUnimplemented
}

// BatchReplaceClusterNodes returns ErrUnimplemented.
func (UnimplementedAPI) BatchReplaceClusterNodes(context.Context, *sagemaker.BatchReplaceClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchReplaceClusterNodesOutput, error) {
	return nil, ErrUnimplemented
}

// CreateCluster returns ErrUnimplemented.
func (UnimplementedAPI) CreateCluster(context.Context, *sagemaker.CreateClusterInput, ...func(*sagemaker.Options)) (*sagemaker.CreateClusterOutput, error) {
	return nil, ErrUnimplemented
}

// DeleteCluster returns ErrUnimplemented.
func (UnimplementedAPI) DeleteCluster(context.Context, *sagemaker.DeleteClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DeleteClusterOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeCluster returns ErrUnimplemented.
func (UnimplementedAPI) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeClusterEvent returns ErrUnimplemented.
func (UnimplementedAPI) DescribeClusterEvent(context.Context, *sagemaker.DescribeClusterEventInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterEventOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeClusterNode returns ErrUnimplemented.
func (UnimplementedAPI) DescribeClusterNode(context.Context, *sagemaker.DescribeClusterNodeInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	return nil, ErrUnimplemented
}

// ListClusterEvents returns ErrUnimplemented.
func (UnimplementedAPI) ListClusterEvents(context.Context, *sagemaker.ListClusterEventsInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterEventsOutput, error) {
	return nil, ErrUnimplemented
}

// ListClusterNodes returns ErrUnimplemented.
func (UnimplementedAPI) ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return nil, ErrUnimplemented
}

// ListClusters returns ErrUnimplemented.
func (UnimplementedAPI) ListClusters(context.Context, *sagemaker.ListClustersInput, ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	return nil, ErrUnimplemented
}

// UpdateCluster returns ErrUnimplemented.
func (UnimplementedAPI) UpdateCluster(context.Context, *sagemaker.UpdateClusterInput, ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterOutput, error) {
	return nil, ErrUnimplemented
}

// UpdateClusterSoftware returns ErrUnimplemented.
func (UnimplementedAPI) UpdateClusterSoftware(context.Context, *sagemaker.UpdateClusterSoftwareInput, ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterSoftwareOutput, error) {
	return nil, ErrUnimplemented
}

// AddTags returns ErrUnimplemented.
func (UnimplementedAPI) AddTags(context.Context, *sagemaker.AddTagsInput, ...func(*sagemaker.Options)) (*sagemaker.AddTagsOutput, error) {
	return nil, ErrUnimplemented
}

// DeleteTags returns ErrUnimplemented.
func (UnimplementedAPI) DeleteTags(context.Context, *sagemaker.DeleteTagsInput, ...func(*sagemaker.Options)) (*sagemaker.DeleteTagsOutput, error) {
	return nil, ErrUnimplemented
}

// ListTags returns ErrUnimplemented.
func (UnimplementedAPI) ListTags(context.Context, *sagemaker.ListTagsInput, ...func(*sagemaker.Options)) (*sagemaker.ListTagsOutput, error) {
	return nil, ErrUnimplemented
}
