package hyperpod

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// onImage tells whether a description alone shows that the group runs the image, on all
// its instances: an AMI, or a release.
func (j *rollJudge) onImage(g types.ClusterInstanceGroupDetails) bool {
	if !settledOn(g) || g.ActiveSoftwareUpdateConfig != nil {
		return false
	}
	switch wanted := j.roll.Image; {
	case wanted.custom():
		return aws.ToString(g.CurrentImageId) == wanted.id && aws.ToString(g.DesiredImageId) == wanted.id
	case wanted.release != "":
		return managed(g) && aws.ToString(g.CurrentImageReleaseVersion) == wanted.release && aws.ToString(g.DesiredImageReleaseVersion) == wanted.release
	default:
		return false
	}
}

// managed tells whether nothing speaks against it that the group runs an image of
// HyperPod's own. Clusters that are not Continuous report no ids.
func managed(g types.ClusterInstanceGroupDetails) bool {
	return !AMI(aws.ToString(g.CurrentImageId)).custom() && !AMI(aws.ToString(g.DesiredImageId)).custom()
}

// settledOn tells whether all instances of a group are on its image: an update can end
// with nodes that were skipped, or with a failure.
func settledOn(g types.ClusterInstanceGroupDetails) bool {
	switch g.SoftwareUpdateStatus {
	case types.SoftwareUpdateStatusPending, types.SoftwareUpdateStatusInProgress, types.SoftwareUpdateStatusRollbackInProgress:
		return false
	case types.SoftwareUpdateStatusFailed:
		// A rollback that went well was seen to end so; the count tells.
		return g.TargetStateCount != nil && *g.TargetStateCount >= aws.ToInt32(g.CurrentCount)
	case types.SoftwareUpdateStatusSucceeded, types.SoftwareUpdateStatusRollbackComplete, "":
	default:
		return false
	}
	return g.TargetStateCount == nil || *g.TargetStateCount >= aws.ToInt32(g.CurrentCount)
}

// current names the groups that a roll to the newest image leaves out: the service calls
// them up to date, and their nodes one by one. The group's word alone was seen to flap.
func (r *run) current(ctx context.Context, image Image, groups []types.ClusterInstanceGroupDetails) ([]string, error) {
	if image != DefaultImage {
		return nil, nil
	}
	groups = slices.DeleteFunc(slices.Clone(groups), func(g types.ClusterInstanceGroupDetails) bool { return !upToDate(g) })
	if len(groups) == 0 {
		return nil, nil
	}
	var names, current []string
	for _, g := range groups {
		names = append(names, aws.ToString(g.InstanceGroupName))
	}
	nodes, err := r.nodesOf(ctx, names)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		stale := slices.ContainsFunc(nodes[name], func(n types.ClusterNodeSummary) bool {
			return n.ImageVersionStatus != types.ClusterImageVersionStatusUpToDate
		})
		if !stale && len(nodes[name]) >= int(aws.ToInt32(groups[i].CurrentCount)) {
			current = append(current, name)
		}
	}
	return current, nil
}

// upToDate is the first of the two places. Without an instance there is no second.
func upToDate(g types.ClusterInstanceGroupDetails) bool {
	return g.ImageVersionStatus == types.ClusterImageVersionStatusUpToDate && managed(g) && settledOn(g) &&
		g.ActiveSoftwareUpdateConfig == nil && aws.ToInt32(g.CurrentCount) > 0 &&
		aws.ToString(g.CurrentImageReleaseVersion) == aws.ToString(g.DesiredImageReleaseVersion)
}

// nodesOf lists the nodes of some groups, by group, without those that are leaving.
func (r *run) nodesOf(ctx context.Context, groups []string) (map[string][]types.ClusterNodeSummary, error) {
	const page = 100
	in := &sagemaker.ListClusterNodesInput{ClusterName: aws.String(r.target()), MaxResults: aws.Int32(page)}
	if len(groups) == 1 {
		in.InstanceGroupNameContains = aws.String(groups[0])
	}
	nodes := map[string][]types.ClusterNodeSummary{}
	for pages := sagemaker.NewListClusterNodesPaginator(r.api, in); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, callError(r.report.Operation, r.report.Cluster, "ListClusterNodes", err)
		}
		for _, n := range out.ClusterNodeSummaries {
			name := aws.ToString(n.InstanceGroupName)
			leaving := n.InstanceStatus != nil && (n.InstanceStatus.Status == types.ClusterInstanceStatusShuttingDown || n.InstanceStatus.Status == types.ClusterInstanceStatusNotFound)
			if slices.Contains(groups, name) && !leaving {
				nodes[name] = append(nodes[name], n)
			}
		}
	}
	return nodes, nil
}

func unchanged(g types.ClusterInstanceGroupDetails) GroupResult {
	return GroupResult{
		Name: aws.ToString(g.InstanceGroupName), Outcome: OutcomeUnchanged, Count: aws.ToInt32(g.CurrentCount), Wanted: aws.ToInt32(g.TargetCount),
		Image: aws.ToString(g.CurrentImageId),
	}
}
