package policy

// imageNeeds returns what a workflow on AMIs takes within the scope.
func (w Workflow) imageNeeds(s Scope) []need {
	switch w { //nolint:exhaustive // the others are on clusters
	case CheckImage:
		return describeImages(describeImagesRule, "reads what is checked", reference)
	case TagForSharing:
		return append(describeImages(describeImagesRule, "finds the snapshots of what is tagged, and sees the tags", reference),
			need{"ec2:CreateTags", tagRule, "sets the guard tag on an AMI or snapshot that exists", reference})
	case UntagForSharing:
		needs := describeImages(describeImagesRule, "finds the snapshots of what is untagged, and sees the tags", reference)
		needs = append(needs, readPermissions(permissionsRule)...)
		return append(needs, need{"ec2:DeleteTags", untagRule, "removes the guard tag from an AMI or snapshot", reference})
	case ShareImage:
		needs := describeImages(describeImagesRule, "finds the snapshots of what is shared, and sees the tags", reference)
		needs = append(needs, readPermissions(permissionsRule)...)
		return append(needs,
			need{"ec2:ModifyImageAttribute", directImageRule, "shares an AMI with other accounts, and takes that back", reference},
			need{"ec2:ModifySnapshotAttribute", directSnapshotRule, "shares an AMI's snapshots with other accounts, and takes that back", reference})
	case AdoptImage:
		return s.adopt()
	case AuditImages:
		return append(describeImages(describeImagesRule, "finds the account's AMIs and their snapshots", reference), readPermissions(auditRule)...)
	case RetireImage:
		return []need{
			{"ec2:DescribeImages", describeImagesRule, "sees that an AMI is deprecated", reference},
			{"ec2:EnableImageDeprecation", retireRule, "deprecates an AMI", images},
		}
	default:
		return nil
	}
}

func (s Scope) adopt() []need {
	needs := append(describeImages(describeImagesRule, "looks at the source, and waits for its copy", reference),
		need{"ec2:GetEbsEncryptionByDefault", describeImagesRule, "tells whether the copy would come out encrypted", images},
		need{"ec2:GetEbsDefaultKmsKeyId", describeImagesRule, "tells by which key", images},
		need{"ec2:CopyImage", copyRule, "copies the AMI and its snapshots", reference},
		need{"ec2:CreateTags", copyTagRule, "tags the copy as it is made with where it comes from", reference})
	if len(s.Sources.Regions) > 0 {
		needs = append(needs, describeImages(adoptReadRule, "looks at a source in another Region", reference)...)
	}
	if len(s.copyKeys()) == 0 {
		return needs
	}
	const why = "EC2 decrypts the source and encrypts the copy with the caller's rights"
	for _, action := range volumeKeyActions() {
		needs = append(needs, need{action, copyKeyRule, why, volumeEncryption})
	}
	return append(needs, need{"kms:CreateGrant", copyGrantRule, why, volumeEncryption})
}

// volumeKeyActions are what EC2 does with a key, with the caller's rights, beside
// granting its use ("Requirements for Amazon EBS encryption", Amazon EBS User Guide).
func volumeKeyActions() []string {
	return []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
}

func describeImages(r rule, why string, source *Source) []need {
	return []need{{"ec2:DescribeImages", r, why, source}, {"ec2:DescribeSnapshots", r, why, source}}
}

func readPermissions(r rule) []need {
	const why = "reads with whom it is shared"
	return []need{{"ec2:DescribeImageAttribute", r, why, reference}, {"ec2:DescribeSnapshotAttribute", r, why, reference}}
}
