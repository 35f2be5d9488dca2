package rollout

import "time"

// Entry is one record of a rollout's journal: the changes that were made to its state at
// one time. The first has the state that the rollout began with.
type Entry struct {
	// Number counts the entries of a journal from 1. The store sets it.
	Number uint64 `json:"number"`
	// Time is when the changes were made, by the engine's clock.
	Time time.Time `json:"time"`
	// Runner is the id of the runner that wrote it, empty for a [Control].
	Runner string `json:"runner,omitempty"`
	// Snapshot is the state before the changes. With it, no earlier entry is needed.
	Snapshot *State `json:"snapshot,omitempty"`
	// Changes are made in order.
	Changes []Change `json:"changes,omitempty"`
}

// ChangeKind is what a [Change] does.
type ChangeKind string

const (
	// ChangeBegun begins the rollout.
	ChangeBegun ChangeKind = "begun"
	// ChangeTaken has another runner take the rollout over. Steps that were under way are
	// lost.
	ChangeTaken ChangeKind = "taken-over"
	// ChangeStarted begins the step Step. It is kept before the step is run.
	ChangeStarted ChangeKind = "started"
	// ChangeFinished ends the step that is under way at Target with Result.
	ChangeFinished ChangeKind = "finished"
	// ChangePaused has nothing new begun.
	ChangePaused ChangeKind = "paused"
	// ChangeResumed ends a pause.
	ChangeResumed ChangeKind = "resumed"
	// ChangeAborted begins nothing new any more, and takes back what Response says.
	ChangeAborted ChangeKind = "aborted"
	// ChangeApproved approves Wave.
	ChangeApproved ChangeKind = "approved"
	// ChangeAnswered answers for a Target that is unknown.
	ChangeAnswered ChangeKind = "answered"
	// ChangeEnded ends the rollout.
	ChangeEnded ChangeKind = "ended"
)

// Change is one change of a rollout's state. Which members count is said at its kind.
type Change struct {
	// Kind is what the change does.
	Kind ChangeKind `json:"kind"`
	// Target and Wave are indices in the state.
	Target int `json:"target,omitempty"`
	Wave   int `json:"wave,omitempty"`
	// Step is what begins, Result what a step came to.
	Step   *Start  `json:"step,omitempty"`
	Result *Result `json:"result,omitempty"`
	// Response is what an abort asks for, Answer what was found out of a Target.
	Response Response `json:"response,omitempty"`
	Answer   Answer   `json:"answer,omitempty"`
	// By says who asked for it, for the timeline. It may be empty.
	By string `json:"by,omitempty"`
}

// Start is what a [ChangeStarted] keeps of its step: the rest follows from the state.
type Start struct {
	// Kind, Program, Op and Out are those of the [Step].
	Kind    StepKind `json:"kind"`
	Program Program  `json:"program"`
	Op      int      `json:"op"`
	Out     int32    `json:"out,omitempty"`
}

// Started is the change that begins a step.
func Started(step Step) Change {
	return Change{Kind: ChangeStarted, Target: step.Target, Step: &Start{Kind: step.Kind, Program: step.Program, Op: step.Op, Out: step.Out}}
}

// Finished is the change that ends a step.
func Finished(step Step, result Result) Change {
	return Change{Kind: ChangeFinished, Target: step.Target, Result: &result}
}

// Answer says what somebody found out about a request whose outcome was not known.
type Answer string

const (
	// AnswerSent means that the service has accepted the request: go on and wait for it.
	AnswerSent Answer = "sent"
	// AnswerNotSent means that the service has not: look at the cluster anew and send it.
	AnswerNotSent Answer = "not-sent"
	// AnswerGiveUp makes the target a failed one.
	AnswerGiveUp Answer = "give-up"
)
