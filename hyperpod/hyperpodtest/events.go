package hyperpodtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// maxEvents is how many events of a cluster the service keeps, as seen on live
// clusters.
const maxEvents = 500

// event is one entry of a cluster's event log.
type event struct {
	seq      int // of the cluster's events
	id       string
	time     time.Time
	level    types.ClusterEventLevel
	resource types.ClusterEventResourceType
	group    string
	instance string
	text     string
	metadata types.EventMetadata
}

// log adds an event. Only Continuous clusters have events. The texts are those of the
// AWS guide's reference of HyperPod cluster events.
func (c *cluster) log(now time.Time, e event) {
	if !c.continuous {
		return
	}
	c.logged++
	digits := emul.HexID(32, c.arn, "event", fmt.Sprint(c.logged))
	e.id = strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-")
	e.seq, e.time = c.logged, now
	c.events = append(c.events, e)
	// Forget in bulk: one copy for every maxEvents events.
	if len(c.events) >= 2*maxEvents {
		c.events = slices.Clone(c.events[len(c.events)-maxEvents:])
	}
}

// say adds an event about the cluster.
func (c *cluster) say(now time.Time, level types.ClusterEventLevel, failure, format string, args ...any) {
	c.log(now, event{
		level: level, resource: types.ClusterEventResourceTypeCluster, text: fmt.Sprintf(format, args...),
		metadata: &types.EventMetadataMemberCluster{Value: types.ClusterMetadata{FailureMessage: text(failure)}},
	})
}

// say adds an event about the group.
func (g *group) say(now time.Time, level types.ClusterEventLevel, metadata types.EventMetadata, format string, args ...any) {
	g.cluster.log(now, event{
		level: level, resource: types.ClusterEventResourceTypeInstanceGroup, group: g.name(), text: fmt.Sprintf(format, args...), metadata: metadata,
	})
}

// say adds an event about the node.
func (n *node) say(now time.Time, level types.ClusterEventLevel, failure, format string, args ...any) {
	n.group.cluster.log(now, event{
		level: level, resource: types.ClusterEventResourceTypeInstance, group: n.group.name(), instance: n.instanceID,
		text: fmt.Sprintf(format, args...),
		metadata: &types.EventMetadataMemberInstance{Value: types.InstanceMetadata{
			NodeLogicalId: text(n.logicalID), FailureMessage: text(failure),
		}},
	})
}

// The levels of events.
const (
	info    = types.ClusterEventLevelInfo
	warning = types.ClusterEventLevelWarn
	failure = types.ClusterEventLevelError
)

// kept are the newest events, oldest first.
func (c *cluster) kept() []event {
	return c.events[max(0, len(c.events)-maxEvents):]
}

func (s *Server) listClusterEvents(r request, in *sagemaker.ListClusterEventsInput) (outcome[sagemaker.ListClusterEventsOutput], error) {
	none := outcome[sagemaker.ListClusterEventsOutput]{}
	c, err := r.findWithEvents(in.ClusterName)
	if err != nil {
		return none, err
	}
	order := in.SortOrder
	if order == "" {
		order = types.SortOrderDescending
	}
	found, next, err := list[event]{
		name: "ListClusterEvents " + c.arn, items: c.kept(), order: order,
		key: func(e event) string { return sortable(e.seq) },
	}.page(in.MaxResults, in.NextToken, func(e event) bool {
		return within(e.time, in.EventTimeAfter, in.EventTimeBefore) &&
			(in.ResourceType == "" || e.resource == in.ResourceType) &&
			(in.InstanceGroupName == nil || e.group == *in.InstanceGroupName) &&
			(in.NodeId == nil || e.instance == *in.NodeId)
	})
	if err != nil {
		return none, err
	}
	out := &sagemaker.ListClusterEventsOutput{Events: []types.ClusterEventSummary{}, NextToken: next}
	for _, e := range found {
		out.Events = append(out.Events, types.ClusterEventSummary{
			ClusterArn: aws.String(c.arn), ClusterName: aws.String(c.name), EventId: aws.String(e.id), EventTime: aws.Time(e.time),
			EventLevel: e.level, ResourceType: e.resource, Description: aws.String(e.text),
			InstanceGroupName: text(e.group), InstanceId: text(e.instance),
		})
	}
	return answer(out), nil
}

func (s *Server) describeClusterEvent(r request, in *sagemaker.DescribeClusterEventInput) (outcome[sagemaker.DescribeClusterEventOutput], error) {
	c, err := r.findWithEvents(in.ClusterName)
	if err != nil {
		return outcome[sagemaker.DescribeClusterEventOutput]{}, err
	}
	for _, e := range c.kept() {
		if e.id != *in.EventId {
			continue
		}
		return answer(&sagemaker.DescribeClusterEventOutput{EventDetails: &types.ClusterEventDetail{
			ClusterArn: aws.String(c.arn), ClusterName: aws.String(c.name), EventId: aws.String(e.id), EventTime: aws.Time(e.time),
			EventLevel: e.level, ResourceType: e.resource, Description: aws.String(e.text),
			InstanceGroupName: text(e.group), InstanceId: text(e.instance),
			EventDetails: &types.EventDetails{EventMetadata: e.metadata},
		}}), nil
	}
	return outcome[sagemaker.DescribeClusterEventOutput]{}, notFound("Event %s could not be found in cluster %s.", *in.EventId, c.name)
}

// findWithEvents returns a cluster that has events: a Continuous one.
func (r request) findWithEvents(nameOrARN *string) (*cluster, error) {
	c, err := r.find(nameOrARN)
	if err != nil {
		return nil, err
	}
	if !c.continuous {
		return nil, invalid("Cluster %s has no events: they are supported for clusters with NodeProvisioningMode Continuous only.", c.name)
	}
	return c, nil
}
