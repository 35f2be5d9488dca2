package hyperpod

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// Conditions that a program may want to tell apart, by errors.Is. The errors that
// carry them unwrap to the SDK's own error as well, where there is one.
var (
	// ErrInvalid: the input was refused before anything was sent. The error is an
	// [*InvalidError].
	ErrInvalid = errors.New("invalid input")
	// ErrClusterNotFound: no cluster has that name or ARN.
	ErrClusterNotFound = errors.New("cluster not found")
	// ErrClusterExists: a cluster of that name exists, and is not the one asked for.
	ErrClusterExists = errors.New("cluster exists")
	// ErrGroupNotFound: the cluster has no such instance group.
	ErrGroupNotFound = errors.New("instance group not found")
	// ErrGroupExists: the cluster has an instance group of that name.
	ErrGroupExists = errors.New("instance group exists")
	// ErrBusy: another operation runs, so this one cannot start now.
	ErrBusy = errors.New("another operation is running")
	// ErrStale: the groups that a plan touches are no longer what it saw.
	ErrStale = errors.New("the cluster changed since it was planned for")
	// ErrUnmet: the service accepted a request and describes something else than what
	// was asked, though nothing is under way any more.
	ErrUnmet = errors.New("the service describes something else than what was asked")
	// ErrNotTakenBack: a roll failed, and groups that came onto the image could not be
	// taken back to what they ran before. The error says which, and why.
	ErrNotTakenBack = errors.New("groups were not taken back")
)

// InvalidError is refused input: every mistake at once, and nothing was sent.
type InvalidError struct {
	// Operation is the workflow that refused. Zero outside a workflow.
	Operation Operation
	// Cluster is the cluster's name, as it was given. Empty outside a workflow.
	Cluster string
	// Findings are the mistakes, each of level error, each with the API path of the
	// member that is wrong or the resource that is unfit.
	Findings []hyperpodkit.Finding

	conditions []error
}

// Error lists the findings, one a line when there is more than one.
func (e *InvalidError) Error() string {
	head := "invalid input: "
	if e.Operation != 0 {
		head = fmt.Sprintf("%s cluster %q: refused, nothing was sent: ", e.Operation, e.Cluster)
	}
	if len(e.Findings) == 1 {
		return head + plain(e.Findings[0])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d mistakes", head, len(e.Findings))
	for _, f := range e.Findings {
		b.WriteString("\n\t" + plain(f))
	}
	return b.String()
}

// plain is a finding without its level, which goes without saying in an error.
func plain(f hyperpodkit.Finding) string {
	return strings.TrimPrefix(f.String(), f.Level.String()+": ")
}

// Unwrap returns [ErrInvalid], and [ErrGroupNotFound] or [ErrGroupExists] when that is
// among the mistakes.
func (e *InvalidError) Unwrap() []error { return append([]error{ErrInvalid}, e.conditions...) }

// LogValue implements [slog.LogValuer].
func (e *InvalidError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("operation", e.Operation.String()), slog.String("cluster", e.Cluster)}
	for i, f := range e.Findings {
		attrs = append(attrs, slog.String(fmt.Sprintf("finding%d", i+1), f.String()))
	}
	return slog.GroupValue(attrs...)
}

// Error is a workflow that could not go on: what it was doing, to which cluster, and
// why. It unwraps to a condition of this package, when one applies, and to the cause.
type Error struct {
	// Operation is the workflow.
	Operation Operation
	// Cluster is the cluster's name or ARN, as it was given.
	Cluster string
	// Call is the API operation that failed, such as "UpdateCluster"; empty when it
	// was no call.
	Call string
	// Condition is one of this package's sentinel errors, or nil.
	Condition error
	// Err is the cause. It may be nil when Condition says all.
	Err error
}

// Error tells workflow, cluster, call and cause.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s cluster %q", e.Operation, e.Cluster)
	if e.Call != "" {
		s += ": " + e.Call
	}
	if e.Condition != nil {
		s += ": " + e.Condition.Error()
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the condition and the cause.
func (e *Error) Unwrap() []error {
	var errs []error
	if e.Condition != nil {
		errs = append(errs, e.Condition)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// LogValue implements [slog.LogValuer].
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", e.Operation.String()), slog.String("cluster", e.Cluster),
		slog.String("call", e.Call), slog.String("error", e.Error()),
	)
}

// callError wraps the error of an API call with the condition that its code stands for.
func callError(op Operation, cluster, call string, err error) error {
	e := &Error{Operation: op, Cluster: cluster, Call: call, Err: err}
	switch {
	case awserr.IsNotFound(err):
		e.Condition = ErrClusterNotFound
	case awserr.IsConflict(err):
		e.Condition = ErrBusy
	}
	return e
}

// joined is errors.Join, but leaves a single error as it is.
func joined(errs ...error) error {
	if errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil }); len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// groupError is an error about one instance group.
func groupError(op Operation, cluster, group string, condition error) error {
	return &Error{Operation: op, Cluster: cluster, Condition: condition, Err: fmt.Errorf("InstanceGroupName %q", group)}
}
