package hyperpod

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// maxEventReads is how many events are read in detail: one of each kind.
const maxEventReads = 10

// inquiry asks a cluster why it is as it is.
type inquiry struct {
	api    API
	target string
	since  time.Time // of the events that are looked at
	groups []string  // asked about, healthy or not; nil means those that are not healthy
}

// explain asks. Its error is that of DescribeCluster; what else fails is a gap.
func (q inquiry) explain(ctx context.Context) (Explanation, error) {
	var e Explanation
	live, err := q.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(q.target)})
	if err != nil {
		return e, err
	}
	continuous := live.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous
	e.ARN, e.Status, e.Message = aws.ToString(live.ClusterArn), string(live.ClusterStatus), aws.ToString(live.FailureMessage)
	e.LogGroup = logGroup(aws.ToString(live.ClusterName), e.ARN)

	var nodes []NodeMessage
	unwell := map[string]bool{}
	for n, err := range listNodes(ctx, q.api, q.target, nil) {
		if err != nil {
			e.Gaps = append(e.Gaps, fmt.Sprintf("ListClusterNodes: %v", err))
			break
		}
		m := nodeMessage(n)
		nodes = append(nodes, m)
		if m.telling() && m.Status != string(types.ClusterInstanceStatusRunning) {
			unwell[m.Group] = true
		}
	}
	subnets := q.judgeGroups(live, unwell, &e)
	var f faults
	if q.groups != nil || len(e.Groups) > 0 || live.ClusterStatus != types.ClusterStatusInservice {
		f = q.collect(ctx, &e, nodes, continuous)
	}
	e.Causes = f.causes(continuous, subnets)
	for i := range e.Causes {
		e.Causes[i].Look = places(e.LogGroup, e.ARN, e.Causes[i])
	}
	return e, nil
}

// collect takes in what events, nodes and the cluster say of the groups asked about.
func (q inquiry) collect(ctx context.Context, e *Explanation, nodes []NodeMessage, continuous bool) faults {
	asked := func(group string) bool {
		return slices.ContainsFunc(e.Groups, func(g GroupHealth) bool { return g.Name == group }) || slices.Contains(q.groups, group)
	}
	recovered := map[string]bool{}
	var unwell, running []NodeMessage // of the nodes that say something
	for _, m := range nodes {
		runs := q.groups == nil && m.Status == string(types.ClusterInstanceStatusRunning)
		recovered[m.Instance] = runs
		switch {
		case !m.telling() || !asked(m.Group):
		case runs:
			running = append(running, m)
		default:
			unwell = append(unwell, m)
		}
	}
	var f faults
	if continuous {
		q.events(ctx, &f, e, func(ev types.ClusterEventSummary) bool {
			group := aws.ToString(ev.InstanceGroupName)
			return (group == "" || asked(group)) && !recovered[aws.ToString(ev.InstanceId)]
		})
	} else {
		e.Gaps = append(e.Gaps, "events: only Continuous clusters have them")
	}
	f.addNodes(unwell)
	// A node keeps a message after it has recovered: it counts where nothing else tells
	// what is wrong.
	running = slices.DeleteFunc(running, func(m NodeMessage) bool {
		return slices.ContainsFunc(f.list, func(known fault) bool { return known.group == m.Group })
	})
	f.addNodes(running)
	f.addCluster(e.Message)
	e.Nodes = slices.Concat(unwell, running)
	return f
}

// judgeGroups notes the groups that are asked about or not healthy, and returns the
// subnets of each group, under "" those of the cluster.
func (q inquiry) judgeGroups(live *sagemaker.DescribeClusterOutput, unwell map[string]bool, e *Explanation) map[string][]string {
	subnets := map[string][]string{}
	if live.VpcConfig != nil {
		subnets[""] = slices.Clone(live.VpcConfig.Subnets)
	}
	note := func(g GroupHealth, vpc *types.VpcConfig) {
		if vpc = cmp.Or(vpc, live.VpcConfig); vpc != nil {
			subnets[g.Name] = slices.Clone(vpc.Subnets)
		}
		healthy := g.Status == string(types.InstanceGroupStatusInservice) && g.Current == g.Target && !unwell[g.Name]
		if slices.Contains(q.groups, g.Name) || q.groups == nil && !healthy {
			e.Groups = append(e.Groups, g)
		}
	}
	for _, g := range live.InstanceGroups {
		note(GroupHealth{
			Name: aws.ToString(g.InstanceGroupName), Status: groupStatus(g.Status, live.ClusterStatus),
			Current: aws.ToInt32(g.CurrentCount), Target: aws.ToInt32(g.TargetCount),
		}, g.OverrideVpcConfig)
	}
	for _, g := range live.RestrictedInstanceGroups {
		note(GroupHealth{
			Name: aws.ToString(g.InstanceGroupName), Status: groupStatus(g.Status, live.ClusterStatus),
			Current: aws.ToInt32(g.CurrentCount), Target: aws.ToInt32(g.TargetCount),
		}, g.OverrideVpcConfig)
	}
	return subnets
}

// groupStatus is the group's status, or the cluster's where groups report none.
func groupStatus(group types.InstanceGroupStatus, cluster types.ClusterStatus) string {
	return cmp.Or(string(group), string(cluster))
}

// events reads what went wrong according to the events that concern the question: one
// of each kind in detail, since only that has the failure message.
func (q inquiry) events(ctx context.Context, f *faults, e *Explanation, concerns func(types.ClusterEventSummary) bool) {
	pages := sagemaker.NewListClusterEventsPaginator(q.api, &sagemaker.ListClusterEventsInput{
		ClusterName: aws.String(q.target), EventTimeAfter: aws.Time(q.since), MaxResults: aws.Int32(pageSize), SortOrder: types.SortOrderDescending,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			e.Gaps = append(e.Gaps, fmt.Sprintf("ListClusterEvents: %v", err))
			break
		}
		for _, ev := range page.Events {
			if wrong(ev) && concerns(ev) {
				f.addEvent(ev)
			}
		}
	}
	for i := range min(len(f.list), maxEventReads) {
		out, err := q.api.DescribeClusterEvent(ctx, &sagemaker.DescribeClusterEventInput{ClusterName: aws.String(q.target), EventId: aws.String(f.list[i].event)})
		if awserr.IsNotFound(err) {
			continue // forgotten meanwhile
		}
		if err != nil {
			e.Gaps = append(e.Gaps, fmt.Sprintf("DescribeClusterEvent: %v", err))
			break
		}
		if out.EventDetails != nil && out.EventDetails.EventDetails != nil {
			message, node := failureOf(out.EventDetails.EventDetails.EventMetadata)
			f.list[i].told(message, node)
		}
	}
	f.pair()
}

// wrong tells whether an event is about something wrong. Warnings are also written
// while all goes well, as when a node is not ready yet.
func wrong(ev types.ClusterEventSummary) bool {
	switch ev.EventLevel {
	case types.ClusterEventLevelError:
		return true
	case types.ClusterEventLevelWarn:
		return classify(aws.ToString(ev.Description)) != ClassUnknown
	case types.ClusterEventLevelInfo:
		return false
	default:
		return false
	}
}

// failureOf is the failure message of an event, and the logical id of its node.
func failureOf(metadata types.EventMetadata) (message, node string) {
	switch m := metadata.(type) {
	case *types.EventMetadataMemberCluster:
		return aws.ToString(m.Value.FailureMessage), ""
	case *types.EventMetadataMemberInstanceGroup:
		return aws.ToString(m.Value.FailureMessage), ""
	case *types.EventMetadataMemberInstanceGroupScaling:
		return aws.ToString(m.Value.FailureMessage), ""
	case *types.EventMetadataMemberInstance:
		return aws.ToString(m.Value.FailureMessage), aws.ToString(m.Value.NodeLogicalId)
	default:
		return "", ""
	}
}

// nodeMessage is what a node says of itself.
func nodeMessage(n types.ClusterNodeSummary) NodeMessage {
	m := NodeMessage{Group: aws.ToString(n.InstanceGroupName), Instance: aws.ToString(n.InstanceId), LogicalID: aws.ToString(n.NodeLogicalId)}
	if n.InstanceStatus != nil {
		m.Status, m.Message = string(n.InstanceStatus.Status), aws.ToString(n.InstanceStatus.Message)
	}
	return m
}

// telling tells whether the node has anything to say about a failure.
func (n NodeMessage) telling() bool {
	switch types.ClusterInstanceStatus(n.Status) {
	case types.ClusterInstanceStatusFailure, types.ClusterInstanceStatusNotFound:
		return true
	case types.ClusterInstanceStatusRunning, types.ClusterInstanceStatusPending, types.ClusterInstanceStatusShuttingDown,
		types.ClusterInstanceStatusSystemUpdating, types.ClusterInstanceStatusDeepHealthCheckInProgress:
		return n.Message != ""
	default:
		return n.Message != ""
	}
}

// logGroup is the CloudWatch log group of a cluster (SageMaker AI Developer Guide,
// "HyperPod cluster monitoring"); empty while the ARN is not known.
func logGroup(name, arn string) string {
	id := clusterID(arn)
	if name == "" || id == "" {
		return ""
	}
	return "/aws/sagemaker/Clusters/" + name + "/" + id
}

// places are where more is told of the instances of a cause.
func places(group, arn string, c Cause) []Place {
	var look []Place
	for _, n := range c.Nodes {
		if group != "" && strings.HasPrefix(n, "i-") {
			look = append(look, Place{
				LogGroup: group, LogStream: "LifecycleConfig/" + c.Group + "/" + n,
				SSMTarget: "sagemaker-cluster:" + clusterID(arn) + "_" + c.Group + "-" + n,
			})
		}
	}
	return look
}
