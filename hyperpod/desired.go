package hyperpod

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// DesiredOptions say how far [Desired] may go. The zero value deletes nothing.
type DesiredOptions struct {
	// Prune deletes the groups that the specification does not have, with their
	// instances and volumes, and the tags that it does not have when it names tags.
	// When false such a group is a mistake, and such a tag stays.
	Prune bool

	// KeepCounts leaves instance counts and minimum counts of live groups alone, for
	// clusters that scale by themselves.
	KeepCounts bool

	// MakeContinuous lets the node provisioning mode of a live cluster on EKS be
	// changed. When false a cluster that is not Continuous stays so, with a warning. A
	// cluster on Slurm cannot be changed (SageMaker AI Developer Guide, "Continuous
	// provisioning for enhanced cluster operations with Slurm").
	MakeContinuous bool
}

// Desired makes the cluster what the specification says, in the fewest requests.
// Groups are matched by name, in any order. A member that the specification leaves
// out stays as it is, members of structures such as LifeCycleConfig too, and an empty
// list or map clears it where the service takes an empty one; [EditGroup] can leave a
// member out. Lists that differ in nothing but their order are the same, but for the
// types of a flexible group, whose order is their priority.
//
// Three things do not follow. Images stay: the groups whose image differs are listed
// by [Plan.Rolls], for [Cluster.RollImage]. The network and the EKS cluster cannot be
// changed, so another one is a mistake. Tags are looked at only when the specification
// names them, and are changed after the rest.
func Desired(spec Spec, optFns ...func(*DesiredOptions)) Edit {
	var options DesiredOptions
	for _, fn := range optFns {
		fn(&options)
	}
	return editFunc(func(d *draft) error {
		in := spec.input(aws.ToString(d.live.ClusterName))
		w := wish{draft: d, in: in, options: options}
		d.findings = append(d.findings, spec.checkName(aws.ToString(d.live.ClusterName))...)
		w.compareMode()
		w.compareSettings()
		if err := w.compareGroups(); err != nil {
			return err
		}
		if in.Tags != nil {
			d.tags, d.pruneTags = map[string]string{}, options.Prune
			for _, tag := range in.Tags {
				d.tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
		}
		return nil
	})
}

// wish is a declared cluster on its way into a draft.
type wish struct {
	*draft
	in      *sagemaker.CreateClusterInput
	options DesiredOptions
}

func (w *wish) note(level hyperpodkit.Level, rule, path, found, fix string) {
	w.findings = append(w.findings, hyperpodkit.Finding{Level: level, Rule: rule, Path: path, Found: found, Fix: fix})
}

// compareGroups matches the declared groups with the live ones.
func (w *wish) compareGroups() error {
	declared := map[string]bool{}
	for _, wanted := range w.in.InstanceGroups {
		if name := aws.ToString(wanted.InstanceGroupName); !w.once(declared, name) {
			continue
		}
		if err := w.regular(wanted); err != nil {
			return err
		}
	}
	for _, wanted := range w.in.RestrictedInstanceGroups {
		if name := aws.ToString(wanted.InstanceGroupName); !w.once(declared, name) {
			continue
		}
		if err := w.restricted(wanted); err != nil {
			return err
		}
	}
	for _, g := range w.draft.groups {
		switch {
		case declared[g.name] || g.deleted:
		case w.options.Prune:
			w.delete(g)
		default:
			w.refuse("group-not-declared", fmt.Sprintf("the cluster has a group %q that the specification does not have", g.name), "declare it, or consent to its deletion with Prune", nil)
		}
	}
	return nil
}

// once notes a mistake when a name was declared before.
func (w *wish) once(declared map[string]bool, name string) bool {
	if declared[name] {
		w.refuse("unique-names", fmt.Sprintf("the specification has two groups %q", name), "rename one", nil)
		return false
	}
	declared[name] = true
	return true
}

func (w *wish) regular(wanted types.ClusterInstanceGroupSpecification) error {
	name := aws.ToString(wanted.InstanceGroupName)
	if g := w.find(name); g == nil || g.deleted {
		w.addRegular(wanted)
		return nil
	}
	g, err := w.touch(name)
	switch {
	case g == nil:
		return err
	case g.regular == nil:
		w.refuse("group-kind", fmt.Sprintf("group %q is restricted, and the specification has it as a regular one", name), "declare it under RestrictedGroups, or choose another name", nil)
		return nil
	}
	merged := merge(*g.regular, wanted)
	if wanted.InstanceType != "" || wanted.InstanceRequirements != nil { // one of the two
		merged.InstanceType, merged.InstanceRequirements = wanted.InstanceType, merge(g.regular.InstanceRequirements, wanted.InstanceRequirements)
		if wanted.InstanceRequirements == nil {
			merged.InstanceRequirements = nil
		}
	}
	if w.options.KeepCounts {
		merged.InstanceCount, merged.MinInstanceCount = g.regular.InstanceCount, g.regular.MinInstanceCount
	}
	if p := merged.AutoPatchConfig; p != nil && p.PatchSchedule != nil && p.PatchSchedule.NextPatchDate != nil && !p.PatchSchedule.NextPatchDate.After(w.now) {
		p.PatchSchedule = nil // a date that has passed is no wish
	}
	w.noteRoll(name, *g.regular, imageOf(wanted))
	merged.ImageId, merged.ImageReleaseVersion = g.regular.ImageId, g.regular.ImageReleaseVersion
	g.regular = &merged
	return nil
}

func (w *wish) restricted(wanted types.ClusterRestrictedInstanceGroupSpecification) error {
	name := aws.ToString(wanted.InstanceGroupName)
	if g := w.find(name); g == nil || g.deleted {
		w.addRestricted(deep.Copy(wanted))
		return nil
	}
	g, err := w.touch(name)
	switch {
	case g == nil:
		return err
	case g.restricted == nil:
		w.refuse("group-kind", fmt.Sprintf("group %q is a regular one, and the specification has it as restricted", name), "declare it under Groups, or choose another name", nil)
		return nil
	}
	merged := merge(*g.restricted, wanted)
	if w.options.KeepCounts {
		merged.InstanceCount = g.restricted.InstanceCount
	}
	g.restricted = &merged
	return nil
}

// noteRoll notes the roll that would put a live group onto the image that is wanted,
// if any is. An image that the service does not report is unknown, not changed.
func (w *wish) noteRoll(group string, live types.ClusterInstanceGroupSpecification, wants Image) {
	has := imageOf(live)
	if has.id == "" || wants.id == "" || wants == has || wants.id == has.id && wants.release == "" {
		return
	}
	for i := range w.rolls {
		if w.rolls[i].Image == wants {
			w.rolls[i].Groups.names = append(w.rolls[i].Groups.names, group)
			return
		}
	}
	w.rolls = append(w.rolls, Roll{Image: wants, Groups: Named(group)})
}

// imageOf is what a specification asks to run: an AMI, or HyperPod's own image, in a
// release or the newest.
func imageOf(spec types.ClusterInstanceGroupSpecification) Image {
	i := Image{id: aws.ToString(spec.ImageId)}
	if i.id == "" && spec.ImageReleaseVersion != nil {
		i.id = defaultImage
	}
	if i.id == defaultImage {
		i.release = aws.ToString(spec.ImageReleaseVersion)
	}
	return i
}
