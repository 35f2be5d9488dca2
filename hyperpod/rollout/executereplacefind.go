package rollout

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// lag is for how long a description may not show what was accepted, as package waiter
// has it.
const lag = 2 * time.Minute

// findReplace looks whether a change of groups was accepted. A description tells, once
// the time is over in which it may show less than it knows.
func (w *work) findReplace(ctx context.Context) Result {
	made, err := poll.Wait(ctx, "cluster "+w.step.Cluster, func(ctx context.Context) (poll.Observation[bool], error) {
		snap, err := w.cluster.Describe(ctx)
		if err != nil {
			return poll.Observation[bool]{}, err
		}
		made := w.made(snap)
		o := poll.Observation[bool]{Value: made, Status: string(snap.Cluster.ClusterStatus)}
		if made || time.Since(w.step.Requested) >= lag {
			o.Verdict = poll.Done
		}
		return o, nil
	}, func(o *poll.Options) {
		o.Timeout, o.Tolerate, o.Throttled = patience, awserr.IsTransient, awserr.IsThrottle
	})
	switch {
	case err != nil && errors.Is(err, hyperpod.ErrClusterNotFound):
		return Result{Kind: ResultFailed, Reason: err.Error()}
	case err != nil:
		return Result{Kind: ResultUnknown, Reason: err.Error()}
	case made:
		return Result{Kind: ResultDone}
	default:
		return Result{Kind: ResultNotSent}
	}
}

// made tells whether a description shows the change.
func (w *work) made(snap *hyperpod.Snapshot) bool {
	for _, g := range w.step.Groups {
		shown, exists := groupIn(snap, g.New)
		switch w.step.Awaited {
		case StepAdd:
			if !exists {
				return false
			}
		case StepScale:
			if shown.Target != g.Target {
				return false
			}
		case StepDelete:
		case StepCheck, StepBefore, StepUpdate, StepAwait, StepGate, StepAfter, StepFind, StepDrain, StepCheckBack:
		}
	}
	if w.step.Awaited != StepDelete {
		return true
	}
	for _, name := range w.condemned() {
		for _, g := range snap.Cluster.InstanceGroups {
			if aws.ToString(g.InstanceGroupName) == name && g.Status != types.InstanceGroupStatusDeleting {
				return false
			}
		}
	}
	return true
}
