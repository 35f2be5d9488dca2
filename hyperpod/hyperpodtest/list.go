package hyperpodtest

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// defaultPage is how many items a list evaluates when MaxResults is not given; the
// service does not publish its own number.
const defaultPage = 100

// page evaluates the next items of a list, in ascending order unless it is to be
// descending, and returns those that match, with the token of the next page.
// MaxResults counts what was evaluated, so a page can be empty and still have a
// successor.
func page[T any](items []T, order types.SortOrder, maxResults *int32, token *string, match func(T) bool) (found []T, next *string, err error) {
	start, err := readToken(token)
	if err != nil {
		return nil, nil, err
	}
	end := min(len(items), start+int(cmp.Or(aws.ToInt32(maxResults), defaultPage)))
	for i := start; i < end; i++ {
		item := items[i]
		if order == types.SortOrderDescending {
			item = items[len(items)-1-i]
		}
		if match(item) {
			found = append(found, item)
		}
	}
	if end < len(items) {
		next = aws.String(base64.RawURLEncoding.EncodeToString([]byte("at:" + strconv.Itoa(end))))
	}
	return found, next, nil
}

func readToken(token *string) (int, error) {
	if token == nil {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(*token)
	position, isPosition := strings.CutPrefix(string(raw), "at:")
	n, numberErr := strconv.Atoi(position)
	if err != nil || !isPosition || numberErr != nil || n < 0 {
		return 0, invalid("NextToken %q is not a token of this list.", *token)
	}
	return n, nil
}

// within tells whether a time lies between two bounds, either of which may be open.
func within(t time.Time, after, before *time.Time) bool {
	return (after == nil || t.After(*after)) && (before == nil || t.Before(*before))
}

func (s *Server) listClusters(r request, in *sagemaker.ListClustersInput) (outcome[sagemaker.ListClustersOutput], error) {
	items := r.own.clusters
	if in.SortBy == types.ClusterSortByName {
		items = r.own.sorted
	}
	found, next, err := page(items, in.SortOrder, in.MaxResults, in.NextToken, func(c *cluster) bool {
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
	items := c.nodes()
	if in.SortBy == types.ClusterSortByName {
		slices.SortStableFunc(items, func(a, b *node) int { return strings.Compare(a.group.name(), b.group.name()) })
	}
	logical := aws.ToBool(in.IncludeNodeLogicalIds)
	found, next, err := page(items, in.SortOrder, in.MaxResults, in.NextToken, func(n *node) bool {
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
