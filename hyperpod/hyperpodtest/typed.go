package hyperpodtest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// The typed door: the SDK's own signatures. Options of the SDK's client mean nothing
// here and are not read.

// AddTags adds tags to a cluster; see [sagemaker.Client.AddTags].
func (s *Server) AddTags(ctx context.Context, in *sagemaker.AddTagsInput, _ ...func(*sagemaker.Options)) (*sagemaker.AddTagsOutput, error) {
	return call(ctx, s, s.acting, "AddTags", in, (*Server).addTags)
}

// BatchAddClusterNodes adds nodes to groups; see [sagemaker.Client.BatchAddClusterNodes].
func (s *Server) BatchAddClusterNodes(ctx context.Context, in *sagemaker.BatchAddClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.BatchAddClusterNodesOutput, error) {
	return call(ctx, s, s.acting, "BatchAddClusterNodes", in, (*Server).batchAddClusterNodes)
}

// BatchDeleteClusterNodes deletes chosen nodes; see [sagemaker.Client.BatchDeleteClusterNodes].
func (s *Server) BatchDeleteClusterNodes(ctx context.Context, in *sagemaker.BatchDeleteClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.BatchDeleteClusterNodesOutput, error) {
	return call(ctx, s, s.acting, "BatchDeleteClusterNodes", in, (*Server).batchDeleteClusterNodes)
}

// BatchRebootClusterNodes restarts chosen nodes; see [sagemaker.Client.BatchRebootClusterNodes].
func (s *Server) BatchRebootClusterNodes(ctx context.Context, in *sagemaker.BatchRebootClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.BatchRebootClusterNodesOutput, error) {
	return call(ctx, s, s.acting, "BatchRebootClusterNodes", in, (*Server).batchRebootClusterNodes)
}

// BatchReplaceClusterNodes replaces chosen nodes; see [sagemaker.Client.BatchReplaceClusterNodes].
func (s *Server) BatchReplaceClusterNodes(ctx context.Context, in *sagemaker.BatchReplaceClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.BatchReplaceClusterNodesOutput, error) {
	return call(ctx, s, s.acting, "BatchReplaceClusterNodes", in, (*Server).batchReplaceClusterNodes)
}

// CreateCluster creates a cluster; see [sagemaker.Client.CreateCluster].
func (s *Server) CreateCluster(ctx context.Context, in *sagemaker.CreateClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.CreateClusterOutput, error) {
	return call(ctx, s, s.acting, "CreateCluster", in, (*Server).createCluster)
}

// DeleteCluster deletes a cluster; see [sagemaker.Client.DeleteCluster].
func (s *Server) DeleteCluster(ctx context.Context, in *sagemaker.DeleteClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DeleteClusterOutput, error) {
	return call(ctx, s, s.acting, "DeleteCluster", in, (*Server).deleteCluster)
}

// DeleteTags removes tags from a cluster; see [sagemaker.Client.DeleteTags].
func (s *Server) DeleteTags(ctx context.Context, in *sagemaker.DeleteTagsInput, _ ...func(*sagemaker.Options)) (*sagemaker.DeleteTagsOutput, error) {
	return call(ctx, s, s.acting, "DeleteTags", in, (*Server).deleteTags)
}

// DescribeCluster describes a cluster; see [sagemaker.Client.DescribeCluster].
func (s *Server) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	return call(ctx, s, s.acting, "DescribeCluster", in, (*Server).describeCluster)
}

// DescribeClusterEvent describes an event; see [sagemaker.Client.DescribeClusterEvent].
func (s *Server) DescribeClusterEvent(ctx context.Context, in *sagemaker.DescribeClusterEventInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterEventOutput, error) {
	return call(ctx, s, s.acting, "DescribeClusterEvent", in, (*Server).describeClusterEvent)
}

// DescribeClusterNode describes a node; see [sagemaker.Client.DescribeClusterNode].
func (s *Server) DescribeClusterNode(ctx context.Context, in *sagemaker.DescribeClusterNodeInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	return call(ctx, s, s.acting, "DescribeClusterNode", in, (*Server).describeClusterNode)
}

// ListClusterEvents lists a cluster's events; see [sagemaker.Client.ListClusterEvents].
func (s *Server) ListClusterEvents(ctx context.Context, in *sagemaker.ListClusterEventsInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClusterEventsOutput, error) {
	return call(ctx, s, s.acting, "ListClusterEvents", in, (*Server).listClusterEvents)
}

// ListClusterNodes lists a cluster's nodes; see [sagemaker.Client.ListClusterNodes].
func (s *Server) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return call(ctx, s, s.acting, "ListClusterNodes", in, (*Server).listClusterNodes)
}

// ListClusters lists clusters; see [sagemaker.Client.ListClusters].
func (s *Server) ListClusters(ctx context.Context, in *sagemaker.ListClustersInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	return call(ctx, s, s.acting, "ListClusters", in, (*Server).listClusters)
}

// ListTags lists a cluster's tags; see [sagemaker.Client.ListTags].
func (s *Server) ListTags(ctx context.Context, in *sagemaker.ListTagsInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListTagsOutput, error) {
	return call(ctx, s, s.acting, "ListTags", in, (*Server).listTags)
}

// StartClusterHealthCheck starts deep health checks; see [sagemaker.Client.StartClusterHealthCheck].
func (s *Server) StartClusterHealthCheck(ctx context.Context, in *sagemaker.StartClusterHealthCheckInput, _ ...func(*sagemaker.Options)) (*sagemaker.StartClusterHealthCheckOutput, error) {
	return call(ctx, s, s.acting, "StartClusterHealthCheck", in, (*Server).startClusterHealthCheck)
}

// UpdateCluster changes a cluster; see [sagemaker.Client.UpdateCluster].
func (s *Server) UpdateCluster(ctx context.Context, in *sagemaker.UpdateClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterOutput, error) {
	return call(ctx, s, s.acting, "UpdateCluster", in, (*Server).updateCluster)
}

// UpdateClusterSoftware replaces images; see [sagemaker.Client.UpdateClusterSoftware].
func (s *Server) UpdateClusterSoftware(ctx context.Context, in *sagemaker.UpdateClusterSoftwareInput, _ ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterSoftwareOutput, error) {
	return call(ctx, s, s.acting, "UpdateClusterSoftware", in, (*Server).updateClusterSoftware)
}
