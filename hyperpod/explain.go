package hyperpod

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// FailedError is an operation that the service accepted and that did not end as
// asked, with what the cluster and its nodes say of it. It unwraps to the error of the
// wait, which tells what was waited for and what was seen last.
type FailedError struct {
	// Operation is the workflow, Cluster its cluster's name or ARN as it was given.
	Operation Operation
	Cluster   string
	// Message is the cluster's own failure message, empty when it has none. The
	// service has one for the whole cluster, and it may be older than the failure.
	Message string
	// Nodes are the nodes of the touched groups that are not healthy or that say
	// something, in the service's order. A node may keep a message after it has
	// recovered.
	Nodes []NodeMessage
	// Err is the error of the wait.
	Err error
}

// NodeMessage is what a node says of itself.
type NodeMessage struct {
	// Group is the instance group, Instance the instance id, empty before it has one.
	Group, Instance string
	// Status is the node's status word, Message its status message.
	Status, Message string
}

// Error tells the wait's end, the cluster's message and each node message, none of
// them twice, with how many nodes say it.
func (e *FailedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s cluster %q: %v", e.Operation, e.Cluster, e.Err)
	// What the wait's error tells already is not told twice.
	if e.Message != "" && !strings.Contains(b.String(), e.Message) {
		b.WriteString("; the cluster says: " + e.Message)
	}
	for _, n := range e.Nodes {
		if n.Message == "" || strings.Contains(b.String(), n.Message) {
			continue
		}
		same := 0
		for _, other := range e.Nodes {
			if other.Message == n.Message {
				same++
			}
		}
		fmt.Fprintf(&b, "; node %s of group %s", n.Instance, n.Group)
		if same > 1 {
			fmt.Fprintf(&b, " and %d more", same-1)
		}
		fmt.Fprintf(&b, " (%s): %s", n.Status, n.Message)
	}
	return b.String()
}

// Unwrap returns the error of the wait.
func (e *FailedError) Unwrap() error { return e.Err }

// LogValue implements [slog.LogValuer].
func (e *FailedError) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("operation", e.Operation.String()), slog.String("cluster", e.Cluster),
		slog.String("message", e.Message), slog.Any("wait", e.Err),
	}
	for _, n := range e.Nodes {
		attrs = append(attrs, slog.Group(n.Instance, slog.String("group", n.Group), slog.String("status", n.Status), slog.String("message", n.Message)))
	}
	return slog.GroupValue(attrs...)
}

// failed explains the end of a wait: it asks the cluster and its nodes, in a time of
// its own since the workflow's context may have ended. What cannot be asked is left
// out; the wait's error stands in any case.
func (r *run) failed(ctx context.Context, cause error, groups []string) error {
	e := &FailedError{Operation: r.report.Operation, Cluster: r.report.Cluster, Err: cause}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.options.CleanupTimeout)
	defer cancel()
	if live, err := r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(r.target())}); err == nil {
		e.Message = aws.ToString(live.FailureMessage)
	}
	pages := sagemaker.NewListClusterNodesPaginator(r.api, &sagemaker.ListClusterNodesInput{ClusterName: aws.String(r.target())})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			break
		}
		for _, n := range page.ClusterNodeSummaries {
			if m, telling := nodeMessage(n); telling && slices.Contains(groups, m.Group) {
				e.Nodes = append(e.Nodes, m)
			}
		}
	}
	return e
}

// nodeMessage tells whether a node has anything to say about a failure.
func nodeMessage(n types.ClusterNodeSummary) (NodeMessage, bool) {
	m := NodeMessage{Group: aws.ToString(n.InstanceGroupName), Instance: aws.ToString(n.InstanceId)}
	if n.InstanceStatus == nil {
		return m, false
	}
	m.Status, m.Message = string(n.InstanceStatus.Status), aws.ToString(n.InstanceStatus.Message)
	switch n.InstanceStatus.Status {
	case types.ClusterInstanceStatusFailure, types.ClusterInstanceStatusNotFound:
		return m, true
	case types.ClusterInstanceStatusRunning, types.ClusterInstanceStatusPending, types.ClusterInstanceStatusShuttingDown,
		types.ClusterInstanceStatusSystemUpdating, types.ClusterInstanceStatusDeepHealthCheckInProgress:
		return m, m.Message != ""
	default:
		return m, m.Message != ""
	}
}
