package policy

import "fmt"

// Workflow is something a program does with this library, and that its principal
// must be allowed to do.
type Workflow uint8

// The workflows. Those that change clusters include watching them until the change is
// done; those on AMIs include looking at the AMIs.
const (
	// Read describes and lists clusters and nodes, and waits for them.
	Read Workflow = iota + 1
	// CreateCluster creates clusters.
	CreateCluster
	// UpdateGroups scales, adds, edits and deletes instance groups.
	UpdateGroups
	// RollImage replaces the image that instance groups run.
	RollImage
	// DeleteCluster deletes clusters.
	DeleteCluster
	// OperateNodes adds, deletes, replaces and reboots chosen nodes.
	OperateNodes
	// TagClusters reads and changes the tags of existing clusters, but never the one
	// that a [ClusterTag] selects them by.
	TagClusters
	// CheckImage looks at AMIs and their snapshots before they are used.
	CheckImage
	// TagForSharing sets the guard tag on AMIs and snapshots. Whoever builds or
	// rolls AMIs should not be able to: give it to a role of its own.
	TagForSharing
	// UntagForSharing removes the guard tag from AMIs and snapshots that nobody has
	// permissions on any more.
	UntagForSharing
	// ShareImage shares tagged AMIs and their snapshots with other accounts of one's
	// own, and takes that back: not through HyperPod, but directly.
	ShareImage
	// AdoptImage copies AMIs that other accounts share into this one. The copies get
	// tags that tell where they come from, and never the guard tag.
	AdoptImage
	// AuditImages reads with whom the account's AMIs and their snapshots are shared.
	AuditImages
	// RetireImage deprecates tagged AMIs. Whether clusters use them is for [Read] to
	// find out.
	RetireImage
)

// String returns the name of the constant.
func (w Workflow) String() string {
	names := [...]string{
		"", "Read", "CreateCluster", "UpdateGroups", "RollImage", "DeleteCluster", "OperateNodes", "TagClusters", "CheckImage", "TagForSharing",
		"UntagForSharing", "ShareImage", "AdoptImage", "AuditImages", "RetireImage",
	}
	if !w.known() {
		return fmt.Sprintf("Workflow(%d)", uint8(w))
	}
	return names[w]
}

// MarshalText encodes the workflow as its name.
func (w Workflow) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

func (w Workflow) known() bool { return w >= Read && w <= RetireImage }

// need is an action that a workflow takes, and the rule by which it is scoped.
type need struct {
	action string
	rule   rule
	why    string
	source *Source
}

// needs returns what the workflow takes within the scope.
func (w Workflow) needs(s Scope) []need {
	switch w {
	case Read:
		return append(watch(clusterRule), readNode(),
			need{"sagemaker:ListClusters", listRule, "finds clusters by name", reference})
	case CreateCluster:
		return s.create()
	case UpdateGroups:
		return s.update()
	case RollImage:
		return s.roll()
	case DeleteCluster:
		return s.remove()
	case OperateNodes:
		return s.operate()
	case TagClusters:
		return []need{
			{"sagemaker:DescribeCluster", clusterRule, "reads the cluster's ARN, which tags are set on", reference},
			{"sagemaker:ListTags", clusterRule, "reads the tags that are there", reference},
			{"sagemaker:AddTags", clusterTagRule, "sets tags", reference},
			{"sagemaker:DeleteTags", clusterTagRule, "removes tags", reference},
		}
	case CheckImage, TagForSharing, UntagForSharing, ShareImage, AdoptImage, AuditImages, RetireImage:
		return w.imageNeeds(s)
	default:
		return nil
	}
}

func (s Scope) create() []need {
	watched := clusterRule
	if s.Clusters.kind == clustersByARN {
		watched = newClusterRule
	}
	needs := append(watch(watched),
		need{"sagemaker:CreateCluster", createRule, "creates the cluster", reference},
		need{"iam:CreateServiceLinkedRole", linkedRoleRule, "makes HyperPod's service-linked role for the account's first cluster", dependents})
	if len(s.creationTags()) > 0 {
		needs = append(needs,
			need{"sagemaker:AddTags", creationTagRule, "tags the cluster as it is created", dependents})
	}
	if s.Clusters.kind != clustersByARN {
		needs = append(needs, updateSoftware(operations), updateSoftware(handlers))
	}
	needs = append(needs, s.passRoles()...)
	needs = append(needs, s.share()...)
	needs = append(needs, s.accessEntries()...)
	return append(needs, s.grants(volumeKeys, handlers)...)
}

func (s Scope) update() []need {
	rule := clusterRule
	if len(s.InstanceTypes)+len(s.Subnets)+len(s.SecurityGroups) > 0 {
		rule = updateRule
	}
	needs := append(watch(clusterRule),
		need{"sagemaker:UpdateCluster", rule, "changes the instance groups", reference},
		need{"sagemaker:BatchAddClusterNodes", clusterRule, "UpdateCluster adds nodes by it", dependents},
		need{"sagemaker:BatchDeleteClusterNodes", clusterRule, "UpdateCluster removes nodes by it", dependents},
		updateSoftware(operations), updateSoftware(handlers))
	needs = append(needs, s.passRoles()...)
	needs = append(needs, s.share()...)
	needs = append(needs, s.accessEntries()...)
	return append(needs, s.grants(volumeKeys, handlers)...)
}

func (s Scope) roll() []need {
	needs := append(watch(clusterRule), readNode(),
		need{"sagemaker:UpdateClusterSoftware", clusterRule, "replaces the image of instance groups", reference})
	needs = append(needs, s.share()...)
	if s.Orchestrator.kind == orchestratorEKS {
		needs = append(needs, describeEKS())
	}
	return append(needs, s.grants(volumeKeys)...)
}

func (s Scope) operate() []need {
	needs := append(watch(clusterRule), readNode(),
		need{"sagemaker:BatchAddClusterNodes", clusterRule, "adds nodes", reference},
		need{"sagemaker:BatchDeleteClusterNodes", clusterRule, "deletes chosen nodes", reference},
		need{"sagemaker:BatchRebootClusterNodes", clusterRule, "reboots chosen nodes", operations},
		need{"sagemaker:BatchReplaceClusterNodes", clusterRule, "replaces chosen nodes", operations})
	if s.Orchestrator.kind == orchestratorEKS {
		needs = append(needs, describeEKS())
	}
	return append(needs, s.grants(volumeKeys)...)
}

func (s Scope) remove() []need {
	needs := []need{
		{"sagemaker:DeleteCluster", clusterRule, "deletes the cluster", reference},
		{"sagemaker:DescribeCluster", clusterRule, "waits until the cluster is gone", reference},
		{"sagemaker:ListClusterNodes", clusterRule, "reads why a deletion hangs, which nodes alone say", reference},
		{"sagemaker:ListClusterEvents", clusterRule, "finds the events that tell why a deletion hangs", reference},
		{"sagemaker:DescribeClusterEvent", clusterRule, "reads those events whole", reference},
	}
	if s.Clusters.kind == clustersByTag {
		needs = append(needs, need{"sagemaker:DescribeCluster", goneRule, "learns that the cluster is gone, and its tags with it", reference})
	}
	if s.Orchestrator.kind == orchestratorEKS {
		needs = append(needs,
			need{"eks:DeleteAccessEntry", accessEntryRule, "HyperPod gives up its access to the EKS cluster", dependents},
			need{"eks:DescribeAccessEntry", accessEntryRule, "HyperPod looks at its access to the EKS cluster", handlers})
	}
	return needs
}

func watch(r rule) []need {
	return []need{
		{"sagemaker:DescribeCluster", r, "reads status, instance groups and failure messages", reference},
		{"sagemaker:ListClusterNodes", r, "reads the nodes' status and failure messages", reference},
		{"sagemaker:ListClusterEvents", r, "finds the events that tell why something failed", reference},
		{"sagemaker:DescribeClusterEvent", r, "reads those events whole", reference},
	}
}

// readNode is for whoever looks at nodes one by one: watching a cluster takes lists alone.
func readNode() need {
	return need{"sagemaker:DescribeClusterNode", clusterRule, "reads the image that a node runs", reference}
}

// updateSoftware is asked for by two of the sources beside the calls that create
// and update clusters; the dependent actions do not have it.
func updateSoftware(source *Source) need {
	return need{"sagemaker:UpdateClusterSoftware", clusterRule, "listed among the actions of the calls that create and update clusters", source}
}

func (s Scope) passRoles() []need {
	needs := []need{
		{"iam:PassRole", passRoleRule, "gives instance groups their execution role", dependents},
		{"iam:PassRole", passRoleRule, "gives instance groups their execution role", operations},
	}
	if s.ClusterRole != "" {
		needs = append(needs, need{"iam:PassRole", passClusterRoleRule, "gives the cluster its role for autoscaling", dependents})
	}
	return needs
}

// share is what the service does with a custom AMI before it launches it.
func (s Scope) share() []need {
	reading := describeImagesRule
	if s.Strict {
		reading = forwardedReadRule
	}
	return append(describeImages(reading, "HyperPod validates a custom AMI with the caller's rights", dependents),
		need{"ec2:ModifyImageAttribute", shareImageRule, "HyperPod shares the AMI with the account that runs the instances", dependents},
		need{"ec2:ModifySnapshotAttribute", shareSnapshotRule, "HyperPod shares the AMI's snapshots with the account that runs the instances", dependents})
}

func describeEKS() need {
	return need{"eks:DescribeCluster", eksRule, "HyperPod looks at the EKS cluster", dependents}
}

func (s Scope) accessEntries() []need {
	if s.Orchestrator.kind != orchestratorEKS {
		return nil
	}
	const why = "HyperPod sets up its access to the EKS cluster"
	creating, associating := eksRule, accessEntryRule
	if s.Strict {
		creating, associating = createEntryRule, accessPolicyRule
	}
	return []need{
		describeEKS(),
		{"eks:CreateAccessEntry", creating, why, dependents},
		{"eks:DescribeAccessEntry", accessEntryRule, why, dependents},
		{"eks:DeleteAccessEntry", accessEntryRule, why, dependents},
		{"eks:AssociateAccessPolicy", associating, why, dependents},
	}
}

// grants is what volumes with a customer managed key take.
func (s Scope) grants(sources ...*Source) []need {
	if len(s.KMSKeys) == 0 {
		return nil
	}
	var needs []need
	for _, source := range sources {
		needs = append(needs,
			need{"kms:CreateGrant", grantRule, "lets the instances use the key of their volumes", source},
			need{"kms:DescribeKey", describeKeyRule, "HyperPod looks at the key of the volumes", source})
	}
	return needs
}
