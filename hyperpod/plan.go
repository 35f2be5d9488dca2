package hyperpod

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// ChangeKind says what a plan does to an instance group.
type ChangeKind uint8

const (
	// GroupChanged means that the group exists and is sent again, changed.
	GroupChanged ChangeKind = iota + 1
	// GroupAdded means that the group is new.
	GroupAdded
	// GroupDeleted means that the group is deleted with its instances.
	GroupDeleted
)

// Change is what a plan does to one instance group.
type Change struct {
	Kind ChangeKind
	// Group is the group's name.
	Group string
	// Fields are the members that differ. Empty for a deleted group.
	Fields []FieldChange
	// Instances is how many instances the group has now.
	Instances int32
}

// Plan is a change of a cluster's instance groups, made for the state that was seen
// when it was planned. It changes nothing until [Plan.Apply].
type Plan struct {
	handle   *Cluster
	arn      string
	region   string
	setting  setting
	input    *sagemaker.UpdateClusterInput
	changes  []Change
	findings []hyperpodkit.Finding // of the request, and then of its images
	checked  int                   // how many of them are of the request
	saw      map[string]string     // fingerprints of the touched groups; empty for one that must not exist
}

// Plan works out what the edits mean for the cluster as it is now: one DescribeCluster
// and, with an image checker, what that calls. The plan sends only the groups that
// change, each in full, rebuilt from what the service says with nothing dropped. A
// mistake in the edits is an [*InvalidError], an unknown group [ErrGroupNotFound].
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
				Level: hyperpodkit.Error, Rule: "nil-edit", Path: fmt.Sprintf("edits[%d]", i), Found: "nil", Fix: "use Scale, AddGroup or DeleteGroup",
			}})
		}
	}
	live, err := r.describe(ctx)
	if err != nil {
		return nil, err
	}
	d := newDraft(c.name, live, time.Now())
	for _, e := range edits {
		if err := e.apply(d); err != nil {
			return nil, err
		}
	}
	p := &Plan{
		handle: c, arn: r.report.ARN, region: regionOf(r.report.ARN),
		setting: settingOf(live.Orchestrator, live.NodeProvisioningMode),
		input:   &sagemaker.UpdateClusterInput{ClusterName: aws.String(c.name)},
		saw:     map[string]string{},
	}
	for _, g := range d.groups {
		if err := p.add(g); err != nil {
			return nil, &Error{Operation: OperationUpdate, Cluster: c.name, Err: err}
		}
	}
	p.findings = p.check(d)
	if err := r.found(ctx, p.findings); err != nil {
		return nil, err
	}
	p.checked = len(p.findings)
	before := len(r.report.Findings)
	if err := r.checkImages(ctx, imageUses(p.input.InstanceGroups, p.setting.orchestrator, p.region)); err != nil {
		return nil, err
	}
	p.findings = append(p.findings, r.report.Findings[before:]...)
	return p, nil
}

// add takes a group of the draft into the request, if it is to change.
func (p *Plan) add(g *draftGroup) error {
	if !g.touched {
		return nil
	}
	change := Change{Kind: GroupChanged, Group: g.name}
	var err error
	switch {
	case g.deleted && g.live != nil:
		change.Instances = aws.ToInt32(g.live.CurrentCount)
	case g.deleted && g.liveRestricted != nil:
		change.Instances = aws.ToInt32(g.liveRestricted.CurrentCount)
	case g.restricted != nil:
		change.Instances = aws.ToInt32(g.liveRestricted.CurrentCount)
		change.Fields, err = fieldChanges(g.beforeRestricted, g.restricted)
	case g.before != nil:
		change.Instances = aws.ToInt32(g.live.CurrentCount)
		change.Fields, err = fieldChanges(g.before, g.regular)
	default:
		change.Kind = GroupAdded
		change.Fields, err = fieldChanges(nil, g.regular)
	}
	if err != nil {
		return err
	}
	switch {
	case g.deleted && change.Kind == GroupAdded:
		return nil // added and deleted again
	case g.deleted:
		change.Kind, change.Fields = GroupDeleted, nil
		p.input.InstanceGroupsToDelete = append(p.input.InstanceGroupsToDelete, g.name)
	case len(change.Fields) == 0:
		return nil
	case g.restricted != nil:
		p.input.RestrictedInstanceGroups = append(p.input.RestrictedInstanceGroups, *g.restricted)
	default:
		p.input.InstanceGroups = append(p.input.InstanceGroups, *g.regular)
	}
	p.changes = append(p.changes, change)
	p.saw[g.name], err = g.fingerprint()
	return err
}

// fingerprint is a hash of what the service says a group is to be; empty for a group
// that it does not have.
func (g *draftGroup) fingerprint() (string, error) {
	var body []byte
	var err error
	switch {
	case g.deleted && (g.live != nil || g.liveRestricted != nil):
		return "exists", nil // what is deleted need not be rebuilt
	case g.beforeRestricted != nil:
		body, err = smwire.Encode(g.beforeRestricted)
	case g.before != nil:
		body, err = smwire.Encode(g.before)
	default:
		return "", nil
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), err
}

// Empty tells whether the cluster already is as asked, so that nothing will be sent.
func (p *Plan) Empty() bool { return len(p.changes) == 0 }

// Changes returns what the plan does, group by group.
func (p *Plan) Changes() []Change { return deep.Copy(p.changes) }

// Findings returns the warnings and unknowns that the checks found.
func (p *Plan) Findings() []hyperpodkit.Finding { return slices.Clone(p.findings) }

// Input returns a copy of the request that the plan sends.
func (p *Plan) Input() *sagemaker.UpdateClusterInput { return deep.Copy(p.input) }
