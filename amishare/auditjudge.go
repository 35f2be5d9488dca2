package amishare

import (
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit"
)

func (a *ImageAudit) find(level hyperpodkit.Level, rule, resource, found, fix string) {
	a.Findings = append(a.Findings, hyperpodkit.Finding{Level: level, Rule: rule, Resource: resource, Found: found, Fix: fix})
}

// judge tells what is odd about the permissions. All of it is legal, so nothing of it is
// an error.
func (a *ImageAudit) judge(guard Tag) {
	const untagged = "is shared, and lacks the tag "
	if a.Public {
		a.find(hyperpodkit.Warning, RulePublicImage, a.Image, "is public: every AWS account can launch it", `remove the launch permission of the group "all"`)
	}
	if guard.Key != "" && !a.Tagged && len(a.SharedWith) > 0 {
		a.find(hyperpodkit.Warning, RuleSharedUntagged, a.Image, untagged+guard.String(), "have it tagged by the role that may, or revoke")
	}
	for _, snap := range a.Snapshots {
		if slices.Contains(snap.SharedWith, everyone) {
			a.find(hyperpodkit.Warning, RulePublicSnapshot, snap.ID, "is public: every AWS account can read it", `remove the create volume permission of the group "all"`)
		}
		if guard.Key != "" && !snap.Tagged && len(snap.SharedWith) > 0 {
			a.find(hyperpodkit.Warning, RuleSharedUntagged, snap.ID, untagged+guard.String(), "have it tagged by the role that may, or revoke")
		}
		accounts, organizations := split(snap.Lacking)
		if len(accounts) > 0 {
			a.find(hyperpodkit.Warning, RulePermissionsDiffer, snap.ID, "is not shared with "+strings.Join(accounts, ", ")+", with whom "+a.Image+" is; they can launch it and cannot copy it",
				"share the AMI and its snapshots together")
		}
		if len(organizations) > 0 {
			a.find(hyperpodkit.Unknown, RulePermissionsDiffer, snap.ID, "cannot be shared with "+strings.Join(organizations, ", ")+", as "+a.Image+" is; whether their accounts have it cannot be seen from EC2",
				"share the snapshot with those accounts that are to copy the AMI")
		}
		if len(snap.Beyond) > 0 {
			a.find(hyperpodkit.Warning, RulePermissionsDiffer, snap.ID, "is shared with "+strings.Join(snap.Beyond, ", ")+", with whom "+a.Image+" is not",
				"revoke it, or share the AMI and its snapshots together")
		}
	}
}

// split divides principals into what a snapshot can be shared with and what not.
func split(principals []string) (accounts, organizations []string) {
	for _, p := range principals {
		if strings.HasPrefix(p, "arn:") {
			organizations = append(organizations, p)
		} else {
			accounts = append(accounts, p)
		}
	}
	return accounts, organizations
}
