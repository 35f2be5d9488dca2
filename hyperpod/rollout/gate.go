package rollout

import (
	"context"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Visit is a target as hooks and gates see it. Its slice and map are theirs to read only.
type Visit struct {
	// Account, Region and Cluster are the target's, as the [Spec] has them. ARN is the
	// cluster's, empty before it is known.
	Account, Region, Cluster, ARN string
	// Wave is the index of the target's wave, from 0.
	Wave int
	// Groups are the instance groups that are rolled; of a drain, those that are to be
	// deleted; of a gate with [Replace], the new ones.
	Groups []string
	// Images is what each of them is to run.
	Images map[string]hyperpod.Image
	// Baked says that the gate is asked once more, after the wave has baked.
	Baked bool
	// Since is when the change was sent. Zero before.
	Since time.Time
	// HyperPod is a client of the target's account and Region, and API what it is made
	// on. The rollout asks for them anew for each visit, so that credentials may change.
	HyperPod *hyperpod.Client
	API      hyperpod.API
}

// Hook does something before or after a target, or takes the work off groups that are to
// be deleted: cordon, drain, write a checkpoint. An error makes the target a failed one.
// A hook may be run again after a crash, so it has to bear that. Its context ends with the
// runner's. A panic is not recovered: it ends the process, and what was under way is
// found again from the journal.
type Hook func(ctx context.Context, v Visit) error

// Gate tells whether a target is healthy. Nil lets it pass; an error says why not, or why
// not yet, for people. The gate is asked again until it passes or its patience is over,
// as [GateOptions] say, or until it has refused; see [Refuse]. It must change nothing that
// asking again would spoil.
//
// An error of an AWS client that says no more than that the service was throttling,
// failed or could not be reached is no answer: the gate is asked again, and passes in a
// row are not interrupted. Any other error is one, a failed connection to something else
// included.
//
// The context of a single asking ends with the patience, though not before five minutes.
// A panic is not recovered, as of a [Hook].
type Gate func(ctx context.Context, v Visit) error

// RefusedError is the error of a gate that is not to be asked again. Make one with
// [Refuse].
type RefusedError struct {
	// Err says why.
	Err error
}

// Refuse makes err final: a gate that returns it is not asked again, and the target has
// failed. It counts as well when it is wrapped. Refuse(nil) is nil, and an error that is no
// answer, as [Gate] says, is ridden out all the same.
func Refuse(err error) error {
	if err == nil {
		return nil
	}
	return &RefusedError{Err: err}
}

// Error tells why.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RefusedError) Unwrap() error { return e.Err }

// GateOptions say how a gate is asked. The zero value works.
type GateOptions struct {
	// Interval is the pause after an answer before the gate is asked again. It is
	// shortened by up to a tenth at random, so that targets are not asked about together.
	// Zero or negative means 30 seconds.
	Interval time.Duration
	// Patience is for how long a gate that does not pass is asked. When it is over the gate
	// is asked a last time. Zero means 10 minutes and the intervals between the passes;
	// negative means until the context ends. Deep health checks take about two hours:
	// give [DeepHealthChecked] more than three.
	Patience time.Duration
	// Passes is how many times in a row the gate has to pass, so that one that flaps does
	// not. Zero or negative means once.
	Passes int
}
