package hyperpod

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Update plans the edits and applies the plan, with one DescribeCluster for both. It
// waits until each group that it sent is in service with the wanted count and each
// that it deleted is gone. The report is never nil. See [Plan.Apply] for the errors.
func (c *Cluster) Update(ctx context.Context, edits ...Edit) (*Report, error) {
	r := c.start(OperationUpdate)
	p, err := r.plan(ctx, c, edits)
	if err != nil {
		return r.end(ctx, err)
	}
	return r.end(ctx, r.send(ctx, p))
}

// Apply describes the cluster again and sends the plan, if the groups that it
// touches are still as they were seen; [ErrStale] otherwise. Between that look and
// the request another change may slip in: the service has no means to prevent it.
// An operation that is under way is [ErrBusy]. A plan that is empty sends nothing.
//
// Apply waits like [Cluster.Update]. When it fails after the request was accepted the
// error is a [*FailedError] or the wait's own, and the report says what was done; the
// service goes on with what it has accepted.
func (p *Plan) Apply(ctx context.Context) (*Report, error) {
	r := p.handle.start(OperationUpdate)
	return r.end(ctx, r.apply(ctx, p))
}

func (r *run) apply(ctx context.Context, p *Plan) error {
	if p.Empty() {
		r.report.ARN = p.arn
		return nil
	}
	r.report.Findings = slices.Clone(p.findings[:p.checked]) // the images are checked anew
	live, err := r.describe(ctx)
	if err != nil {
		return err
	}
	if err := p.stale(live); err != nil {
		return err
	}
	if err := r.checkImages(ctx, imageUses(p.input.InstanceGroups, p.setting.orchestrator, p.region)); err != nil {
		return err
	}
	return r.send(ctx, p)
}

// stale compares the groups that the plan touches with what it saw.
func (p *Plan) stale(live *sagemaker.DescribeClusterOutput) error {
	changed := func(what string) error {
		return &Error{Operation: OperationUpdate, Cluster: p.handle.name, Condition: ErrStale, Err: fmt.Errorf("%s; plan again", what)}
	}
	if arn := aws.ToString(live.ClusterArn); arn != p.arn {
		return changed(fmt.Sprintf("the name now belongs to %s, the plan was made for %s", arn, p.arn))
	}
	d := newDraft(p.handle.name, live, time.Now())
	for _, name := range slices.Sorted(maps.Keys(p.saw)) {
		g := d.find(name)
		switch {
		case g == nil && p.saw[name] == "":
			continue
		case g == nil:
			return changed(fmt.Sprintf("instance group %q is gone", name))
		case p.saw[name] == "":
			return changed(fmt.Sprintf("instance group %q exists now", name))
		case slices.Contains(p.input.InstanceGroupsToDelete, name):
			continue
		}
		if _, err := d.touch(name); err != nil {
			return err
		}
		now, err := g.fingerprint()
		if err != nil {
			return &Error{Operation: OperationUpdate, Cluster: p.handle.name, Err: err}
		}
		if now != p.saw[name] {
			return changed(fmt.Sprintf("instance group %q is no longer as it was", name))
		}
	}
	return nil
}

// send sends a plan's request and waits for its end.
func (r *run) send(ctx context.Context, p *Plan) error {
	r.report.ARN = p.arn
	if p.Empty() {
		return nil
	}
	out, err := r.api.UpdateCluster(ctx, p.Input())
	if err != nil {
		return r.refused("UpdateCluster", err)
	}
	r.called(ctx, "UpdateCluster", out.ClusterArn)
	if r.options.NoWait {
		return nil
	}
	return r.waitForGroups(ctx, p.wanted(), p.input.InstanceGroupsToDelete)
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
