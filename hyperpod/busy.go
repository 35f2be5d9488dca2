package hyperpod

import (
	"context"
	"errors"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// whenFree makes an attempt at something that another operation may be in the way of.
// With Options.WaitBusy it is made anew until it gets through, fails for another
// reason, or the time to wait is over.
func (r *run) whenFree(ctx context.Context, attempt func(context.Context) error) error {
	if !r.options.WaitBusy {
		return attempt(ctx)
	}
	return r.untilFree(ctx, attempt)
}

// untilFree is whenFree with Options.WaitBusy.
func (r *run) untilFree(ctx context.Context, attempt func(context.Context) error) error {
	var err error
	_, waited := poll.Wait(ctx, r.target(), func(ctx context.Context) (poll.Observation[struct{}], error) {
		if err = attempt(ctx); !errors.Is(err, ErrBusy) {
			return poll.Observation[struct{}]{Verdict: poll.Done}, nil
		}
		r.emit(ctx, Event{Kind: EventTolerated, Err: err})
		return poll.Observation[struct{}]{Status: "busy", Reason: err.Error()}, nil
	}, func(o *poll.Options) {
		o.Interval, o.Jitter, o.Wake, o.OnPoll = r.options.Poll.Interval, r.options.Poll.Jitter, r.options.Poll.Wake, r.options.Poll.OnPoll
		o.Timeout, o.PollTimeout = r.remaining(), -1 // an attempt that is cut off may have been accepted
	})
	if waited != nil {
		busy := &Error{Operation: r.report.Operation, Cluster: r.report.Cluster, Err: waited}
		if errors.Is(err, ErrBusy) {
			busy.Condition = ErrBusy
		}
		return busy
	}
	return err
}
