package hyperpod

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// ChangeKind says what a plan does, and to what.
type ChangeKind uint8

const (
	// GroupChanged means that the group exists and is sent again, changed.
	GroupChanged ChangeKind = iota + 1
	// GroupAdded means that the group is new.
	GroupAdded
	// GroupDeleted means that the group is deleted with its instances.
	GroupDeleted
	// ClusterChanged means that members of the cluster itself change.
	ClusterChanged
	// TagsChanged means that the cluster's tags change, after all the rest.
	TagsChanged
)

// Change is what a plan does to one instance group, to the cluster itself, or to its
// tags.
type Change struct {
	// Kind is what is done.
	Kind ChangeKind
	// Group is the group's name, empty for a change of the cluster or its tags.
	Group string `json:",omitempty"`
	// Fields are the members that differ. Empty for a deleted group.
	Fields []FieldChange `json:",omitempty"`
	// Instances is how many instances the group has now.
	Instances int32 `json:",omitempty"`
}

// Plan is a change of a cluster, made for the state that was seen when it was
// planned. It changes nothing until [Plan.Apply]. It can be saved as JSON and loaded
// elsewhere by [Cluster.LoadPlan].
type Plan struct {
	handle   *Cluster
	arn      string
	setting  setting
	input    *sagemaker.UpdateClusterInput
	tags     tagChanges
	changes  []Change
	rolls    []Roll
	findings []hyperpodkit.Finding // of the request, and then of its images and preflights
	checked  int                   // how many of them are of the request
	draft    *draft                // what it was made from; nil for a plan that was loaded
	saw      map[string]string     // fingerprints of what a loaded plan saw
}

// Plan works out what the edits mean for the cluster as it is now: one DescribeCluster,
// one ListTags when a declared specification names tags, and what the checkers of the
// options call. The plan sends only the groups that change, each in full, rebuilt from
// what the service says with nothing dropped. Mistakes in the edits are an
// [*InvalidError] that names them all; it is also [ErrGroupNotFound] or
// [ErrGroupExists] when that is among them.
func (c *Cluster) Plan(ctx context.Context, edits ...Edit) (*Plan, error) {
	r := c.start(OperationUpdate)
	p, err := r.plan(ctx, c, edits)
	if err != nil {
		_, err = r.end(ctx, err)
		return nil, err
	}
	return p, nil
}

func (r *run) plan(ctx context.Context, c *Cluster, edits []Edit) (*Plan, error) {
	if err := r.named(ctx); err != nil {
		return nil, err
	}
	for i, e := range edits {
		if e == nil {
			return nil, r.found(ctx, []hyperpodkit.Finding{{
				Level: hyperpodkit.Error, Rule: "nil-edit", Path: fmt.Sprintf("edits[%d]", i), Found: "nil", Fix: "use Scale, AddGroup, EditGroup, DeleteGroup or Desired",
			}})
		}
	}
	live, err := r.describe(ctx)
	if err != nil {
		return nil, err
	}
	d := newDraft(live, time.Now())
	for i, e := range edits {
		d.editing = fmt.Sprintf("edits[%d]", i)
		if err := e.apply(d); err != nil {
			return nil, r.cannot(err)
		}
	}
	p := &Plan{handle: c, arn: r.report.ARN, rolls: d.rolls}
	p.take(d)
	if d.tags != nil {
		if err := r.planTags(ctx, p, d); err != nil {
			return nil, err
		}
	}
	if err := r.judge(ctx, p); err != nil {
		return nil, err
	}
	return p, nil
}

func (r *run) cannot(err error) error {
	return &Error{Operation: r.report.Operation, Cluster: r.report.Cluster, Err: err}
}

// judge holds the rules against a plan, and asks the checkers of the options.
func (r *run) judge(ctx context.Context, p *Plan) error {
	p.findings = slices.Concat(p.draft.findings, p.check())
	if err := r.found(ctx, p.findings); err != nil {
		if invalid := (*InvalidError)(nil); errors.As(err, &invalid) {
			invalid.conditions = p.draft.conditions
		}
		return err
	}
	p.checked = len(p.findings)
	before := len(r.report.Findings)
	if err := r.preflightPlan(ctx, p, p.draft.live); err != nil {
		return err
	}
	p.findings = append(p.findings, r.report.Findings[before:]...)
	return nil
}

// take makes the request and the changes of a draft.
func (p *Plan) take(d *draft) {
	p.draft, p.setting = d, d.setting()
	p.input = deep.Copy(&d.settings)
	p.input.ClusterName = aws.String(p.handle.name)
	if changes := d.settingChanges(); len(changes) > 0 {
		p.changes = append(p.changes, Change{Kind: ClusterChanged, Fields: changes})
	}
	for _, g := range d.groups {
		change, changes := g.change()
		if !changes {
			continue
		}
		switch {
		case change.Kind == GroupDeleted:
			p.input.InstanceGroupsToDelete = append(p.input.InstanceGroupsToDelete, g.name)
		case g.restricted != nil:
			p.input.RestrictedInstanceGroups = append(p.input.RestrictedInstanceGroups, *g.restricted)
		default:
			p.input.InstanceGroups = append(p.input.InstanceGroups, *g.regular)
		}
		p.changes = append(p.changes, change)
	}
}

// Empty tells whether the cluster already is as asked, so that nothing will be sent.
// Images that differ from a declared specification do not count: see [Plan.Rolls].
func (p *Plan) Empty() bool { return len(p.changes) == 0 }

// Changes returns what the plan does, group by group.
func (p *Plan) Changes() []Change { return deep.Copy(p.changes) }

// Rolls returns the rolls that would put the images of a declared specification onto
// the groups that run others, one for each image. Apply never rolls. Batch and consent
// are for the caller to fill in.
func (p *Plan) Rolls() []Roll {
	rolls := slices.Clone(p.rolls)
	for i := range rolls {
		rolls[i].Groups = Named(rolls[i].Groups.names...)
	}
	return rolls
}

// Findings returns the warnings and unknowns that the checks found.
func (p *Plan) Findings() []hyperpodkit.Finding { return slices.Clone(p.findings) }

// Input returns a copy of the request that the plan sends. It changes nothing but the
// cluster's name when only tags are to change.
func (p *Plan) Input() *sagemaker.UpdateClusterInput { return deep.Copy(p.input) }
