package hyperpod

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
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
		var d *draft
		if again, d, err = p.again(live); err != nil {
			return err
		}
		if err := r.judge(ctx, again, d); err != nil {
			return err
		}
		return r.send(ctx, again)
	})
	if err != nil {
		return err
	}
	return r.finish(ctx, again)
}

// again makes the plan anew from its own request for the cluster as it is now, so
// that nothing but what was planned is sent, be it loaded from a file or not.
func (p *Plan) again(live *sagemaker.DescribeClusterOutput) (*Plan, *draft, error) {
	stale := func(what string) error {
		return &Error{Operation: OperationUpdate, Cluster: p.handle.name, Condition: ErrStale, Err: fmt.Errorf("%s; plan again", what)}
	}
	if arn := aws.ToString(live.ClusterArn); arn != p.arn {
		return nil, nil, stale(fmt.Sprintf("the name now belongs to %s, the plan was made for %s", arn, p.arn))
	}
	d := newDraft(live, time.Now())
	if err := d.resend(p.input); err != nil {
		return nil, nil, &Error{Operation: OperationUpdate, Cluster: p.handle.name, Err: err}
	}
	again := &Plan{handle: p.handle, arn: p.arn, tags: p.tags, rolls: p.rolls}
	if err := again.take(d); err != nil {
		return nil, nil, &Error{Operation: OperationUpdate, Cluster: p.handle.name, Err: err}
	}
	for _, name := range slices.Sorted(maps.Keys(p.saw)) {
		g := d.find(name)
		exists := g != nil && g.exists()
		switch saw := p.saw[name]; {
		case name == clusterItself && saw != again.saw[name]:
			return nil, nil, stale("the cluster's own settings are no longer as they were")
		case name == clusterItself:
		case saw == "" && exists:
			return nil, nil, stale(fmt.Sprintf("instance group %q exists now", name))
		case saw != "" && !exists:
			return nil, nil, stale(fmt.Sprintf("instance group %q is gone", name))
		case saw != again.saw[name]:
			return nil, nil, stale(fmt.Sprintf("instance group %q is no longer as it was", name))
		}
	}
	for _, c := range p.changes {
		if c.Kind == TagsChanged {
			again.changes = append(again.changes, c)
		}
	}
	if !reflect.DeepEqual(again.promised(), p.promised()) || !p.showsTags() {
		return nil, nil, &InvalidError{Operation: OperationUpdate, Cluster: p.handle.name, Findings: []hyperpodkit.Finding{{
			Level: hyperpodkit.Error, Rule: "plan-changes", Path: "Changes", Found: "the plan's changes are not those of its request", Fix: "plan again, and leave the saved plan as it is",
		}}}
	}
	return again, d, nil
}

// promised are a plan's changes without what may differ between two looks.
func (p *Plan) promised() []Change {
	changes := deep.Copy(p.changes)
	for i := range changes {
		changes[i].Instances = 0
	}
	return changes
}

// resend applies a request to a draft.
func (d *draft) resend(in *sagemaker.UpdateClusterInput) error {
	in = deep.Copy(in)
	d.settings = *in
	d.settings.ClusterName, d.settings.InstanceGroups, d.settings.RestrictedInstanceGroups, d.settings.InstanceGroupsToDelete = nil, nil, nil, nil
	take := func(name *string) (*draftGroup, error) {
		g := d.find(aws.ToString(name))
		if g == nil {
			g = &draftGroup{name: aws.ToString(name)}
			d.groups = append(d.groups, g)
		}
		g.touched = true
		return g, g.rebuild(d)
	}
	for i := range in.InstanceGroups {
		g, err := take(in.InstanceGroups[i].InstanceGroupName)
		if err != nil {
			return err
		}
		g.regular = &in.InstanceGroups[i]
	}
	for i := range in.RestrictedInstanceGroups {
		g, err := take(in.RestrictedInstanceGroups[i].InstanceGroupName)
		if err != nil {
			return err
		}
		g.restricted = &in.RestrictedInstanceGroups[i]
	}
	for _, name := range in.InstanceGroupsToDelete {
		if g := d.find(name); g != nil {
			g.touched, g.deleted = true, true
		}
	}
	return nil
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
	if ctx.Err() != nil || len(p.unmet(p.live)) == 0 {
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
