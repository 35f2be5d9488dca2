package waiter

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Options says how to wait. The zero value works.
type Options struct {
	// Poll governs the loop. A nil Tolerate means the default of this package:
	// throttling, errors on the service's side and lost connections are ridden
	// out. The default timeout is [poll.DefaultTimeout]; a rolling update with a
	// wait between its batches can take longer.
	Poll poll.Options
	// Lag is for how long what the service shows may be behind a request that it
	// has accepted. Within it, counted from the start of the wait, a cluster that
	// looks as if nothing had been asked is not judged, and neither are nodes
	// that say something else than their group. Zero means eight times the poll
	// interval, which is two minutes by default; negative means none. HyperPod
	// documents no figure: seconds to minutes have been observed.
	Lag time.Duration
	// AtMinCount makes a group that has a minimum count complete once it has that
	// many instances, rather than all of its target. The service puts such a
	// group InService at that point and goes on adding instances (see
	// MinInstanceCount of ClusterInstanceGroupSpecification). It serves
	// [ClusterStable] and [GroupsAtCount].
	AtMinCount bool
	// OnSnapshot is told what each successful poll saw, before Poll.OnPoll is told
	// the verdict. It runs in the caller's goroutine with no lock held.
	OnSnapshot func(context.Context, Snapshot)
	// APIOptions are passed to every call of the API.
	APIOptions []func(*sagemaker.Options)
}

const lagIntervals = 8

func resolve(optFns []func(*Options)) Options {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Poll.Tolerate == nil {
		o.Poll.Tolerate = awserr.IsTransient
	}
	if o.Lag == 0 {
		interval := o.Poll.Interval
		if interval <= 0 {
			interval = poll.DefaultInterval
		}
		o.Lag = lagIntervals * interval
	}
	return o
}
