package policy

import (
	"slices"
	"strings"
)

// imageStatement returns the statement of a rule for AMIs and snapshots, as
// statement does for the others.
func (r rule) imageStatement(s Scope) Statement {
	here := func() Condition { return Condition{}.With("StringEquals", "ec2:Region", s.Region) }
	images := func() []string { return s.images("image", s.Images) }
	snapshots := func() []string { return s.images("snapshot", s.Snapshots) }
	both := func() []string { return append(images(), snapshots()...) }
	anything := func() []string { return append(s.images("image", nil), s.images("snapshot", nil)...) }
	private := func() Condition { return s.guarded().With("StringNotEquals", "ec2:Add/group", "all") }
	switch r { //nolint:exhaustive // the others are not for images
	case describeImagesRule:
		return allow("DescribeTakesNoResource", here(), nil, "*")
	case forwardedReadRule:
		return s.forwarded("DescribeTakesNoResource", here(), "*")
	case adoptReadRule:
		return allow("DescribeTakesNoResourceInSourceRegions", Condition{}.With("StringEquals", "ec2:Region", s.Sources.Regions...), nil, "*")
	case permissionsRule:
		return allow("PermissionsOfImages", nil, nil, both()...)
	case auditRule:
		return allow("PermissionsOfAllImages", nil, nil, anything()...)
	case shareImageRule:
		return s.forwarded("ImagesTaggedForSharing", s.guarded(), images()...)
	case shareSnapshotRule:
		return s.forwarded("SnapshotsTaggedForSharingNeverPublic", private(), snapshots()...)
	case directImageRule:
		return allow("ImagesTaggedForSharing", s.guarded(), nil, images()...)
	case directSnapshotRule:
		if len(s.Accounts) == 0 {
			return allow("SnapshotsTaggedForSharingNeverPublic", private(), nil, snapshots()...)
		}
		// The key is absent from a request that only takes permissions away, and
		// a request may add several accounts.
		return allow("SnapshotsTaggedForSharingWithAccounts", private().With("ForAllValues:StringEquals", "ec2:Add/userId", s.Accounts...), nil, snapshots()...)
	case tagRule:
		g := s.guard()
		c := Condition{}.With("StringEquals", "aws:RequestTag/"+g.Key, g.Value).
			With("ForAllValues:StringEquals", "aws:TagKeys", g.Key).
			With("Null", "ec2:CreateAction", "true")
		return allow("GuardTagOnly", c, nil, both()...)
	case untagRule:
		// Spellings of the key in other case go with the tag, since a condition takes them
		// for it. Without any key DeleteTags removes every tag.
		c := Condition{}.With("ForAllValues:StringEqualsIgnoreCase", "aws:TagKeys", s.guard().Key).
			With("Null", "aws:TagKeys", "false")
		return allow("RemoveGuardTagOnly", c, nil, both()...)
	case copyRule:
		return allow("CopyFromSources", s.fromSources(), nil, s.copied()...)
	case copyTagRule:
		c := Condition{}.With("StringEquals", "ec2:CreateAction", "CopyImage").
			With("ForAllValues:StringEquals", "aws:TagKeys", provenanceTags()...).
			With("Null", "aws:TagKeys", "false")
		return allow("ProvenanceTagsOfCopiesOnly", c, nil, anything()...)
	case copyGrantRule:
		return allow("GrantsForCopiesOnly", s.viaEC2().With("Bool", "kms:GrantIsForAWSResource", "true"), nil, s.copyKeys()...)
	case copyKeyRule:
		return allow("KeysThroughEC2", s.viaEC2(), nil, s.copyKeys()...)
	case retireRule:
		return allow("DeprecateTaggedImages", s.guarded(), nil, images()...)
	default:
		return Statement{}
	}
}

// provenanceTags are the keys of the tags that package amishare sets on copies.
func provenanceTags() []string {
	return []string{"hyperpodkit:adoption", "hyperpodkit:source-image", "hyperpodkit:source-owner", "hyperpodkit:source-region"}
}

// fromSources narrows a copy by what EC2 tells of its source. The copy itself has
// neither id nor owner yet (inferred), which is why absent keys pass.
func (s Scope) fromSources() Condition {
	var c Condition
	if len(s.Sources.Images) > 0 {
		c = c.With("StringEqualsIfExists", "ec2:ImageID", s.Sources.Images...)
	}
	if len(s.Sources.Owners) > 0 {
		c = c.With("StringEqualsIfExists", "ec2:Owner", append([]string{s.Account}, s.Sources.Owners...)...)
	}
	return c
}

// copied are the resources of a copy: its source and what is made of it. EC2 checks
// all of them, and the new ones have no id yet.
func (s Scope) copied() []string {
	arns := s.images("snapshot", nil)
	for _, region := range append([]string{s.Region}, s.Sources.Regions...) {
		s.Region = region
		arns = append(arns, s.images("image", nil)...)
	}
	return arns
}

// copyKeys are the keys of copies and of their sources.
func (s Scope) copyKeys() []string { return slices.Concat(s.KMSKeys, s.Sources.KMSKeys) }

// viaEC2 is that a key is used through EC2 in its Region: that the key of a source in
// another Region is used through EC2 there is inferred from it being of that Region.
func (s Scope) viaEC2() Condition {
	var regions []string
	for _, arn := range s.copyKeys() {
		regions = append(regions, strings.Split(arn, ":")[3])
	}
	return s.via("ec2", values(regions).Items...)
}

func (s Scope) guarded() Condition {
	g := s.guard()
	return Condition{}.With("StringEquals", "ec2:ResourceTag/"+g.Key, g.Value)
}

// images returns ARNs of AMIs or snapshots, whose account field is empty.
func (s Scope) images(kind string, ids []string) []string {
	if len(ids) == 0 {
		ids = []string{"*"}
	}
	arns := make([]string, len(ids))
	for i, id := range ids {
		if arns[i] = id; !strings.HasPrefix(id, "arn:") {
			arns[i] = strings.Join([]string{"arn", s.Partition, "ec2", s.Region, "", kind + "/" + id}, ":")
		}
	}
	return arns
}
