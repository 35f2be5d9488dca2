package hyperpod

import (
	"log/slog"
	"time"

	"github.com/hyperpodkit/hyperpodkit"
)

// Operation is a workflow of this package.
type Operation uint8

// The workflows.
const (
	OperationCreate Operation = iota + 1
	OperationUpdate
	OperationRoll
	OperationDelete
	OperationDescribe
	OperationAddNodes
	OperationDeleteNodes
	OperationReplaceNodes
	OperationRebootNodes
	OperationListNodes
	OperationExplain
)

// String returns the workflow's verb, such as "create", "roll image on" or
// "add nodes to".
func (o Operation) String() string {
	switch o {
	case OperationCreate:
		return "create"
	case OperationUpdate:
		return "update"
	case OperationRoll:
		return "roll image on"
	case OperationDelete:
		return "delete"
	case OperationDescribe:
		return "describe"
	case OperationAddNodes:
		return "add nodes to"
	case OperationDeleteNodes:
		return "delete nodes of"
	case OperationReplaceNodes:
		return "replace nodes of"
	case OperationRebootNodes:
		return "reboot nodes of"
	case OperationListNodes:
		return "list nodes of"
	case OperationExplain:
		return "explain"
	default:
		return "work on"
	}
}

// MarshalText encodes the workflow as its verb.
func (o Operation) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// EventKind says what an [Event] is about.
type EventKind uint8

const (
	// EventFinding means that a check found something. Finding is set.
	EventFinding EventKind = iota + 1
	// EventCalled means that a mutating call was answered with success. Call is set.
	EventCalled
	// EventProgress means that the cluster was looked at while waiting. Status and Groups are set.
	EventProgress
	// EventTolerated means that a look failed, or that another operation was in the way,
	// and that it is tried again. Err is set.
	EventTolerated
	// EventDone means that the workflow ended as asked.
	EventDone
	// EventFailed means that the workflow ended otherwise. Err is set.
	EventFailed
	// EventUndo means that the workflow failed and takes back what it did. Err is the
	// failure.
	EventUndo
)

// String returns the kind as one word.
func (k EventKind) String() string {
	switch k {
	case EventFinding:
		return "finding"
	case EventCalled:
		return "called"
	case EventProgress:
		return "progress"
	case EventTolerated:
		return "tolerated"
	case EventDone:
		return "done"
	case EventFailed:
		return "failed"
	case EventUndo:
		return "undo"
	default:
		return "unknown"
	}
}

// MarshalText encodes the kind as its word.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Event is one thing that happened in a workflow. A workflow ends with EventDone or
// EventFailed; [Cluster.Plan], which changes nothing, tells only what it finds and why it
// fails. The events of one workflow are delivered one at a time, in order, in the
// goroutine that runs the workflow and with no lock held; workflows that run at the same
// time deliver at the same time.
type Event struct {
	// Kind says what has happened, and which of the members below are set.
	Kind EventKind
	// Time is when it happened, by this machine's clock.
	Time time.Time
	// Operation is the workflow that tells it.
	Operation Operation
	// Cluster is the cluster's name or ARN as it was given, ARN its ARN once known.
	Cluster, ARN string
	// Call is the API operation of an EventCalled.
	Call string
	// Status is the cluster's status word, as the service gave it.
	Status string
	// Groups is the progress of the instance groups that the workflow touches.
	Groups []GroupProgress
	// Finding is what a check found.
	Finding *hyperpodkit.Finding
	// Err is the error of an EventTolerated, EventFailed or EventUndo.
	Err error
}

// GroupProgress is how far one instance group is.
type GroupProgress struct {
	// Name of the group.
	Name string
	// Status is the group's status word, or that of its software update in a roll.
	Status string
	// Done counts instances that are where the workflow wants them, of Wanted: instances
	// that the group has, in a roll those on the new image, and of chosen nodes those
	// that have arrived. Done may exceed Wanted while a group shrinks.
	Done, Wanted int32
}

// LogValue implements [slog.LogValuer].
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("operation", e.Operation.String()), slog.String("cluster", e.Cluster)}
	if e.Call != "" {
		attrs = append(attrs, slog.String("call", e.Call))
	}
	if e.Status != "" {
		attrs = append(attrs, slog.String("status", e.Status))
	}
	var groups []any
	for _, g := range e.Groups {
		groups = append(groups, slog.Group(g.Name, slog.String("status", g.Status), slog.Int("done", int(g.Done)), slog.Int("wanted", int(g.Wanted))))
	}
	attrs = append(attrs, slog.Group("groups", groups...)) // a group may be named as any of the others
	if e.Finding != nil {
		attrs = append(attrs, slog.String("finding", e.Finding.String()))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}
