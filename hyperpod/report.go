package hyperpod

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/hyperpodkit/hyperpodkit"
)

// Report tells what a workflow did, also when it failed: every workflow returns one
// that is not nil.
type Report struct {
	// Operation is the workflow.
	Operation Operation
	// Cluster is the cluster's name or ARN as it was given, ARN its ARN once known.
	Cluster, ARN string
	// Began and Ended bound the workflow, by this machine's clock.
	Began, Ended time.Time
	// Findings are what the checks found, warnings and unknowns included.
	Findings []hyperpodkit.Finding
	// Calls are the mutating calls that the service accepted, in order.
	Calls []Call
	// Groups are the instance groups that the workflow touches, as last seen.
	Groups []GroupResult
	// Nodes are the nodes that a workflow on nodes was asked for, one result for each,
	// in the order of the request. See [NodeResult].
	Nodes []NodeResult
	// Complete says that the end was seen and is as asked. False after a failure, and
	// when the workflow did not wait. A group that is [OutcomeUnproven] leaves it true:
	// nothing speaks against it.
	Complete bool
	// Unfinished says that the service has accepted the operation and goes on with it,
	// while the wait ended early: by a timeout, a cancellation or a call that failed.
	Unfinished bool
	// Unknown says that a mutating call got no answer from the service: whether it was
	// accepted is not known. Describe the cluster before trying again.
	Unknown bool
	// Err is the error that the workflow returned, nil when it returned none.
	Err error

	again string // the waits for what was left to the service
}

// Call is a mutating call that the service accepted.
type Call struct {
	// Operation is the API's name, such as "UpdateCluster".
	Operation string
	// Time is when the answer came, by this machine's clock.
	Time time.Time
}

// GroupResult is how one instance group came out.
type GroupResult struct {
	// Name of the group.
	Name string
	// Outcome is how it came out.
	Outcome GroupOutcome
	// Count is how many instances the group has, Wanted how many it is to have: zero for
	// a group that is deleted.
	Count, Wanted int32
	// Image is the image that the group runs, empty when the service does not say.
	Image string
	// Detail is what more there is to say.
	Detail string
}

// instances tells how many instances there are of how many, or are left.
func (g GroupResult) instances() string {
	if g.Wanted == 0 {
		return fmt.Sprintf("%d left", g.Count)
	}
	return fmt.Sprintf("%d of %d", g.Count, g.Wanted)
}

// String prints the report as plain text, tables of the groups and nodes included.
func (r *Report) String() string {
	var b strings.Builder
	state := "complete"
	switch {
	case r.Unfinished:
		state = "under way, the wait for it ended"
	case r.Err != nil:
		state = "failed"
	case !r.Complete:
		state = "started, its end was not waited for"
	case r.unproven():
		state = "complete, unproven"
	}
	name := r.Cluster
	if r.ARN != "" && r.ARN != r.Cluster {
		name += " (" + r.ARN + ")"
	}
	fmt.Fprintf(&b, "%s cluster %s: %s", r.Operation, name, state)
	if !r.Ended.IsZero() {
		fmt.Fprintf(&b, " after %s", r.Ended.Sub(r.Began).Round(time.Millisecond))
	}
	b.WriteByte('\n')
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %s\n", f)
	}
	for _, c := range r.Calls {
		fmt.Fprintf(&b, "  called %s\n", c.Operation)
	}
	if len(r.Groups) > 0 {
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "  GROUP\tOUTCOME\tINSTANCES\tIMAGE\tDETAIL")
		for _, g := range r.Groups {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", g.Name, g.Outcome, g.instances(), g.Image, g.Detail)
		}
		_ = w.Flush() // a strings.Builder takes everything
	}
	printNodes(&b, r.Nodes)
	if r.Err != nil {
		fmt.Fprintf(&b, "  error: %v\n", r.Err)
	}
	if r.Unknown {
		b.WriteString("  the last call got no answer: whether the service has accepted it is not known; describe the cluster before trying again\n")
	}
	if r.Unfinished {
		fmt.Fprintf(&b, "  the service goes on with what it has accepted; to wait for it again: %s\n", cmp.Or(r.again, "waiter.ClusterStable"))
	}
	return trimLines(b.String())
}

// unproven tells whether the service reports too little of a group to tell how it came out.
func (r *Report) unproven() bool {
	return slices.ContainsFunc(r.Groups, func(g GroupResult) bool { return g.Outcome == OutcomeUnproven })
}

// trimLines takes the blanks off the ends of lines, which a table leaves where a last
// column is empty.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// LogValue implements [slog.LogValuer].
func (r *Report) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("operation", r.Operation.String()), slog.String("cluster", r.Cluster), slog.String("arn", r.ARN),
		slog.Bool("complete", r.Complete), slog.Int("findings", len(r.Findings)), slog.Int("calls", len(r.Calls)),
	}
	if r.unproven() {
		attrs = append(attrs, slog.Bool("unproven", true))
	}
	if r.Unfinished || r.Unknown {
		attrs = append(attrs, slog.Bool("unfinished", r.Unfinished), slog.Bool("unknown", r.Unknown))
	}
	var groups []any
	for _, g := range r.Groups {
		groups = append(groups, slog.Group(g.Name, slog.String("outcome", g.Outcome.String()), slog.Int("count", int(g.Count)), slog.Int("wanted", int(g.Wanted))))
	}
	attrs = append(attrs, slog.Group("groups", groups...)) // a group may be named as any of the others
	if n := len(r.Nodes); n > 0 {
		attrs = append(attrs, slog.Int("nodes", n))
	}
	if r.Err != nil {
		attrs = append(attrs, slog.String("error", r.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}
