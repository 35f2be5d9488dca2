package hyperpod

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// check judges what is to be sent, and warns of what is dangerous though legal.
func (p *Plan) check(d *draft) []hyperpodkit.Finding {
	var findings []hyperpodkit.Finding
	for i, g := range p.input.InstanceGroups {
		path := fmt.Sprintf("InstanceGroups[%d]", i)
		found := checkGroup(g, path, p.setting)
		if live := d.find(aws.ToString(g.InstanceGroupName)); live != nil && live.before != nil {
			found = soften(found, checkGroup(*live.before, path, p.setting))
		}
		findings = append(findings, found...)
	}
	for i, g := range p.input.RestrictedInstanceGroups {
		findings = append(findings, modelFindings(smmodel.Shape("ClusterRestrictedInstanceGroupSpecification", fmt.Sprintf("RestrictedInstanceGroups[%d]", i), g))...)
	}
	warn := func(rule, path, found, fix string) {
		findings = append(findings, hyperpodkit.Finding{Level: hyperpodkit.Warning, Rule: rule, Path: path, Found: found, Fix: fix})
	}
	for i, name := range p.input.InstanceGroupsToDelete {
		warn("group-deleted", fmt.Sprintf("InstanceGroupsToDelete[%d]", i), fmt.Sprintf("group %q is deleted with its instances and volumes, which cannot be undone", name), "")
	}
	if remaining := slices.ContainsFunc(d.groups, func(g *draftGroup) bool { return !g.deleted }); !remaining && len(p.input.InstanceGroupsToDelete) > 0 {
		findings = append(findings, hyperpodkit.Finding{
			Level: hyperpodkit.Error, Rule: "last-group", Path: "InstanceGroupsToDelete",
			Found: "no instance group would remain", Fix: "delete the cluster, or keep a group",
		})
	}
	for _, g := range d.groups {
		if before, after := g.counts(); g.touched && !g.deleted && before > after {
			warn("random-nodes", "InstanceGroups", fmt.Sprintf("group %q shrinks from %d to %d instances, and the service picks those that end at random", g.name, before, after), "delete chosen nodes instead, if it matters which")
		}
		if g.touched && g.live != nil && g.regular != nil && !g.deleted {
			current, desired := aws.ToString(g.live.CurrentImageId), aws.ToString(g.live.DesiredImageId)
			if current != "" && desired != "" && current != desired && aws.ToInt32(g.live.CurrentCount) > 0 {
				warn("images-differ", "InstanceGroups", fmt.Sprintf("group %q still has instances on %s while %s is desired; new ones start on the latter", g.name, current, desired), "")
			}
		}
	}
	return findings
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
		return aws.ToInt32(g.beforeRestricted.InstanceCount), aws.ToInt32(g.restricted.InstanceCount)
	case g.before != nil:
		return aws.ToInt32(g.before.InstanceCount), aws.ToInt32(g.regular.InstanceCount)
	case g.regular != nil:
		return 0, aws.ToInt32(g.regular.InstanceCount)
	default:
		return 0, 0
	}
}
