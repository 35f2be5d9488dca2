package hyperpod

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// check judges what is to be sent, and warns of what is dangerous though legal.
func (p *Plan) check() []hyperpodkit.Finding {
	d := p.draft
	c := planChecker{draft: d}
	for i, g := range p.input.InstanceGroups {
		path := fmt.Sprintf("InstanceGroups[%d]", i)
		found := checkGroup(g, path, p.setting)
		live := d.find(aws.ToString(g.InstanceGroupName))
		if live != nil && live.before != nil && len(onlyErrors(found)) > 0 {
			found = soften(found, checkGroup(*live.before, path, p.setting))
		}
		c.findings = append(c.findings, found...)
		if live == nil || live.live == nil {
			c.inherits(g, path)
		} else {
			c.changed(live, p.fields(live.name), path)
			c.findings = append(c.findings, differingImages(*live.live, path)...)
		}
	}
	for i, g := range p.input.RestrictedInstanceGroups {
		path := fmt.Sprintf("RestrictedInstanceGroups[%d]", i)
		found := checkRestricted(g, path, p.setting)
		live := d.find(aws.ToString(g.InstanceGroupName))
		if live != nil && live.beforeRestricted != nil && len(onlyErrors(found)) > 0 {
			found = soften(found, checkRestricted(*live.beforeRestricted, path, p.setting))
		}
		c.findings = append(c.findings, found...)
		if live != nil && live.liveRestricted != nil {
			c.changed(live, p.fields(live.name), path)
		}
	}
	settings := d.settings
	settings.ClusterName = p.input.ClusterName
	c.findings = append(c.findings, modelFindings(smmodel.Operation("UpdateCluster", &settings))...)
	c.atMost("InstanceGroups", len(p.input.InstanceGroups))
	c.atMost("RestrictedInstanceGroups", len(p.input.RestrictedInstanceGroups))
	c.atMost("InstanceGroupsToDelete", len(p.input.InstanceGroupsToDelete))
	c.cluster()
	c.deletions(p.input.InstanceGroupsToDelete)
	return c.findings
}

// fields are the changes of a group.
func (p *Plan) fields(group string) []FieldChange {
	for _, c := range p.changes {
		if c.Group == group {
			return c.Fields
		}
	}
	return nil
}

// planChecker judges a draft by what stands in the cluster.
type planChecker struct {
	*draft
	findings []hyperpodkit.Finding
}

func (c *planChecker) add(level hyperpodkit.Level, rule, path, found, fix string) {
	c.findings = append(c.findings, hyperpodkit.Finding{Level: level, Rule: rule, Path: path, Found: found, Fix: fix})
}

// inherits warns of a new group on a Continuous cluster that would not run what it
// seems to (SDK doc comment of ClusterInstanceGroupSpecification.ImageId).
func (c *planChecker) inherits(g types.ClusterInstanceGroupSpecification, path string) {
	if c.setting().mode != continuousMode || aws.ToString(g.ImageId) != defaultImage || g.ImageReleaseVersion != nil || len(c.live.InstanceGroups) == 0 {
		return
	}
	if image := aws.ToString(c.live.InstanceGroups[0].DesiredImageId); image != "" && image != defaultImage {
		c.add(hyperpodkit.Warning, "image-inherited", join(path, "ImageId"),
			fmt.Sprintf("a new group on default gets the image of the cluster's earliest group, which seems to be %q with %s", aws.ToString(c.live.InstanceGroups[0].InstanceGroupName), image),
			"name the image that is meant")
	}
}

// atMost refuses more groups than one request takes (the service's model of UpdateCluster).
func (c *planChecker) atMost(list string, n int) {
	if n > 100 {
		c.add(hyperpodkit.Error, "model-length", list, fmt.Sprintf("it has %d items", n), "send at most 100 groups in one request")
	}
}

func (c *planChecker) deletions(names []string) {
	for i, name := range names {
		c.add(hyperpodkit.Warning, "group-deleted", fmt.Sprintf("InstanceGroupsToDelete[%d]", i), fmt.Sprintf("group %q is deleted with its instances and volumes, which cannot be undone", name), "")
	}
	if remaining := slices.ContainsFunc(c.groups, func(g *draftGroup) bool { return !g.deleted }); !remaining && len(names) > 0 {
		c.add(hyperpodkit.Error, "last-group", "InstanceGroupsToDelete", "no instance group would remain", "delete the cluster, or keep a group")
	}
}

// changed judges the changes of a group that exists.
func (c *planChecker) changed(g *draftGroup, fields []FieldChange, path string) {
	told := map[string]bool{}
	for _, f := range fields {
		member, _, _ := strings.Cut(f.Path, ".")
		member, _, _ = strings.Cut(member, "[")
		switch {
		case told[member]:
		case fixed(g, member, f):
			told[member] = true
			c.add(hyperpodkit.Error, "immutable", join(path, f.Path), fmt.Sprintf("group %q cannot change it from %s to %s", g.name, orNothing(f.Before), orNothing(f.After)), wayRound(member))
		case slices.Contains(undocumented, member):
			c.add(hyperpodkit.Unknown, "immutable", join(path, f.Path), "AWS does not say whether a live group can change it", "if it is refused, make a new group")
		case strings.HasPrefix(f.Path, "KubernetesConfig.Labels[") && f.After == "", strings.HasPrefix(f.Path, "KubernetesConfig.Taints[") && strings.HasSuffix(f.Path, ".Key") && f.Before != "":
			c.add(hyperpodkit.Warning, "labels-removed", join(path, f.Path), fmt.Sprintf("%s is removed from the group's nodes", f.Before), "")
		}
	}
	c.types(g, path)
	switch before, after := g.counts(); {
	case after == 0 && before > 0:
		c.add(hyperpodkit.Warning, "count-zero", join(path, "InstanceCount"), fmt.Sprintf("group %q loses all of its instances, %d of them", g.name, before), "")
	case after < before:
		picks := "at random"
		if g.regular != nil && g.regular.InstanceRequirements != nil {
			picks = "of the type of lowest priority first"
		}
		c.add(hyperpodkit.Warning, "random-nodes", join(path, "InstanceCount"), fmt.Sprintf("group %q shrinks from %d to %d instances, and the service picks those that end, %s", g.name, before, after, picks), "delete chosen nodes instead, if it matters which")
	}
}

// undocumented are members of which no AWS text says whether a live group can change
// them, and some that the service may have without describing them.
var undocumented = []string{"ThreadsPerCore", "ImageId", "ImageReleaseVersion", "InstanceStorageConfigs", "TrainingPlanArn", "SlurmConfig", "NetworkInterface", "EnvironmentConfig"}

// fixed tells whether a member of a live group cannot change (AWS CloudFormation's
// create-only properties of AWS::SageMaker::Cluster; SageMaker AI Developer Guide,
// customer managed keys; SDK doc comments). A thread count or image that the service
// does not describe is not known to change.
func fixed(g *draftGroup, member string, f FieldChange) bool {
	switch member {
	case "InstanceGroupName", "InstanceType", "ExecutionRole", "OverrideVpcConfig", "CapacityRequirements":
		return true
	case "ThreadsPerCore", "ImageId", "ImageReleaseVersion":
		return f.Before != ""
	case "InstanceStorageConfigs":
		return strings.HasSuffix(f.Path, ".VolumeKmsKeyId")
	case "InstanceRequirements":
		return g.before != nil && (g.before.InstanceRequirements == nil || g.regular.InstanceRequirements == nil)
	default:
		return false
	}
}

func wayRound(member string) string {
	switch member {
	case "ImageId", "ImageReleaseVersion":
		return "use RollImage"
	default:
		return "add a new group and delete this one"
	}
}

// types refuses to take an instance type with running instances from a flexible group
// (SDK doc comment of ClusterInstanceRequirements).
func (c *planChecker) types(g *draftGroup, path string) {
	if g.live == nil || g.regular == nil || g.regular.InstanceRequirements == nil {
		return
	}
	for _, detail := range g.live.InstanceTypeDetails {
		if aws.ToInt32(detail.CurrentCount) > 0 && !slices.Contains(g.regular.InstanceRequirements.InstanceTypes, detail.InstanceType) {
			c.add(hyperpodkit.Error, "type-in-use", join(path, "InstanceRequirements.InstanceTypes"),
				fmt.Sprintf("%s is left out, and group %q has %s of it", detail.InstanceType, g.name, counted(*detail.CurrentCount, "instance")), "keep it, or delete those instances first")
		}
	}
}

// soften makes warnings of what the live group has already: the service holds it, so
// it knows better than this library.
func soften(findings, live []hyperpodkit.Finding) []hyperpodkit.Finding {
	for i, f := range findings {
		if f.Level == hyperpodkit.Error && slices.Contains(live, f) {
			findings[i].Level = hyperpodkit.Warning
		}
	}
	return findings
}

// counts are the group's target before and after; zero before for a new group.
func (g *draftGroup) counts() (before, after int32) {
	switch {
	case g.restricted != nil:
		if g.beforeRestricted != nil {
			before = aws.ToInt32(g.beforeRestricted.InstanceCount)
		}
		return before, aws.ToInt32(g.restricted.InstanceCount)
	case g.regular != nil:
		if g.before != nil {
			before = aws.ToInt32(g.before.InstanceCount)
		}
		return before, aws.ToInt32(g.regular.InstanceCount)
	default:
		return 0, 0
	}
}
