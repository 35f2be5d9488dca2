package hyperpod

import (
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
)

// NodeOutcome is how far a workflow got with one node.
type NodeOutcome uint8

const (
	// NodeNotSent means that the request for the node was not sent, because one before it failed.
	NodeNotSent NodeOutcome = iota
	// NodeRefused means that the service did not accept the node.
	NodeRefused
	// NodeUnanswered means that the request was sent and no answer came. Whether it was
	// accepted is not known.
	NodeUnanswered
	// NodeAccepted means that the service accepted the node, and its end was not seen.
	NodeAccepted
	// NodeDone means that the node is as asked: added, deleted, replaced or rebooted.
	NodeDone
	// NodeGone means that the node was added by an earlier request with the same token,
	// and has been deleted since.
	NodeGone
)

// String returns the outcome in words, such as "refused".
func (o NodeOutcome) String() string {
	switch o {
	case NodeNotSent:
		return "not sent"
	case NodeRefused:
		return "refused"
	case NodeUnanswered:
		return "no answer"
	case NodeAccepted:
		return "accepted"
	case NodeDone:
		return "done"
	case NodeGone:
		return "gone"
	default:
		return "unknown"
	}
}

// MarshalText encodes the outcome as its words.
func (o NodeOutcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// failed tells whether the node did not get what was asked for it.
func (o NodeOutcome) failed() bool {
	return o == NodeNotSent || o == NodeRefused || o == NodeUnanswered || o == NodeGone
}

// NodeResult is how one node came out.
type NodeResult struct {
	// ID is the node's id as it was given; of an added node its logical id, empty when
	// it was not accepted.
	ID string
	// Group is the instance group, empty when it is not known.
	Group string
	// Instance is the instance id that the node has, as last seen. A replaced node has
	// a new one.
	Instance string
	// Outcome is how far it got.
	Outcome NodeOutcome
	// Code is the service's error code for a node that it refused, such as
	// "NodeIdNotFound". Empty when the whole request failed.
	Code string
	// Detail is what more there is to say.
	Detail string
}

// name is how a message names the node.
func (n NodeResult) name() string {
	if n.ID != "" {
		return n.ID
	}
	return "a node of group " + n.Group
}

// NodesError means that some of the nodes that were asked for are not as asked. What
// became of each is in the report too.
type NodesError struct {
	// Operation is the workflow.
	Operation Operation
	// Cluster is the cluster's name or ARN, as it was given.
	Cluster string
	// Failed are the nodes that were not accepted, and those of which it is not known.
	Failed []NodeResult
	// Total is how many nodes were asked for.
	Total int
	// Err is the error of a call or of the wait, nil when the service refused single
	// nodes only.
	Err error
}

// maxTold is how many nodes an error's text names.
const maxTold = 10

// Error lists the nodes, a line for each when there is more than one, and the first ten
// of many.
func (e *NodesError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s cluster %q: %d of %d nodes failed", e.Operation, e.Cluster, len(e.Failed), e.Total)
	for i, n := range e.Failed {
		sep := "\n\t"
		if i == maxTold {
			fmt.Fprintf(&b, "%sand %d more", sep, len(e.Failed)-maxTold)
			break
		}
		if len(e.Failed) == 1 {
			sep = ": "
		}
		b.WriteString(sep + n.name() + ": " + n.Outcome.String())
		if n.Code != "" {
			b.WriteString(": " + n.Code)
		}
		if n.Detail != "" {
			b.WriteString(": " + n.Detail)
		}
	}
	if e.Err != nil {
		b.WriteString("\n\t" + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the error of the call or of the wait.
func (e *NodesError) Unwrap() error { return e.Err }

// LogValue implements [slog.LogValuer].
func (e *NodesError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("operation", e.Operation.String()), slog.String("cluster", e.Cluster), slog.Int("total", e.Total)}
	for i, n := range e.Failed {
		attrs = append(attrs, slog.Group(fmt.Sprintf("failed%d", i+1),
			slog.String("node", n.name()), slog.String("outcome", n.Outcome.String()), slog.String("code", n.Code), slog.String("detail", n.Detail)))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// printNodes prints the table of a report's nodes.
func printNodes(b *strings.Builder, nodes []NodeResult) {
	if len(nodes) == 0 {
		return
	}
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  NODE\tGROUP\tINSTANCE\tOUTCOME\tDETAIL")
	for _, n := range nodes {
		detail := n.Detail
		if n.Code != "" {
			detail = strings.TrimSuffix(n.Code+": "+n.Detail, ": ")
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", n.ID, n.Group, n.Instance, n.Outcome, detail)
	}
	_ = w.Flush() // a strings.Builder takes everything
}
