package hyperpod

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// Edit is one wanted change of a cluster. Make one with [Scale], [AddGroup],
// [EditGroup], [DeleteGroup] or [Desired]. Edits of one plan are applied in order.
type Edit interface {
	apply(d *draft) error
}

type editFunc func(d *draft) error

func (f editFunc) apply(d *draft) error { return f(d) }

// Scale sets how many instances a group is to have, restricted groups included. Zero
// keeps the group without instances. Which instances a smaller count ends is the
// service's choice: at random, and in a flexible group those of the type of lowest
// priority first. A group that the cluster does not have is [ErrGroupNotFound] when the edit
// is planned.
func Scale(group string, count int32) Edit {
	return editFunc(func(d *draft) error {
		g, err := d.touch(group)
		switch {
		case g == nil:
			return err
		case g.restricted != nil:
			g.restricted.InstanceCount = aws.Int32(count)
		default:
			g.regular.InstanceCount = aws.Int32(count)
		}
		return nil
	})
}

// AddGroup adds an instance group. When the edit is planned a group of that name that exists
// is [ErrGroupExists], and what [Group.Build] would refuse is refused.
func AddGroup(group Group) Edit {
	return editFunc(func(d *draft) error {
		d.addRegular(group.Spec())
		return nil
	})
}

// EditGroup changes a group: edit gets it as it was asked for last, rebuilt from what
// the service says with nothing dropped (see [GroupFrom]), and returns it as it is to
// be. It can change what the service lets change on a live group, such as counts, the
// lifecycle configuration, Kubernetes labels and taints; name, instance type, role and
// some more need a new group, and the image goes by [Cluster.RollImage]. Restricted
// groups are changed by [Desired].
func EditGroup(group string, edit func(Group) Group) Edit {
	return editFunc(func(d *draft) error {
		g, err := d.touch(group)
		switch {
		case g == nil:
			return err
		case g.restricted != nil:
			d.refuse("restricted-group", fmt.Sprintf("group %q is restricted, which EditGroup does not handle", group), "use Scale or Desired", nil)
		case edit == nil:
			d.refuse("nil-edit", fmt.Sprintf("the function that is to edit group %q is nil", group), "give one", nil)
		default:
			spec := edit(Group{spec: deep.Copy(*g.regular)}).Spec()
			if name := aws.ToString(spec.InstanceGroupName); name != group {
				d.refuse("immutable", fmt.Sprintf("group %q cannot be renamed to %q", group, name), wayRound(""), nil)
				return nil
			}
			g.regular = &spec
		}
		return nil
	})
}

// DeleteGroup deletes a group with its instances, their volumes included. It cannot
// be undone. A group that the cluster does not have is [ErrGroupNotFound] when the edit is
// planned.
func DeleteGroup(group string) Edit {
	return editFunc(func(d *draft) error {
		g := d.find(group)
		if g == nil || g.deleted {
			d.missing(group)
			return nil
		}
		d.delete(g)
		return nil
	})
}

// addRegular adds a group to the draft.
func (d *draft) addRegular(spec types.ClusterInstanceGroupSpecification) {
	if name := aws.ToString(spec.InstanceGroupName); d.free(name) {
		d.groups = append(d.groups, &draftGroup{name: name, regular: &spec, touched: true})
	}
}

// addRestricted adds a restricted group to the draft.
func (d *draft) addRestricted(spec types.ClusterRestrictedInstanceGroupSpecification) {
	if name := aws.ToString(spec.InstanceGroupName); d.free(name) {
		d.groups = append(d.groups, &draftGroup{name: name, restricted: &spec, touched: true})
	}
}

// free notes a mistake when a name cannot be given to a new group.
func (d *draft) free(name string) bool {
	switch g := d.find(name); {
	case g == nil:
		return true
	case g.deleted:
		d.refuse("delete-and-add", fmt.Sprintf("group %q is deleted and added in one request, which the service refuses", name), "delete it first, in a request of its own", nil)
	default:
		d.refuse("group-exists", fmt.Sprintf("the cluster has a group %q", name), "choose another name, or edit that group", ErrGroupExists)
	}
	return false
}
