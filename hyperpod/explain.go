package hyperpod

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// explainPast is how far back [Cluster.Explain] looks for events.
const explainPast = 24 * time.Hour

// Explain tells why the cluster, a group or a node of it is not healthy: from what the
// cluster and its nodes say, and on Continuous clusters from the events of the last 24
// hours, of which the service keeps some 500. It changes nothing. To narrow the
// result: [Explanation.Group], [Explanation.Node].
//
// A cluster that cannot be described is an error, [ErrClusterNotFound] when there is
// none. What else cannot be asked, for want of a permission perhaps, is left out and
// named in Gaps. The calls are one DescribeCluster, the pages of ListClusterNodes and
// ListClusterEvents, and at most 10 DescribeClusterEvent.
func (c *Cluster) Explain(ctx context.Context) (Explanation, error) {
	q := inquiry{api: c.api, target: c.name, since: time.Now().Add(-explainPast)}
	e, err := q.explain(ctx)
	e.Cluster = c.name
	if err != nil {
		return e, callError(OperationExplain, c.name, "DescribeCluster", err)
	}
	return e, ctx.Err()
}

// FailedError is an operation that the service accepted and that did not end as
// asked, with an explanation by what the cluster and its nodes say of it. It unwraps
// to the error of the wait, which tells what was waited for and what was seen last.
type FailedError struct {
	// Operation is the workflow, Cluster its cluster's name or ARN as it was given.
	Operation Operation
	Cluster   string
	// Explanation is of the groups that the workflow touched.
	Explanation
	// Err is the error of the wait.
	Err error
}

// Error tells the wait's end and each cause, with how many nodes say it. What the
// wait's error tells already is not told twice.
func (e *FailedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s cluster %q: %v", e.Operation, e.Cluster, e.Err)
	said := b.String()
	for _, c := range e.Causes {
		var parts []string
		if c.Class != ClassUnknown {
			parts = append(parts, c.Class.String())
		}
		if where := c.where(); where != "" {
			parts = append(parts, where)
		} else {
			parts = append(parts, "the cluster says")
		}
		if !strings.Contains(said, c.Text) {
			parts = append(parts, c.Text)
		} else if c.Class == ClassUnknown {
			continue
		}
		b.WriteString("; " + strings.Join(parts, ": "))
		if c.Class == ClassPermission {
			b.WriteString(" (missing permission: " + c.permission() + ")")
		}
		if c.Waiting != WaitingUnknown {
			b.WriteString(" (" + c.Waiting.String() + ")")
		}
	}
	return b.String()
}

// Unwrap returns the error of the wait.
func (e *FailedError) Unwrap() error { return e.Err }

// LogValue implements [slog.LogValuer].
func (e *FailedError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", e.Operation.String()), slog.String("cluster", e.Cluster),
		slog.Any("explanation", e.Explanation), slog.Any("wait", e.Err),
	)
}

// eventSlack is by how much the service's clock may be behind this machine's.
const eventSlack = time.Minute

// failed explains the end of a wait: it asks the cluster and its nodes, in a time of
// its own since the workflow's context may have ended. What cannot be asked is left
// out; the wait's error stands in any case.
func (r *run) failed(ctx context.Context, cause error, groups []string) error {
	return &FailedError{Operation: r.report.Operation, Cluster: r.report.Cluster, Explanation: r.explain(ctx, groups), Err: cause}
}

// explain asks about the groups that the workflow touches, whatever state they are in.
func (r *run) explain(ctx context.Context, groups []string) Explanation {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.options.CleanupTimeout)
	defer cancel()
	if groups == nil {
		groups = []string{}
	}
	q := inquiry{api: r.api, target: r.target(), since: r.report.Began.Add(-eventSlack), groups: groups}
	e, err := q.explain(ctx)
	e.Cluster = r.report.Cluster
	if err != nil && !awserr.IsNotFound(err) {
		e.Gaps = append(e.Gaps, fmt.Sprintf("DescribeCluster: %v", err))
	}
	return e
}
