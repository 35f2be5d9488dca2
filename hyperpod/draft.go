package hyperpod

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// draft is a live cluster while edits are applied to it.
type draft struct {
	live   *sagemaker.DescribeClusterOutput
	mode   mode // the live cluster's
	now    time.Time
	groups []*draftGroup

	// settings are the cluster's own members that are to be sent.
	settings sagemaker.UpdateClusterInput
	// tags are those that the cluster is to have; nil leaves them alone. Others are
	// deleted when pruneTags is set.
	tags      map[string]string
	pruneTags bool
	// rolls are differences of images, which no update sends.
	rolls []Roll

	// editing is the edit that is being applied, for the path of its mistakes.
	editing    string
	findings   []hyperpodkit.Finding
	conditions []error
}

// draftGroup is one group of a draft. A group that is not touched is not converted,
// so that what cannot be rebuilt stops only an edit that needs it.
type draftGroup struct {
	name string

	live           *types.ClusterInstanceGroupDetails
	liveRestricted *types.ClusterRestrictedInstanceGroupDetails

	touched, deleted bool

	// What stands in the cluster, and what is to be sent. Before is nil for a group
	// that is added.
	before, regular              *types.ClusterInstanceGroupSpecification
	beforeRestricted, restricted *types.ClusterRestrictedInstanceGroupSpecification
}

func newDraft(live *sagemaker.DescribeClusterOutput, now time.Time) *draft {
	d := &draft{live: live, now: now, mode: settingOf(live.Orchestrator, live.NodeProvisioningMode).mode}
	for i := range live.InstanceGroups {
		g := &live.InstanceGroups[i]
		d.groups = append(d.groups, &draftGroup{name: aws.ToString(g.InstanceGroupName), live: g})
	}
	for i := range live.RestrictedInstanceGroups {
		g := &live.RestrictedInstanceGroups[i]
		d.groups = append(d.groups, &draftGroup{name: aws.ToString(g.InstanceGroupName), liveRestricted: g})
	}
	return d
}

// setting is the cluster's, as it will be.
func (d *draft) setting() setting {
	mode := d.live.NodeProvisioningMode
	if d.settings.NodeProvisioningMode != "" {
		mode = d.settings.NodeProvisioningMode
	}
	return settingOf(d.live.Orchestrator, mode)
}

func (d *draft) find(name string) *draftGroup {
	i := slices.IndexFunc(d.groups, func(g *draftGroup) bool { return g.name == name })
	if i < 0 {
		return nil
	}
	return d.groups[i]
}

// refuse notes a mistake in the edit that is being applied.
func (d *draft) refuse(rule, found, fix string, condition error) {
	d.findings = append(d.findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: d.editing, Found: found, Fix: fix})
	if condition != nil {
		d.conditions = append(d.conditions, condition)
	}
}

// missing notes that the cluster has no such group.
func (d *draft) missing(name string) {
	var names []string
	for _, g := range d.groups {
		if !g.deleted {
			names = append(names, g.name)
		}
	}
	d.refuse("group-not-found", fmt.Sprintf("the cluster has no group %q", name), "use one of "+strings.Join(names, ", "), ErrGroupNotFound)
}

// touch returns a group that is to be edited, rebuilt from what the service says. It
// returns nil when there is none, which is noted, or when it cannot be rebuilt, which
// is the error.
func (d *draft) touch(name string) (*draftGroup, error) {
	g := d.find(name)
	if g == nil || g.deleted {
		d.missing(name)
		return nil, nil
	}
	if g.touched {
		return g, nil
	}
	if err := g.rebuild(d); err != nil {
		return nil, err
	}
	g.touched, g.regular, g.restricted = true, deep.Copy(g.before), deep.Copy(g.beforeRestricted)
	return g, nil
}

// rebuild sets what was asked for of a live group before.
func (g *draftGroup) rebuild(d *draft) error {
	switch {
	case g.liveRestricted != nil:
		spec, err := restrictedFrom(*g.liveRestricted)
		g.beforeRestricted = &spec
		return err
	case g.live != nil:
		spec, err := specFrom(*g.live, d.now)
		if d.mode == wholeMode {
			spec.MinInstanceCount = nil // described as 0 perhaps, and refused when sent
		}
		g.before = &spec
		return err
	default:
		return nil
	}
}

// exists tells whether the cluster has the group.
func (g *draftGroup) exists() bool { return g.live != nil || g.liveRestricted != nil }

// delete marks a group for deletion, or forgets one that was only added.
func (d *draft) delete(g *draftGroup) {
	if !g.exists() {
		d.groups = slices.DeleteFunc(slices.Clone(d.groups), func(other *draftGroup) bool { return other == g })
		return
	}
	g.touched, g.deleted = true, true
}

// instances is how many the group has now.
func (g *draftGroup) instances() int32 {
	switch {
	case g.live != nil:
		return aws.ToInt32(g.live.CurrentCount)
	case g.liveRestricted != nil:
		return aws.ToInt32(g.liveRestricted.CurrentCount)
	default:
		return 0
	}
}

// change is what is to be done to the group; false when nothing is.
func (g *draftGroup) change() (Change, bool) {
	c := Change{Kind: GroupChanged, Group: g.name, Instances: g.instances()}
	switch {
	case !g.touched:
		return c, false
	case g.deleted:
		c.Kind = GroupDeleted
		return c, true
	case !g.exists():
		c.Kind = GroupAdded
	}
	if g.restricted != nil {
		c.Fields = fieldChanges(g.beforeRestricted, g.restricted)
	} else {
		c.Fields = fieldChanges(g.before, g.regular)
	}
	return c, len(c.Fields) > 0
}
