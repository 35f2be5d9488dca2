package hyperpodtest

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// within tells whether a time lies between two bounds, either of which may be open.
func within(t time.Time, after, before *time.Time) bool {
	return (after == nil || t.After(*after)) && (before == nil || t.Before(*before))
}

func (s *Server) listClusters(r request, in *sagemaker.ListClustersInput) (outcome[sagemaker.ListClustersOutput], error) {
	clusters := list[*cluster]{
		name: "ListClusters", items: r.own.clusters, order: in.SortOrder,
		key: func(c *cluster) string { return sortable(c.seq) },
	}
	if in.SortBy == types.ClusterSortByName {
		clusters.name, clusters.items = "ListClusters by name", r.own.sorted
		clusters.key = func(c *cluster) string { return c.name }
	}
	found, next, err := clusters.page(in.MaxResults, in.NextToken, func(c *cluster) bool {
		return strings.Contains(c.name, aws.ToString(in.NameContains)) &&
			within(c.created, in.CreationTimeAfter, in.CreationTimeBefore) &&
			(in.TrainingPlanArn == nil || slices.Contains(c.trainingPlans(), *in.TrainingPlanArn))
	})
	if err != nil {
		return outcome[sagemaker.ListClustersOutput]{}, err
	}
	out := &sagemaker.ListClustersOutput{ClusterSummaries: []types.ClusterSummary{}, NextToken: next}
	for _, c := range found {
		out.ClusterSummaries = append(out.ClusterSummaries, types.ClusterSummary{
			ClusterArn: aws.String(c.arn), ClusterName: aws.String(c.name), ClusterStatus: c.status,
			CreationTime: aws.Time(c.created), TrainingPlanArns: c.trainingPlans(),
		})
	}
	return answer(out), nil
}

func (c *cluster) trainingPlans() []string {
	var plans []string
	for _, g := range c.groups {
		var plan *string
		if g.restricted != nil {
			plan = g.restricted.TrainingPlanArn
		} else {
			plan = g.spec.TrainingPlanArn
		}
		if plan != nil && !slices.Contains(plans, *plan) {
			plans = append(plans, *plan)
		}
	}
	return plans
}

func (s *Server) listClusterNodes(r request, in *sagemaker.ListClusterNodesInput) (outcome[sagemaker.ListClusterNodesOutput], error) {
	c, err := r.find(in.ClusterName)
	if err != nil {
		return outcome[sagemaker.ListClusterNodesOutput]{}, err
	}
	nodes := list[*node]{
		name: "ListClusterNodes " + c.arn, items: c.nodes(), order: in.SortOrder,
		key: func(n *node) string { return sortable(n.seq) },
	}
	if in.SortBy == types.ClusterSortByName {
		nodes.name += " by name"
		nodes.key = func(n *node) string { return n.group.name() + "\x00" + sortable(n.seq) }
		slices.SortFunc(nodes.items, func(a, b *node) int { return strings.Compare(nodes.key(a), nodes.key(b)) })
	}
	logical := aws.ToBool(in.IncludeNodeLogicalIds)
	found, next, err := nodes.page(in.MaxResults, in.NextToken, func(n *node) bool {
		return n.statusFor(r.now, s.options.ListLag) != "" && (logical || n.instanceID != "") &&
			strings.Contains(n.group.name(), aws.ToString(in.InstanceGroupNameContains)) &&
			within(n.launch, in.CreationTimeAfter, in.CreationTimeBefore)
	})
	if err != nil {
		return outcome[sagemaker.ListClusterNodesOutput]{}, err
	}
	out := &sagemaker.ListClusterNodesOutput{ClusterNodeSummaries: []types.ClusterNodeSummary{}, NextToken: next}
	for _, n := range found {
		d := n.describe()
		summary := types.ClusterNodeSummary{
			InstanceGroupName: d.InstanceGroupName, InstanceId: aws.String(n.instanceID),
			InstanceStatus: &types.ClusterInstanceStatusDetails{Status: n.statusFor(r.now, s.options.ListLag), Message: text(n.message)},
			InstanceType:   d.InstanceType, LaunchTime: d.LaunchTime, LastSoftwareUpdateTime: d.LastSoftwareUpdateTime,
			CurrentImageReleaseVersion: d.CurrentImageReleaseVersion, ImageVersionStatus: d.ImageVersionStatus,
		}
		if logical {
			summary.NodeLogicalId = d.NodeLogicalId
		}
		out.ClusterNodeSummaries = append(out.ClusterNodeSummaries, summary)
	}
	return answer(out), nil
}

// statusFor is the node's status as a list shows it that lags behind; empty for a node
// that is not in the list yet.
func (n *node) statusFor(now time.Time, lag time.Duration) types.ClusterInstanceStatus {
	if now.Sub(n.changed) < lag {
		return n.before
	}
	return n.status
}
