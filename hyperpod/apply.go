package hyperpod

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Update plans the edits and applies the plan, with one DescribeCluster for both. It
// waits until each group that it sent is in service with the wanted count and each
// that it deleted is gone, and then looks whether the service describes what was
// asked. The report is never nil. See [Plan.Apply] for the errors.
func (c *Cluster) Update(ctx context.Context, edits ...Edit) (*Report, error) {
	r := c.start(OperationUpdate)
	var p *Plan
	err := r.whenFree(ctx, func(ctx context.Context) (err error) {
		if p, err = r.plan(ctx, c, edits); err != nil {
			return err
		}
		return r.send(ctx, p)
	})
	if err == nil {
		err = r.finish(ctx, p)
	}
	return r.end(ctx, err)
}

// Apply describes the cluster again and sends the plan, if the groups that it
// touches are still as they were seen; [ErrStale] otherwise. Between that look and
// the request another change may slip in: the service has no means to prevent it.
// An operation that is under way is [ErrBusy], unless Options.WaitBusy is set. A plan that is empty sends nothing.
//
// Apply waits like [Cluster.Update]. When it fails after the request was accepted the
// error is a [*FailedError], [ErrUnmet] or the wait's own, and the report says what
// was done; the service goes on with what it has accepted.
func (p *Plan) Apply(ctx context.Context) (*Report, error) {
	r := p.handle.start(OperationUpdate)
	return r.end(ctx, r.apply(ctx, p))
}

func (r *run) apply(ctx context.Context, p *Plan) error {
	if p.Empty() {
		r.report.ARN = p.arn
		return nil
	}
	var again *Plan
	err := r.whenFree(ctx, func(ctx context.Context) error {
		live, err := r.describe(ctx)
		if err != nil {
			return err
		}
		if again, err = p.again(live); err != nil {
			return err
		}
		if err := r.judge(ctx, again); err != nil {
			return err
		}
		return r.send(ctx, again)
	})
	if err != nil {
		return err
	}
	return r.finish(ctx, again)
}

// send sends a plan's request.
func (r *run) send(ctx context.Context, p *Plan) error {
	r.report.ARN = p.arn
	if !p.updates() {
		return nil
	}
	out, err := r.api.UpdateCluster(ctx, p.Input())
	switch {
	case err == nil:
		r.called(ctx, "UpdateCluster", out.ClusterArn)
	case r.accepted(ctx, p):
		r.called(ctx, "UpdateCluster", aws.String(p.arn))
	default:
		return r.refused("UpdateCluster", err)
	}
	return nil
}

// finish waits for the end of what was sent, proves it, and changes the tags.
func (r *run) finish(ctx context.Context, p *Plan) error {
	if p.updates() && !r.options.NoWait {
		last, err := r.waitForUpdate(ctx, p.wanted(), p.input.InstanceGroupsToDelete)
		if err != nil {
			return err
		}
		if err := r.prove(ctx, p, last); err != nil {
			return err
		}
	}
	// What may fail from here on is a change of tags, which goes on nowhere.
	r.settled = !r.options.NoWait || !p.updates()
	return r.sendTags(ctx, p)
}

// updates tells whether there is more to change than tags.
func (p *Plan) updates() bool {
	return slices.ContainsFunc(p.changes, func(c Change) bool { return c.Kind != TagsChanged })
}

// accepted tells whether a request that seems to have failed was accepted all the
// same: its answer was lost, or the SDK sent it again for that reason and the service
// refused the second one, mostly because the first is under way. If the cluster was
// not described as wanted when the plan was made and is described so now, the request
// is on its way. A change that no description shows is never taken for accepted.
func (r *run) accepted(ctx context.Context, p *Plan) bool {
	if ctx.Err() != nil || len(p.unmet(p.draft.live)) == 0 {
		return false
	}
	live, err := r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(p.arn)})
	return err == nil && len(p.unmet(live)) == 0
}

// wanted are the counts that the plan's request asks for.
func (p *Plan) wanted() map[string]int32 {
	return countsOf(p.input.InstanceGroups, p.input.RestrictedInstanceGroups)
}

func countsOf(groups []types.ClusterInstanceGroupSpecification, restricted []types.ClusterRestrictedInstanceGroupSpecification) map[string]int32 {
	wanted := map[string]int32{}
	for _, g := range groups {
		wanted[aws.ToString(g.InstanceGroupName)] = aws.ToInt32(g.InstanceCount)
	}
	for _, g := range restricted {
		wanted[aws.ToString(g.InstanceGroupName)] = aws.ToInt32(g.InstanceCount)
	}
	return wanted
}
