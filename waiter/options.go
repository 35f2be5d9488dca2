package waiter

import (
	"cmp"
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
	// out; a nil Throttled means that throttling widens the pauses. Without an
	// Interval and a Typical duration of its Cadence the wait takes what is known
	// of its operation. The default timeout is [poll.DefaultTimeout]; a rolling
	// update with a wait between its batches can take longer.
	Poll poll.Options
	// Lag is for how long what the service shows may be behind a request that it
	// has accepted. Within it, counted from the start of the wait, a cluster that
	// looks as if nothing had been asked is not judged, and neither are nodes
	// that say something else than their group. Zero means eight times the poll
	// interval, or two minutes where none is fixed; negative means none. HyperPod
	// documents no figure: seconds to minutes have been observed.
	Lag time.Duration
	// Patience is how long HyperPod is given to try again with the nodes of a group
	// of a Continuous cluster: the group's Failed is believed when it was first seen
	// so long ago and there are no more instances now than then. Zero means fifteen
	// times Lag, which is half an hour by default; negative means none. That failed
	// nodes are tried again was observed; HyperPod documents no figure. Groups of
	// other clusters are believed at once.
	Patience time.Duration
	// AtMinCount makes a group that has a minimum count complete once it has that
	// many instances, rather than all of its target. The service puts such a
	// group InService at that point and goes on adding instances (see
	// MinInstanceCount of ClusterInstanceGroupSpecification). It serves
	// [ClusterStable] and [GroupsAtCount].
	AtMinCount bool
	// OnSnapshot is told what each successful poll saw, before Poll.OnPoll is told
	// the verdict. It runs in the caller's goroutine with no lock held.
	OnSnapshot func(context.Context, Snapshot)
	// Limiter bounds the rate of the API calls, retries of the SDK's client
	// included, together with those of all other waits that are given the same
	// one. With it, Poll.PollTimeout bounds each call from its turn, so that a poll of
	// several calls comes to its end, and the last poll may be later than Poll.Timeout
	// by the time that its turns take. Nil means no bound.
	Limiter *Limiter
	// APIOptions are passed to every call of the API.
	APIOptions []func(*sagemaker.Options)

	callTimeout time.Duration // of limited calls; polls have none then
}

func (o *Options) turns() turns { return turns{o.Limiter, o.callTimeout} }

const (
	lagIntervals = 8
	patienceLags = 15
)

func resolve(optFns []func(*Options)) Options {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Poll.Tolerate == nil {
		o.Poll.Tolerate = awserr.IsTransient
	}
	if o.Poll.Throttled == nil {
		o.Poll.Throttled = awserr.IsThrottle
	}
	if o.Limiter.limits() && o.callTimeout == 0 {
		o.callTimeout, o.Poll.PollTimeout = cmp.Or(o.Poll.PollTimeout, poll.DefaultPollTimeout), -1
	}
	if o.Lag == 0 {
		interval := o.Poll.Interval
		if interval <= 0 {
			interval = poll.DefaultInterval
		}
		o.Lag = lagIntervals * interval
	}
	if o.Patience == 0 {
		o.Patience = patienceLags * o.Lag
	}
	return o
}

// These are how long half of the operations take at most, from what users report;
// AWS documents no figures. Updates of software were seen to take 30 to 60 minutes
// and more, creations 10 to 25, additions of instances 5 to 25, removals 15 to 20.
const (
	typicalCreation = 15 * time.Minute
	typicalScaling  = 15 * time.Minute
	typicalDeletion = 15 * time.Minute
	typicalSoftware = 45 * time.Minute
)

// expect tells the cadence what is known of the operation, but for what the caller
// has said of it.
func (o *Options) expect(typical time.Duration, began time.Time) {
	c := &o.Poll.Cadence
	if c.Typical == 0 {
		c.Typical = typical
	}
	if c.Began.IsZero() {
		c.Began = began
	}
}
