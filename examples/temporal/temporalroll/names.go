package temporalroll

import (
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// WorkflowQueue is the task queue of the workflows, unless another one is chosen.
const WorkflowQueue = "hyperpod-rollout"

// Queue names the task queue of the steps in an account and Region.
func Queue(account, region string) string { return WorkflowQueue + "-" + account + "-" + region }

// The names by which Temporal knows the workflows and the activity. They stay the same
// over versions of this package.
const (
	FleetWorkflow = "hyperpod-rollout"
	PartWorkflow  = "hyperpod-rollout-part"
	StepActivity  = "hyperpod-rollout-step"
)

// Signals of [FleetWorkflow]. Each carries an [Order], of which the named members count.
const (
	// SignalPause has no further target begun.
	SignalPause = "pause"
	// SignalResume ends a pause.
	SignalResume = "resume"
	// SignalAbort ends the rollout and takes back what Order.Response says.
	SignalAbort = "abort"
	// SignalApprove lets Order.Wave begin.
	SignalApprove = "approve"
	// SignalAnswer gives Order.Answer for Order.Target, by its index in the plan.
	SignalAnswer = "answer"
	// SignalHandOver has the workflows continue on the task queue Order.Queue, with a new
	// history: the way to another version of the library while a rollout runs.
	SignalHandOver = "hand-over"
)

// Signals between the workflows.
const (
	signalPart     = "part"     // a part of the plan, for the fleet
	signalProgress = "progress" // of a part, for its fleet
	signalTell     = "tell"     // asks a part for its progress
	signalEnd      = "end"      // lets a part end: none has anything left to do
)

// Queries.
const (
	// QueryProgress gives [rollout.Totals].
	QueryProgress = "progress"
	// QueryReport gives the [rollout.Report] of a part. [Report] puts those of a fleet
	// together.
	QueryReport = "report"
	// QueryFleet gives a [FleetState].
	QueryFleet = "fleet"
	// QueryWaiting gives what keeps a part from going on, as text.
	QueryWaiting = "waiting"
	// QueryHappened takes a [Cursor] and gives what has [Happened] in a part since. [Watch]
	// puts that of a fleet together.
	QueryHappened = "happened"
)

// Order is what somebody wants of a rollout. Which members count is said at the signals.
type Order struct {
	// By says who gives the order, for the timeline. It may be empty.
	By       string           `json:"by,omitempty"`
	Response rollout.Response `json:"response,omitempty"`
	Wave     int              `json:"wave,omitempty"`
	Target   int              `json:"target,omitempty"`
	Answer   rollout.Answer   `json:"answer,omitempty"`
	Queue    string           `json:"queue,omitempty"`
}

// change is the order as a change of a state, and false for one that is none.
func (o Order) change(signal string) (rollout.Change, bool) {
	c := rollout.Change{By: o.By}
	switch signal {
	case SignalPause:
		c.Kind = rollout.ChangePaused
	case SignalResume:
		c.Kind = rollout.ChangeResumed
	case SignalAbort:
		c.Kind, c.Response = rollout.ChangeAborted, o.Response
	case SignalApprove:
		c.Kind, c.Wave = rollout.ChangeApproved, o.Wave
	case SignalAnswer:
		c.Kind, c.Target, c.Answer = rollout.ChangeAnswered, o.Target, o.Answer
	default:
		return rollout.Change{}, false
	}
	return c, true
}

// orders are the signals that make changes, in the order in which those are made that
// come together.
func orders() []string {
	return []string{SignalPause, SignalResume, SignalApprove, SignalAnswer, SignalAbort}
}
