package rollout

import (
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// StepKind is what a step does to its target.
type StepKind string

// The steps. Those that change something are marked so; an engine runs each of them at
// most once for each time that it is decided, and tells an outcome that it does not know
// as [ResultLost].
const (
	// StepCheck describes the cluster and has the roll judged against it.
	StepCheck StepKind = "check"
	// StepBefore runs the hook before a target.
	StepBefore StepKind = "before"
	// StepUpdate sends UpdateClusterSoftware. It changes the cluster.
	StepUpdate StepKind = "update"
	// StepAwait waits for the end of what was sent last, and proves it.
	StepAwait StepKind = "await"
	// StepGate asks the gate.
	StepGate StepKind = "gate"
	// StepAfter runs the hook after a target.
	StepAfter StepKind = "after"
	// StepFind looks whether a request whose answer nobody knows was accepted.
	StepFind StepKind = "find"
	// StepAdd adds the groups that are to replace others. It changes the cluster.
	StepAdd StepKind = "add"
	// StepScale brings those groups to their full size. It changes the cluster.
	StepScale StepKind = "scale"
	// StepDrain runs the hook that takes the work off groups that are to be deleted.
	StepDrain StepKind = "drain"
	// StepDelete deletes the groups that were replaced, or, on the way back, those that
	// were to replace them. It changes the cluster.
	StepDelete StepKind = "delete"
	// StepCheckBack describes the cluster and says which groups are to be taken back.
	StepCheckBack StepKind = "check-back"
)

// Changes tells whether the step changes the cluster. Such a step must not be run again
// when its outcome is not known.
func (k StepKind) Changes() bool {
	switch k {
	case StepUpdate, StepAdd, StepScale, StepDelete:
		return true
	case StepCheck, StepBefore, StepAwait, StepGate, StepAfter, StepFind, StepDrain, StepCheckBack:
		return false
	default:
		return false
	}
}

// Step is one piece of work on one target. It holds all that its executor needs, so that
// it can be run by another process than the one that decided it.
type Step struct {
	// Target is the index of the target in [State.Targets].
	Target int `json:"target"`
	// Kind is what to do, Program what it is a part of, and Op its place in it.
	Kind    StepKind `json:"kind"`
	Program Program  `json:"program"`
	Op      int      `json:"op"`
	// Awaited is the change that a StepAwait or StepFind is about.
	Awaited StepKind `json:"awaited,omitempty"`
	// Account, Region and Cluster say where. Cluster is the ARN once it is known, Name the
	// cluster as the target names it, for people.
	Account string `json:"account"`
	Region  string `json:"region"`
	Cluster string `json:"cluster"`
	Name    string `json:"name"`
	// Wave is the index of the target's wave.
	Wave int `json:"wave"`
	// Strategy is how the target is changed.
	Strategy Strategy `json:"strategy"`
	// Groups are the groups that the step is about.
	Groups []GroupState `json:"groups,omitempty"`
	// Roll is what a StepUpdate sends, and what StepAwait and StepFind look for after it.
	Roll *hyperpod.RollPlan `json:"roll,omitempty"`
	// Requested is when the change was sent that a StepAwait or StepFind is about, and for
	// a gate or hook the last one. Zero before.
	Requested time.Time `json:"requested,omitzero"`
	// Baked says that a gate is asked for the second time, after the wave has baked.
	Baked bool `json:"baked,omitempty"`
	// Out is how many nodes a StepUpdate takes out at once at most.
	Out int32 `json:"out,omitempty"`
}

// ResultKind is how a step ended.
type ResultKind string

const (
	// ResultDone means that the step did what it is for. Of a [StepFind] it means that the
	// request was accepted.
	ResultDone ResultKind = "done"
	// ResultBusy means that another operation is in the way: nothing was changed, and the
	// step may be tried again.
	ResultBusy ResultKind = "busy"
	// ResultLost means that the step was cut off. Of one that changes the cluster it is not
	// known whether it did.
	ResultLost ResultKind = "lost"
	// ResultNotSent means, of a [StepFind] and of a step that changes the cluster, that the
	// request was not accepted, for a reason that may pass.
	ResultNotSent ResultKind = "not-sent"
	// ResultUnknown means, of a [StepFind], that the cluster does not tell.
	ResultUnknown ResultKind = "unknown"
	// ResultFailed means that the step failed for good.
	ResultFailed ResultKind = "failed"
)

// Result is how a step ended and what it saw.
type Result struct {
	// Kind is how the step ended.
	Kind ResultKind `json:"kind"`
	// Reason says why, for people, as a clause without a final stop.
	Reason string `json:"reason,omitempty"`
	// Groups are those of the step's groups of which there is something new.
	Groups []GroupState `json:"groups,omitempty"`
	// ARN is the cluster's, when the step has learnt it.
	ARN string `json:"arn,omitempty"`
	// Unfinished says of a failed [StepAwait] that the service goes on with what was
	// sent, so that nodes may still be out.
	Unfinished bool `json:"unfinished,omitempty"`
}

// Decision is what is to be done next.
type Decision struct {
	// Steps are to be begun now. They may run at the same time.
	Steps []Step `json:"steps,omitempty"`
	// Wake is when to ask again, if no step ends and nobody says anything before. Zero
	// means that only these matter.
	Wake time.Time `json:"wake,omitzero"`
	// Waiting says for people what keeps the rollout from going on.
	Waiting []string `json:"waiting,omitempty"`
	// Asks are the targets that are [PhaseUnknown]: see [Answer].
	Asks []int `json:"asks,omitempty"`
	// Done says that the rollout has come to its end. There are no steps then.
	Done bool `json:"done,omitempty"`
}
