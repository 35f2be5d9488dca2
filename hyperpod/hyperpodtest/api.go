package hyperpodtest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// API is the set of operations that the emulator answers.
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
	ListClusters(context.Context, *sagemaker.ListClustersInput, ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error)
	ListTags(context.Context, *sagemaker.ListTagsInput, ...func(*sagemaker.Options)) (*sagemaker.ListTagsOutput, error)
	StartClusterHealthCheck(context.Context, *sagemaker.StartClusterHealthCheckInput, ...func(*sagemaker.Options)) (*sagemaker.StartClusterHealthCheckOutput, error)
	UpdateCluster(context.Context, *sagemaker.UpdateClusterInput, ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterOutput, error)
	UpdateClusterSoftware(context.Context, *sagemaker.UpdateClusterSoftwareInput, ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterSoftwareOutput, error)
}

// Images is what the emulator needs of EC2 when a request names a custom AMI: it
// looks the AMI up and shares it, with its snapshots, with the service's account,
// acting for the caller's account as the service does. It is declared on builtin
// types so that an emulator of EC2 can satisfy it without importing this package;
// amisharetest.Server does. Errors should be smithy.APIError with EC2's codes.
type Images interface {
	// DescribeImage returns what account sees of an AMI in a Region: the owner's
	// account id, or the alias "amazon" for a public image of AWS, the name, the
	// architecture, EC2's image state and the ids of the EBS snapshots in its
	// block device mappings, the root's first.
	DescribeImage(ctx context.Context, account, region, imageID string) (owner, name, architecture, state string, snapshots []string, err error)
	// DescribeSnapshot returns the ARN of the KMS key that encrypts a snapshot,
	// empty when it is not encrypted, and whether that is the AWS managed key.
	DescribeSnapshot(ctx context.Context, account, region, snapshotID string) (kmsKey string, managed bool, err error)
	// ShareImage grants another account the launch permission of an AMI. With nobody,
	// the empty account, it changes nothing, and only tells whether account may do so.
	ShareImage(ctx context.Context, account, region, imageID, with string) error
	// ShareSnapshot grants another account the create volume permission of a snapshot,
	// or nobody, as ShareImage does.
	ShareSnapshot(ctx context.Context, account, region, snapshotID, with string) error
}

var _ API = (*Server)(nil)
