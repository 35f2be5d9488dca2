package hyperpod

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// RollStarted tells whether a request of a plan was accepted that was sent at a time, by
// this machine's clock, and whose answer nobody knows. It looks at the cluster, again and
// again until the time since the request is [waiter.Options].Lag (eight times the poll
// interval, two minutes where none is fixed), and changes nothing.
//
// Yes means that each group that can tell was given the image since: it is the desired
// one and was not before, or an update under way puts it there. No means that the service
// reports images, that they are the former, that the status words are as before and no
// word of failure, and that no node was updated since. Anything else is Unknown: the
// newest image on groups that ran HyperPod's own before, groups without image ids, a
// failure before that another may have left again. It is never a guess.
//
// An error, beside Unknown, means that the cluster could not be looked at:
// [ErrClusterNotFound], a context that ended, a refusal.
func (c *Cluster) RollStarted(ctx context.Context, p *RollPlan, requested time.Time) (Started, error) {
	r := c.start(OperationRoll)
	if err := r.fits(ctx, p); err != nil {
		return StartedUnknown, err
	}
	if p.Empty() {
		return StartedNo, nil
	}
	return r.started(ctx, p, requested, false)
}

// started looks whether a request was accepted. A prompt question is asked right after
// the answer was lost: an update that began on the groups meanwhile is taken for ours,
// also where the service reports no images.
func (r *run) started(ctx context.Context, p *RollPlan, requested time.Time, prompt bool) (Started, error) {
	if ctx.Err() != nil {
		// One look is left, in a time of its own.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), r.options.CleanupTimeout)
		defer cancel()
		live, err := r.look(ctx)
		if err == nil && p.signs(live, prompt) == StartedYes {
			return StartedYes, nil
		}
		return StartedUnknown, err
	}
	lag, since, over := r.lag(), requested, false
	if now := time.Now(); since.After(now) {
		since = now // by the clock of another machine
	}
	var live *sagemaker.DescribeClusterOutput
	sign := StartedUnknown
	_, err := poll.Wait(ctx, r.target(), func(ctx context.Context) (poll.Observation[struct{}], error) {
		now, err := r.look(ctx)
		if err != nil {
			return poll.Observation[struct{}]{}, err
		}
		live, sign = now, p.signs(now, prompt)
		seen := poll.Observation[struct{}]{Status: string(now.ClusterStatus), Reason: "no sign of the software update"}
		if over = time.Since(since) >= lag; over || sign == StartedYes {
			seen.Verdict = poll.Done
		}
		return seen, nil
	}, func(o *poll.Options) {
		*o = r.options.Poll
		o.Timeout = max(time.Nanosecond, lag-time.Since(since))
		if o.Tolerate == nil {
			o.Tolerate = awserr.IsTransient
		}
		if o.Throttled == nil {
			o.Throttled = awserr.IsThrottle
		}
	})
	switch {
	case sign == StartedYes:
		return StartedYes, nil
	case err != nil || !over:
		return StartedUnknown, err
	case sign == StartedUnknown:
		return StartedUnknown, nil
	}
	untouched, err := r.untouched(ctx, p, live, requested)
	if err != nil || !untouched {
		return StartedUnknown, err
	}
	return StartedNo, nil
}

// look describes the cluster of a plan: by ARN, so no other of its name.
func (r *run) look(ctx context.Context) (*sagemaker.DescribeClusterOutput, error) {
	live, err := r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(r.target())})
	if err != nil {
		return nil, callError(r.report.Operation, r.report.Cluster, "DescribeCluster", err)
	}
	return live, nil
}

// lag is waiter.Options.Lag at the options' interval.
func (r *run) lag() time.Duration {
	const intervals = 8
	if r.options.Poll.Interval > 0 {
		return intervals * r.options.Poll.Interval
	}
	return intervals * poll.DefaultInterval
}
