package waiter

import (
	"fmt"
	"log/slog"
	"strings"
)

// FleetError tells of the clusters of a [Fleet] that did not reach the goal.
type FleetError struct {
	// Clusters are those, in the order in which their waits ended.
	Clusters []*ClusterError
	// Waited counts all clusters that were waited for.
	Waited int
}

// ClusterError is the error of one cluster of a [Fleet].
type ClusterError struct {
	// Cluster is the name or ARN, as it was added.
	Cluster string
	// Err is what the wait for it alone would have returned.
	Err error
}

// Error tells the cluster and its error.
func (e *ClusterError) Error() string { return e.Cluster + ": " + e.Err.Error() }

// Unwrap returns the cluster's error.
func (e *ClusterError) Unwrap() error { return e.Err }

// LogValue implements [slog.LogValuer].
func (e *ClusterError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("cluster", e.Cluster), slog.String("error", e.Err.Error()))
}

// told is how many clusters the message of a FleetError names.
const told = 10

// Error counts the clusters, and names the first ten with their errors.
func (e *FleetError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d clusters", len(e.Clusters), e.Waited)
	for i, c := range e.Clusters[:min(len(e.Clusters), told)] {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		b.WriteString(separator + c.Error())
	}
	if more := len(e.Clusters) - told; more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	return b.String()
}

// Unwrap returns the errors of all clusters, each a [*ClusterError].
func (e *FleetError) Unwrap() []error {
	errs := make([]error, len(e.Clusters))
	for i, c := range e.Clusters {
		errs[i] = c
	}
	return errs
}

// LogValue implements [slog.LogValuer].
func (e *FleetError) LogValue() slog.Value {
	var clusters []slog.Attr
	for _, c := range e.Clusters[:min(len(e.Clusters), told)] {
		clusters = append(clusters, slog.String(c.Cluster, c.Err.Error()))
	}
	return slog.GroupValue(slog.Int("failed", len(e.Clusters)), slog.Int("waited", e.Waited), slog.GroupAttrs("clusters", clusters...))
}
