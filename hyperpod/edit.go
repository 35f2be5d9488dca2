package hyperpod

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// Edit is one wanted change of a cluster's instance groups. Make one with [Scale],
// [AddGroup] or [DeleteGroup].
type Edit interface {
	apply(d *draft) error
}

type editFunc func(d *draft) error

func (f editFunc) apply(d *draft) error { return f(d) }

// Scale sets how many instances a group is to have, restricted groups included. Zero
// keeps the group without instances. Which instances a smaller count ends is the
// service's choice, at random.
func Scale(group string, count int32) Edit {
	return editFunc(func(d *draft) error {
		g, err := d.touch(group)
		if err != nil {
			return err
		}
		if g.restricted != nil {
			g.restricted.InstanceCount = aws.Int32(count)
		} else {
			g.regular.InstanceCount = aws.Int32(count)
		}
		return nil
	})
}

// AddGroup adds an instance group. The cluster must not have one of that name.
func AddGroup(group Group) Edit {
	return editFunc(func(d *draft) error {
		name := group.Name()
		if g := d.find(name); g != nil && !g.deleted {
			return groupError(OperationUpdate, d.cluster, name, ErrGroupExists)
		} else if g != nil {
			return &Error{Operation: OperationUpdate, Cluster: d.cluster, Err: fmt.Errorf("instance group %q is deleted and added in one request, which the service refuses: delete it first", name)}
		}
		spec := group.Spec()
		d.groups = append(d.groups, &draftGroup{name: name, regular: &spec, touched: true})
		return nil
	})
}

// DeleteGroup deletes a group with its instances, their volumes included. It cannot
// be undone.
func DeleteGroup(group string) Edit {
	return editFunc(func(d *draft) error {
		g := d.find(group)
		if g == nil || g.deleted {
			return groupError(OperationUpdate, d.cluster, group, ErrGroupNotFound)
		}
		g.touched, g.deleted = true, true
		return nil
	})
}

// draft is a live cluster's groups while edits are applied to them.
type draft struct {
	cluster    string // name or ARN as it was given
	now        time.Time
	continuous bool
	groups     []*draftGroup
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

func newDraft(cluster string, live *sagemaker.DescribeClusterOutput, now time.Time) *draft {
	d := &draft{cluster: cluster, now: now, continuous: live.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous}
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

func (d *draft) find(name string) *draftGroup {
	i := slices.IndexFunc(d.groups, func(g *draftGroup) bool { return g.name == name })
	if i < 0 {
		return nil
	}
	return d.groups[i]
}

// touch returns a group that is to be edited, rebuilt from what the service says.
func (d *draft) touch(name string) (*draftGroup, error) {
	g := d.find(name)
	if g == nil || g.deleted {
		return nil, groupError(OperationUpdate, d.cluster, name, ErrGroupNotFound)
	}
	if g.touched {
		return g, nil
	}
	g.touched = true
	if g.liveRestricted != nil {
		spec, err := restrictedFrom(*g.liveRestricted)
		if err != nil {
			return nil, d.cannot(err)
		}
		g.beforeRestricted, g.restricted = &spec, deep.Copy(&spec)
		return g, nil
	}
	spec, err := specFrom(*g.live, d.now)
	if err != nil {
		return nil, d.cannot(err)
	}
	if !d.continuous {
		spec.MinInstanceCount = nil // described as 0 perhaps, and refused when sent
	}
	g.before, g.regular = &spec, deep.Copy(&spec)
	return g, nil
}

func (d *draft) cannot(err error) error {
	return &Error{Operation: OperationUpdate, Cluster: d.cluster, Err: err}
}
