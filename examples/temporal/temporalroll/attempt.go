package temporalroll

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

const (
	// DefaultHeartbeat is after how long without a heartbeat a worker counts as dead.
	DefaultHeartbeat = time.Minute
	// sending bounds an attempt to change something: sending it, being throttled, and
	// finding out whether a lost answer was an acceptance.
	sending = time.Hour
	// waiting bounds an attempt of any other step. The library's own timeouts come first.
	waiting = 7 * 24 * time.Hour
	// attempts is how often a step that changes nothing is attempted.
	attempts = 20
)

// attempt is how a step is attempted: once when it changes something, so that nothing is
// ever sent a second time without a look at the cluster.
func attempt(queue string, step rollout.Step, n int, heartbeat time.Duration) workflow.ActivityOptions {
	o := workflow.ActivityOptions{
		TaskQueue: queue,
		// The id says which step of which target it is: a replay in which the decider
		// chooses another one fails.
		ActivityID:       fmt.Sprintf("%d-target-%d-%s-%d-%s", n, step.Target, step.Program, step.Op, step.Kind),
		Summary:          fmt.Sprintf("%s %s (%s, %s)", step.Kind, step.Cluster, step.Account, step.Region),
		HeartbeatTimeout: heartbeat,
	}
	if step.Kind.Changes() {
		o.StartToCloseTimeout = sending
		o.RetryPolicy = &temporal.RetryPolicy{MaximumAttempts: 1}
		return o
	}
	o.StartToCloseTimeout = waiting
	o.WaitForCancellation = true // so that nothing of it is under way when it is begun anew
	o.RetryPolicy = &temporal.RetryPolicy{
		InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute, MaximumAttempts: attempts,
	}
	return o
}

// outcome is what an attempt means for the decider.
func outcome(step rollout.Step, result rollout.Result, err error) rollout.Result {
	if err == nil {
		return result
	}
	reason := reasonOf(err)
	switch {
	case step.Kind.Changes():
		if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok && failure.Type() == ErrorClients {
			return rollout.Result{Kind: rollout.ResultFailed, Reason: reason} // nothing was sent
		}
		return rollout.Result{Kind: rollout.ResultLost, Reason: reason}
	case temporal.IsCanceledError(err), interrupted(err): // it is begun anew
		return rollout.Result{Kind: rollout.ResultLost, Reason: reason}
	case step.Kind == rollout.StepFind:
		return rollout.Result{Kind: rollout.ResultUnknown, Reason: reason}
	default:
		// Of an update that nobody has seen the end of, nodes may still be out.
		return rollout.Result{Kind: rollout.ResultFailed, Reason: reason, Unfinished: step.Kind == rollout.StepAwait}
	}
}

// interrupted tells whether a step was cut off, and Temporal does not attempt it again.
func interrupted(err error) bool {
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && failure.Type() == ErrorInterrupted
}

// reasonOf is the innermost of what Temporal has wrapped around an error.
func reasonOf(err error) string {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return failure.Message()
	}
	if timeout, ok := errors.AsType[*temporal.TimeoutError](err); ok {
		return "the worker was lost: " + timeout.TimeoutType().String() + " timeout"
	}
	return err.Error()
}

func count(n int32) string { return strconv.FormatInt(int64(n), 10) }
