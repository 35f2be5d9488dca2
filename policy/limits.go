package policy

import "slices"

// limits returns the limits of what the plan contains.
func limits(s Scope, all []planned) []Limit {
	has := map[string]bool{}
	rules := map[rule]bool{}
	workflows := map[Workflow]bool{}
	for _, p := range all {
		has[p.action], rules[p.rule], workflows[p.workflow] = true, true, true
	}
	var out []Limit
	add := func(applies bool, why string, actions ...string) {
		actions = slices.DeleteFunc(actions, func(a string) bool { return !has[a] })
		if applies && len(actions) > 0 {
			slices.Sort(actions)
			out = append(out, Limit{Actions: actions, Why: why})
		}
	}
	add(true, "no condition key names ImageId, the lifecycle script, a group's execution role or an instance count: "+
		"the guard tag controls which AMIs are shared, not which image runs; AWS's own images need no sharing at all. "+
		"Watch what runs by comparing nodes' images with what was rolled",
		"sagemaker:CreateCluster", "sagemaker:UpdateCluster", "sagemaker:UpdateClusterSoftware")
	add(true, "needs no iam:PassRole: its holder runs an image as the role that each group of these clusters already has",
		"sagemaker:UpdateClusterSoftware")
	add(workflows[UpdateGroups] && !workflows[RollImage], "replaces images, which updating groups does not mean to: "+
		"the Service Authorization Reference lists it among the actions of UpdateCluster, and no key tells the two apart",
		"sagemaker:UpdateClusterSoftware")
	add(rules[createRule], "cluster/*: a cluster's ARN ends in an id that does not exist before the cluster does",
		"sagemaker:CreateCluster")
	add(rules[createRule] && s.Clusters.kind == clustersByARN, "is listed among the actions of CreateCluster in the Service Authorization Reference, "+
		"but not among its dependent actions, and is not granted for that: on cluster/* it would replace the image of every cluster. "+
		"If creating is refused for it, select clusters by tag", "sagemaker:CreateCluster")
	add(rules[newClusterRule], "cluster/*: the clusters that will be created have no ARN yet; select clusters by tag to narrow it",
		"sagemaker:DescribeCluster", "sagemaker:DescribeClusterEvent", "sagemaker:ListClusterEvents", "sagemaker:ListClusterNodes")
	add(rules[goneRule], "clusters without the tag can be read too: one that is gone has none, and the end of a deletion would look like a refusal",
		"sagemaker:DescribeCluster")
	add(workflows[OperateNodes], "no condition key names nodes or groups: its holder can delete, replace and reboot every node of these clusters, and adds as many as quotas allow",
		"sagemaker:BatchAddClusterNodes", "sagemaker:BatchDeleteClusterNodes", "sagemaker:BatchRebootClusterNodes", "sagemaker:BatchReplaceClusterNodes")
	add(rules[updateRule], "the limits on instance types, subnets and security groups hold only for what a request sends: "+
		"their keys are absent from one that sends none", "sagemaker:UpdateCluster")
	add(rules[passClusterRoleRule], "to which of the two services a cluster's role counts as passed is not documented, so that both are allowed", "iam:PassRole")
	add(rules[listRule], "takes no resource and shows every cluster of the account in the Region", "sagemaker:ListClusters")
	add(rules[describeImagesRule], "take no resource: the Region is the only key",
		"ec2:DescribeImages", "ec2:DescribeSnapshots")
	add(rules[shareImageRule] && !s.Strict || rules[directImageRule], "no condition key tells with whom an AMI is shared, the public included: "+
		"turn on block public access for AMIs in the account", "ec2:ModifyImageAttribute")
	add(rules[shareSnapshotRule] && !s.Strict, "the account that HyperPod shares with is not documented, so the accounts cannot be listed",
		"ec2:ModifySnapshotAttribute")
	add(rules[shareImageRule] && !s.Strict, "can be called directly as well: that HyperPod calls with the keys of forward access sessions is not documented",
		"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute")
	add(rules[shareSnapshotRule] && !s.Strict && workflows[ShareImage] && len(s.Accounts) > 0, "the accounts that snapshots are shared with cannot be listed in a policy "+
		"that also lets HyperPod share: give ShareImage to another role", "ec2:ModifySnapshotAttribute")
	add(rules[directImageRule] || workflows[ShareImage], "once the guard tag is gone, nothing that is shared can be taken back: revoke first, then untag",
		"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute")
	add(rules[untagRule], "can be called while the AMI is still shared, and nothing that is shared can then be taken back under the guard: revoke first, then untag",
		"ec2:DeleteTags")
	add(rules[copyRule], "has no condition key for tags of the source, and none for the name or the encryption of the copy",
		"ec2:CopyImage")
	add(rules[copyRule] && len(s.Sources.Images)+len(s.Sources.Owners) > 0, "id and owner of the source are compared if EC2 tells them: the copy itself has neither yet (inferred), "+
		"so that a condition which insists on them might refuse every copy", "ec2:CopyImage")
	add(rules[retireRule], "can be told to deprecate an AMI that clusters still use: nothing in a policy knows",
		"ec2:EnableImageDeprecation")
	add((rules[shareImageRule] || rules[directImageRule]) && rules[tagRule], "one holder may both tag for sharing and share, so that the guard tag guards nothing against them: "+
		"give TagForSharing to another role", "ec2:CreateTags", "ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute")
	add(rules[accessEntryRule] && !s.Strict, "which principal, entry type and access policy HyperPod sets is not documented: "+
		"within this EKS cluster any can be, cluster administrator included",
		"eks:CreateAccessEntry", "eks:AssociateAccessPolicy", "eks:DeleteAccessEntry")
	return out
}
