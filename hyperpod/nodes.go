package hyperpod

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// Node is one instance of a cluster, or the request for one.
type Node struct {
	// Group is the instance group.
	Group string
	// Instance is the instance id, empty before the node has one.
	Instance string
	// LogicalID stays with the node from the request until its end. Empty where the
	// service gives none: it does on Continuous clusters.
	LogicalID string
	// InstanceType is the instance type.
	InstanceType types.ClusterInstanceType
	// Status is the node's status; Message is what it says, perhaps of an earlier
	// failure.
	Status  types.ClusterInstanceStatus
	Message string
	// Launched is when the instance was launched, LastSoftwareUpdate when its
	// software was last updated.
	Launched, LastSoftwareUpdate time.Time
	// ReleaseVersion is that of a HyperPod-managed AMI, VersionStatus how it stands.
	ReleaseVersion string
	VersionStatus  types.ClusterImageVersionStatus
	// DNSName is the private DNS name, empty when it is not reported.
	DNSName string
	// Details is the whole description, when it was asked for. It is nil for a node
	// that was gone by then.
	Details *types.ClusterNodeDetails
}

// NodesOptions choose nodes and how much is asked about each.
type NodesOptions struct {
	// Groups are the instance groups whose nodes are listed. Nil lists all.
	Groups []string
	// Details asks DescribeClusterNode about each node.
	Details bool
	// Concurrency is how many such calls run at a time. Zero means 5.
	Concurrency int
}

// Nodes lists the nodes of the cluster, those that have no instance yet included where
// the service lists them. The sequence may be ranged over more than once, and asks the
// service each time, a page at a time; an error ends it. It calls nothing before it is
// ranged over. An unknown cluster is [ErrClusterNotFound].
//
// What the list shows can be behind DescribeCluster for seconds to minutes, as was seen
// on live clusters.
func (c *Cluster) Nodes(ctx context.Context, optFns ...func(*NodesOptions)) iter.Seq2[Node, error] {
	var o NodesOptions
	for _, fn := range optFns {
		fn(&o)
	}
	o.Groups = slices.Clone(o.Groups)
	return func(yield func(Node, error) bool) {
		var page []Node
		for n, err := range listNodes(ctx, c.api, c.name, o.Groups) {
			if err != nil {
				yield(Node{}, callError(OperationListNodes, c.name, "ListClusterNodes", err))
				return
			}
			node := nodeOf(n)
			if !o.Details {
				if !yield(node, nil) {
					return
				}
				continue
			}
			if page = append(page, node); len(page) < detailBatch {
				continue
			}
			if !c.yieldDetails(ctx, page, o.Concurrency, yield) {
				return
			}
			page = page[:0]
		}
		c.yieldDetails(ctx, page, o.Concurrency, yield)
	}
}

func nodeOf(n types.ClusterNodeSummary) Node {
	node := Node{
		Group: aws.ToString(n.InstanceGroupName), Instance: aws.ToString(n.InstanceId), LogicalID: aws.ToString(n.NodeLogicalId),
		InstanceType: n.InstanceType, Launched: aws.ToTime(n.LaunchTime), LastSoftwareUpdate: aws.ToTime(n.LastSoftwareUpdateTime),
		ReleaseVersion: aws.ToString(n.CurrentImageReleaseVersion), VersionStatus: n.ImageVersionStatus, DNSName: aws.ToString(n.PrivateDnsHostname),
	}
	if n.InstanceStatus != nil {
		node.Status, node.Message = n.InstanceStatus.Status, aws.ToString(n.InstanceStatus.Message)
	}
	return node
}

// listNodes lists the nodes of some groups, or of all, with their logical ids. The
// service documents those for Continuous clusters; should another cluster refuse to
// be asked for them, it is asked without.
func listNodes(ctx context.Context, api API, cluster string, groups []string) iter.Seq2[types.ClusterNodeSummary, error] {
	return func(yield func(types.ClusterNodeSummary, error) bool) {
		in := &sagemaker.ListClusterNodesInput{ClusterName: aws.String(cluster), MaxResults: aws.Int32(pageSize), IncludeNodeLogicalIds: aws.Bool(true)}
		if len(groups) == 1 {
			in.InstanceGroupNameContains = aws.String(groups[0])
		}
		for {
			page, err := api.ListClusterNodes(ctx, in)
			if err != nil && awserr.IsValidation(err) && in.NextToken == nil && in.IncludeNodeLogicalIds != nil {
				in.IncludeNodeLogicalIds = nil
				continue
			}
			if err != nil {
				yield(types.ClusterNodeSummary{}, err)
				return
			}
			for _, n := range page.ClusterNodeSummaries {
				// The service's own filter is for a part of the name.
				if len(groups) > 0 && !slices.Contains(groups, aws.ToString(n.InstanceGroupName)) {
					continue
				}
				if !yield(n, nil) {
					return
				}
			}
			if aws.ToString(page.NextToken) == "" {
				return
			}
			in.NextToken = page.NextToken
		}
	}
}

// isInstanceID tells an instance id from a logical id.
func isInstanceID(id string) bool { return strings.HasPrefix(id, "i-") }
