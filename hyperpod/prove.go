package hyperpod

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// settleTime is how long a description may lag behind a change that is done. Some
// members are known to be missing from the first descriptions.
const settleTime = time.Minute

// prove compares what the service described last with what was asked, and looks on for
// a while when they differ.
func (r *run) prove(ctx context.Context, p *Plan, last *sagemaker.DescribeClusterOutput) error {
	unmet := p.unmet(last)
	if len(unmet) == 0 {
		return nil
	}
	_, err := poll.Wait(ctx, r.target(), func(ctx context.Context) (poll.Observation[struct{}], error) {
		live, err := r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(r.target())})
		if err != nil {
			return poll.Observation[struct{}]{}, err
		}
		unmet = p.unmet(live)
		seen := poll.Observation[struct{}]{Status: string(live.ClusterStatus), Reason: strings.Join(unmet, "; ")}
		if len(unmet) == 0 && live.ClusterStatus == types.ClusterStatusInservice {
			seen.Verdict = poll.Done
		}
		return seen, nil
	}, func(o *poll.Options) {
		*o = r.options.Poll
		o.Timeout = settleTime
		if o.Tolerate == nil {
			o.Tolerate = awserr.IsTransient
		}
		if left := r.remaining(); left > 0 {
			o.Timeout = min(left, settleTime)
		}
	})
	if err != nil && len(unmet) > 0 && ctx.Err() == nil {
		r.settled = true
		return &Error{Operation: OperationUpdate, Cluster: r.report.Cluster, Condition: ErrUnmet, Err: fmt.Errorf("%s", strings.Join(unmet, "; "))}
	}
	return err
}

// unmet lists what a description has otherwise than the request asked for.
func (p *Plan) unmet(live *sagemaker.DescribeClusterOutput) []string {
	var unmet []string
	differ := func(where string, changes []FieldChange) {
		for _, c := range changes {
			unmet = append(unmet, fmt.Sprintf("%s%s is %s, asked for was %s", where, c.Path, orNothing(c.Before), orNothing(c.After)))
		}
	}
	d := newDraft(live, time.Time{})
	for _, asked := range p.input.InstanceGroups {
		name := aws.ToString(asked.InstanceGroupName)
		g := d.find(name)
		if g == nil || g.live == nil {
			unmet = append(unmet, fmt.Sprintf("instance group %q does not exist", name))
			continue
		}
		if err := g.rebuild(d); err != nil {
			unmet = append(unmet, err.Error())
			continue
		}
		where := fmt.Sprintf("instance group %q: ", name)
		differ(where, differences(*g.before, asked))
		differ(where, p.kept(name, fieldChanges(*g.before, asked)))
	}
	for _, asked := range p.input.RestrictedInstanceGroups {
		name := aws.ToString(asked.InstanceGroupName)
		g := d.find(name)
		if g == nil || g.liveRestricted == nil {
			unmet = append(unmet, fmt.Sprintf("restricted instance group %q does not exist", name))
			continue
		}
		if err := g.rebuild(d); err != nil {
			unmet = append(unmet, err.Error())
			continue
		}
		where := fmt.Sprintf("restricted instance group %q: ", name)
		differ(where, fieldChanges(*g.beforeRestricted, merge(*g.beforeRestricted, asked)))
		differ(where, p.kept(name, fieldChanges(*g.beforeRestricted, asked)))
	}
	for _, name := range p.input.InstanceGroupsToDelete {
		if g := d.find(name); g != nil && !g.deleting() {
			unmet = append(unmet, fmt.Sprintf("instance group %q exists", name))
		}
	}
	d.settings = *p.input
	d.settings.InstanceGroups, d.settings.RestrictedInstanceGroups, d.settings.InstanceGroupsToDelete, d.settings.ClusterName = nil, nil, nil, nil
	differ("", d.settingChanges())
	return unmet
}

// kept are the members that the plan takes from a group by leaving them out and that
// are described all the same.
func (p *Plan) kept(group string, changes []FieldChange) []FieldChange {
	removed := p.fields(group)
	return slices.DeleteFunc(changes, func(c FieldChange) bool { return c.After != "" || !slices.Contains(removed, c) })
}

func (g *draftGroup) deleting() bool {
	return g.live != nil && g.live.Status == types.InstanceGroupStatusDeleting ||
		g.liveRestricted != nil && g.liveRestricted.Status == types.InstanceGroupStatusDeleting
}

// differences are the members that a live group has otherwise than it was asked. What
// the request left to the service may be anything, and so may what a description
// cannot tell: which image "default" is, a release version beside an AMI, a patch date
// that may have passed, no minimum where zero was asked.
func differences(live, asked types.ClusterInstanceGroupSpecification) []FieldChange {
	if live.ImageId == nil || aws.ToString(asked.ImageId) == defaultImage {
		asked.ImageId = nil
	}
	if live.ImageReleaseVersion == nil {
		asked.ImageReleaseVersion = nil
	}
	if live.MinInstanceCount == nil && aws.ToInt32(asked.MinInstanceCount) == 0 {
		asked.MinInstanceCount = nil
	}
	return slices.DeleteFunc(fieldChanges(live, merge(live, asked)), func(c FieldChange) bool {
		return strings.HasPrefix(c.Path, "AutoPatchConfig.PatchSchedule")
	})
}
