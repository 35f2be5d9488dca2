package waiter

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// DetailType is what an event of EventBridge is about, in the service's own words.
type DetailType string

// The detail types of HyperPod (SageMaker developer guide, "Events that Amazon
// SageMaker AI sends to Amazon EventBridge").
const (
	DetailStateChange  DetailType = "SageMaker HyperPod Cluster State Change"
	DetailNodeHealth   DetailType = "SageMaker HyperPod Cluster Node Health Event"
	DetailClusterEvent DetailType = "SageMaker HyperPod Cluster Event"
)

// ErrNotHyperPod means that an event is well formed and none of HyperPod's: it comes
// from another source, or has a detail type that this version does not know.
var ErrNotHyperPod = errors.New("not an event of SageMaker HyperPod")

// BusEvent is an event of HyperPod as EventBridge delivers it. Exactly one of
// StateChange, NodeHealth and ClusterEvent is set, as DetailType says.
//
// EventBridge delivers an event at least once and in no order, and SageMaker may send
// several for one change (both say their guides). An event is therefore a reason to look
// at the cluster now, and no proof of anything: that is what [Waker] and [Fleet.Wake] are
// for.
type BusEvent struct {
	// ID is EventBridge's. It is not that of the cluster event inside.
	ID string
	// DetailType is EventBridge's word for what it is about.
	DetailType DetailType
	// Account and Region are those of the cluster.
	Account, Region string
	// Time is when the event happened, to the second.
	Time time.Time
	// ClusterName and ClusterARN may be empty when the event does not tell them.
	ClusterName, ClusterARN string

	StateChange  *StateChange
	NodeHealth   *NodeHealth
	ClusterEvent *ClusterEvent
}

// StateChange is the detail of a change of a cluster's status.
type StateChange struct {
	// Status is the cluster's, as the service gave it.
	Status types.ClusterStatus
	// FailureMessage is empty when there is none.
	FailureMessage string
	// Created is when the cluster was. Zero when it is not told.
	Created time.Time
	// Groups are the instance groups with name, status and counts; nothing else is set.
	Groups []Group
}

// NodeHealth is the detail of a node that became unhealthy, or healthy again.
type NodeHealth struct {
	// Instance is the EC2 instance id of the node.
	Instance string
	// Status is "Healthy" or "Unhealthy", Reason says why. RepairAction is what HyperPod
	// does about it, such as "Replace" or "None", and Recommendation what is advised.
	Status, Reason, RepairAction, Recommendation string
}

// ClusterEvent is the detail of an event as ListClusterEvents lists it. Only Continuous
// clusters have any.
type ClusterEvent struct {
	// EventID is what DescribeClusterEvent takes.
	EventID string
	// Time is when it happened, to the millisecond. Zero when it is not told.
	Time time.Time
	// ResourceType is "Cluster", "InstanceGroup" or "Instance", Level "Info", "Warn" or
	// "Error".
	ResourceType, Level string
	// Description is one of the sentences of the guide's events reference.
	Description string
	// Group and Instance are empty when the event is about none.
	Group, Instance string
	// FailureMessage is what the metadata says of a failure. It is often missing, as the
	// metadata is; DescribeClusterEvent may know more.
	FailureMessage string
	// Metadata is the one member of EventMetadata as it came, such as that of "Instance",
	// which Kind names. Nil, with an empty Kind, when there is none.
	Kind     string
	Metadata json.RawMessage
}

// envelope is an event on the wire.
type envelope struct {
	ID         string          `json:"id"`
	DetailType DetailType      `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       time.Time       `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// naming is what all details tell.
type naming struct{ ClusterArn, ClusterName string }

type stateChangeDetail struct {
	ClusterStatus  types.ClusterStatus
	CreationTime   milliseconds
	FailureMessage string
	InstanceGroups []groupDetail
}

type groupDetail struct {
	InstanceGroupName         string
	Status                    types.InstanceGroupStatus
	CurrentCount, TargetCount int32
}

type nodeHealthDetail struct {
	InstanceID    string `json:"InstanceId"`
	HealthSummary struct{ HealthStatus, HealthStatusReason, RepairAction, Recommendation string }
}

type clusterEventDetail struct {
	naming
	EventDetails struct {
		naming
		EventID                               string `json:"EventId"`
		EventTime                             milliseconds
		ResourceType, EventLevel, Description string
		InstanceGroupName                     string
		InstanceID                            string `json:"InstanceId"`
		EventDetails                          struct{ EventMetadata map[string]json.RawMessage }
	}
}

// DecodeEvent decodes an event of HyperPod that EventBridge delivered. An error says
// what is wrong with the JSON, or is [ErrNotHyperPod].
func DecodeEvent(data []byte) (*BusEvent, error) {
	var in envelope
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("EventBridge event: %w", err)
	}
	e := &BusEvent{ID: in.ID, DetailType: in.DetailType, Account: in.Account, Region: in.Region, Time: in.Time}
	if in.Source != "aws.sagemaker" {
		return nil, fmt.Errorf("event %q of %q: %w", in.DetailType, in.Source, ErrNotHyperPod)
	}
	var err error
	switch in.DetailType {
	case DetailStateChange:
		err = e.stateChange(in.Detail)
	case DetailNodeHealth:
		err = e.nodeHealth(in.Detail)
	case DetailClusterEvent:
		err = e.clusterEvent(in.Detail)
	default:
		return nil, fmt.Errorf("event %q of %q: %w", in.DetailType, in.Source, ErrNotHyperPod)
	}
	if err != nil {
		return nil, fmt.Errorf("EventBridge event %q: detail: %w", in.DetailType, err)
	}
	for _, resource := range in.Resources {
		if e.ClusterARN == "" && strings.Contains(resource, ":cluster/") {
			e.ClusterARN = resource
		}
	}
	return e, nil
}

func (e *BusEvent) named(by naming) {
	if by.ClusterArn != "" {
		e.ClusterARN = by.ClusterArn
	}
	if by.ClusterName != "" {
		e.ClusterName = by.ClusterName
	}
}

func (e *BusEvent) stateChange(detail []byte) error {
	var in struct {
		naming
		stateChangeDetail
	}
	if err := json.Unmarshal(detail, &in); err != nil {
		return err
	}
	e.named(in.naming)
	e.StateChange = &StateChange{Status: in.ClusterStatus, FailureMessage: in.FailureMessage, Created: time.Time(in.CreationTime)}
	for _, g := range in.InstanceGroups {
		e.StateChange.Groups = append(e.StateChange.Groups, Group{
			Name: g.InstanceGroupName, Status: g.Status, Current: g.CurrentCount, Target: g.TargetCount,
		})
	}
	return nil
}

func (e *BusEvent) nodeHealth(detail []byte) error {
	var in struct {
		naming
		nodeHealthDetail
	}
	if err := json.Unmarshal(detail, &in); err != nil {
		return err
	}
	e.named(in.naming)
	h := in.HealthSummary
	e.NodeHealth = &NodeHealth{
		Instance: in.InstanceID, Status: h.HealthStatus, Reason: h.HealthStatusReason,
		RepairAction: h.RepairAction, Recommendation: h.Recommendation,
	}
	return nil
}

func (e *BusEvent) clusterEvent(detail []byte) error {
	var in clusterEventDetail
	if err := json.Unmarshal(detail, &in); err != nil {
		return err
	}
	d := in.EventDetails
	e.named(in.naming)
	e.named(d.naming)
	e.ClusterEvent = &ClusterEvent{
		EventID: d.EventID, Time: time.Time(d.EventTime), ResourceType: d.ResourceType, Level: d.EventLevel,
		Description: d.Description, Group: d.InstanceGroupName, Instance: d.InstanceID,
	}
	for kind, metadata := range d.EventDetails.EventMetadata {
		if string(metadata) == "null" {
			continue
		}
		var failure struct{ FailureMessage string }
		if json.Unmarshal(metadata, &failure) != nil {
			failure.FailureMessage = "" // the metadata has another form, and is passed on as it is
		}
		if e.ClusterEvent.Kind == "" || kind < e.ClusterEvent.Kind {
			e.ClusterEvent.Kind, e.ClusterEvent.Metadata, e.ClusterEvent.FailureMessage = kind, metadata, failure.FailureMessage
		}
	}
	return nil
}

// milliseconds is a time in milliseconds since 1970, as a number or in quotes. What is
// neither is no time, rather than an event lost.
type milliseconds time.Time

// UnmarshalJSON implements [json.Unmarshaler].
func (m *milliseconds) UnmarshalJSON(data []byte) error {
	*m = milliseconds{}
	ms, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64)
	if err == nil && math.Abs(ms) < 1e15 && ms != 0 {
		*m = milliseconds(time.UnixMilli(int64(ms)).UTC())
	}
	return nil
}
