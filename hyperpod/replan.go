package hyperpod

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// again makes the plan anew from its own request for the cluster as it is now, so
// that nothing but what was planned is sent, be it loaded from a file or not.
func (p *Plan) again(live *sagemaker.DescribeClusterOutput) (*Plan, error) {
	fail := func(condition, err error) (*Plan, error) {
		return nil, &Error{Operation: OperationUpdate, Cluster: p.handle.name, Condition: condition, Err: err}
	}
	if arn := aws.ToString(live.ClusterArn); arn != p.arn {
		return fail(ErrStale, fmt.Errorf("the name now belongs to %s, the plan was made for %s; plan again", arn, p.arn))
	}
	d := newDraft(live, time.Now())
	if err := d.resend(p.input); err != nil {
		return fail(nil, err)
	}
	again := &Plan{handle: p.handle, arn: p.arn, tags: p.tags, rolls: p.rolls}
	again.take(d)
	before, err := p.fingerprints()
	if err != nil {
		return fail(nil, err)
	}
	now, err := again.fingerprints()
	if err != nil {
		return fail(nil, err)
	}
	if what := d.stale(before, now); what != "" {
		return fail(ErrStale, fmt.Errorf("%s; plan again", what))
	}
	for _, c := range p.changes {
		if c.Kind == TagsChanged {
			again.changes = append(again.changes, c)
		}
	}
	if len(before) != len(now) || !reflect.DeepEqual(again.promised(), p.promised()) || !p.showsTags() {
		return nil, &InvalidError{Operation: OperationUpdate, Cluster: p.handle.name, Findings: []hyperpodkit.Finding{{
			Level: hyperpodkit.Error, Rule: "plan-changes", Path: "Changes", Found: "the plan's changes are not those of its request", Fix: "plan again, and leave the saved plan as it is",
		}}}
	}
	return again, nil
}

// stale says what is no longer as a plan saw it, empty when all is.
func (d *draft) stale(saw, now map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(saw)) {
		g := d.find(name)
		exists := g != nil && g.exists()
		switch {
		case name == clusterItself && saw[name] != now[name]:
			return "the cluster's own settings are no longer as they were"
		case name == clusterItself:
		case saw[name] == "" && exists:
			return fmt.Sprintf("instance group %q exists now", name)
		case saw[name] != "" && !exists:
			return fmt.Sprintf("instance group %q is gone", name)
		case saw[name] != now[name]:
			return fmt.Sprintf("instance group %q is no longer as it was", name)
		}
	}
	return ""
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
