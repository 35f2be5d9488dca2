package hyperpod

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// AwaitRoll waits for the end of the request of a plan that was sent at a time, by this
// machine's clock, and judges each group by images and nodes, as [waiter.SoftwareUpdated]
// does. It changes nothing, and can be called again, also by another process. A group of
// which the service reports too little is [OutcomeUnproven], which is no error. A failure
// is a [*FailedError] that tells why. When the wait ended early Report.Unfinished is set.
// Options.NoWait does not concern it. The report is never nil.
func (c *Cluster) AwaitRoll(ctx context.Context, p *RollPlan, requested time.Time) (*Report, error) {
	r := c.start(OperationRoll)
	err := r.fits(ctx, p)
	if err == nil {
		if !p.Empty() {
			r.roll.waits, r.roll.sent = true, p.names()
			r.roll.results, err = r.awaitRoll(ctx, p, requested)
		}
		r.report.Groups = r.roll.inOrder(p)
	}
	return r.end(ctx, err)
}

// awaitRoll waits for the update of a plan to end and tells how each group came out.
func (r *run) awaitRoll(ctx context.Context, p *RollPlan, requested time.Time) ([]GroupResult, error) {
	update := waiter.Update{
		Groups: p.names(), Image: p.Image.id, ReleaseVersion: p.Image.release, Before: p.before(), Requested: requested,
	}
	r.report.again = "waiter.SoftwareUpdated"
	found, err := waiter.SoftwareUpdated(ctx, r.api, r.target(), update, r.watching(rollProgress(update)))
	var results []GroupResult
	for _, g := range found.Groups {
		entry := GroupResult{Name: g.Group, Outcome: softwareOutcome(g.Outcome), Detail: g.Reason}
		if found.Cluster != nil {
			if live := regularGroup(found.Cluster, g.Group); live != nil {
				entry.Count, entry.Wanted = aws.ToInt32(live.CurrentCount), aws.ToInt32(live.TargetCount)
				entry.Image = aws.ToString(live.CurrentImageId)
			}
		}
		results = append(results, entry)
	}
	r.roll.last = found.Cluster
	r.settled = err == nil || errors.Is(err, poll.ErrFailed)
	if err != nil {
		return results, r.failed(ctx, err, update.Groups)
	}
	return results, nil
}

// rollProgress counts the instances that run the requested image.
func rollProgress(update waiter.Update) progress {
	return func(s waiter.Snapshot) []GroupProgress {
		var groups []GroupProgress
		for _, name := range update.Groups {
			if g, exists := s.Group(name); exists {
				groups = append(groups, GroupProgress{
					Name: name, Status: string(g.SoftwareUpdate), Done: onImage(g, update.Image), Wanted: g.Target,
				})
			}
		}
		return groups
	}
}

// onImage counts the instances on the requested image. The service counts those on the
// desired one, which in a rollback is the former.
func onImage(g waiter.Group, image string) int32 {
	switch onDesired := aws.ToInt32(g.OnDesired); {
	case g.DesiredImage == "" || g.DesiredImage == image:
		return onDesired
	case g.CurrentImage == image:
		return max(0, g.Current-onDesired)
	default:
		return 0
	}
}
