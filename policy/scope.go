package policy

import (
	"cmp"
	"slices"
)

// The tag that guards sharing unless a [Scope] names another: an AMI and its
// snapshots are shared with the service only if they carry it ("Cluster
// management with custom AMIs", SageMaker AI Developer Guide).
const (
	GuardTagKey   = "AllowSharing"
	GuardTagValue = "true"
)

// Tag is the key and value of a tag.
type Tag struct {
	Key, Value string
}

// Scope says on what the workflows of a policy work. Everything that is named here
// ends up in a Resource or a Condition.
type Scope struct {
	// Partition is the AWS partition, such as "aws" or "aws-us-gov".
	Partition string
	// Region is the Region of the clusters, such as "us-west-2".
	Region string
	// Account is the account of the clusters, twelve digits.
	Account string

	// Clusters selects the clusters. Its zero value is an error for workflows on
	// clusters.
	Clusters Clusters
	// Orchestrator is the clusters' orchestrator. Its zero value is an error for
	// workflows that change clusters.
	Orchestrator Orchestrator
	// ExecutionRoles are the ARNs of the roles that instance groups run as, of the
	// same account. Creating clusters and updating groups need at least one.
	ExecutionRoles []string
	// ClusterRole is the ARN of the role by which the service scales clusters on EKS, of
	// the same account. See [ClusterRole] for its policy. Empty means that the clusters
	// have none.
	ClusterRole string
	// Tags are the tags that clusters are created with: CreateCluster must carry
	// all of them and no others. The tag of [ClusterTag] is added by itself. Empty
	// means that clusters are created without tags.
	Tags []Tag

	// Guard is the tag without which no AMI and no snapshot is shared. Its zero
	// value means [GuardTagKey] = [GuardTagValue].
	Guard Tag
	// Images are the AMIs that may be shared or tagged, as ids or ARNs. Empty
	// means every AMI of the Region that has the guard tag, or for
	// [TagForSharing] every AMI.
	Images []string
	// Snapshots are the snapshots that may be shared or tagged, as ids or ARNs.
	// Empty means the same as for Images.
	Snapshots []string

	// Accounts are the accounts that [ShareImage] shares snapshots with, twelve digits
	// each. Empty means any. AMIs cannot be limited so: no condition key tells with
	// whom an AMI is shared.
	Accounts []string
	// Sources narrows what [AdoptImage] copies.
	Sources Sources

	// InstanceTypes limits the instance types that clusters are created and
	// updated with, such as "ml.p5.48xlarge". Empty means no limit.
	InstanceTypes []string
	// Subnets limits the subnets, by id. Empty means no limit.
	Subnets []string
	// SecurityGroups limits the security groups, by id. Empty means no limit.
	SecurityGroups []string

	// Strict adds what would narrow the policy further, but rests on what AWS does not
	// document: that HyperPod calls EC2 and EKS with the caller's rights by forward
	// access sessions, for which principals and with which access policies it sets up its
	// access to an EKS cluster, and that it says for which resource it assumes a role.
	// [Explain], and for any document [Assumptions], tell how to see in CloudTrail
	// whether that holds; where it does not, workflows are refused. Default policies work
	// either way.
	Strict bool

	// KMSKeys are the ARNs of the customer managed keys of the clusters' volumes and
	// of the copies that [AdoptImage] makes, of this Region and any account. Empty means
	// that nothing is encrypted with a customer managed key, and no statement about KMS
	// is generated.
	KMSKeys []string
}

// Sources says what [AdoptImage] may copy. Its zero value means every AMI of the
// scope's Region that EC2 lets the account copy.
type Sources struct {
	// Images are the ids of the AMIs. Empty means any.
	Images []string
	// Owners are the accounts that share them, twelve digits each. Empty means any.
	Owners []string
	// Regions are Regions to copy from beside the scope's own. Empty means none.
	Regions []string
	// KMSKeys are the ARNs of the customer managed keys that the AMIs are encrypted with,
	// of any account and of a Region to copy from. Empty means that none is.
	KMSKeys []string
}

// Clusters selects the clusters that a policy is about. It is made by
// [ClusterARNs], [ClusterTag] or [AnyCluster].
type Clusters struct {
	kind clustersKind
	arns []string
	tag  Tag
}

type clustersKind uint8

const (
	clustersUnset clustersKind = iota
	clustersByARN
	clustersByTag
	clustersAny
)

// ClusterARNs selects clusters by ARN, as DescribeCluster returns it: it ends in an
// id that the service makes, not in the cluster's name. With no ARN at all it
// selects no existing cluster, which suits a policy that only creates some.
//
// The ARN of a cluster is not known before it is created. CreateCluster, and
// reading what becomes of it, is therefore allowed on every cluster of the
// account and Region when clusters are selected this way.
func ClusterARNs(arns ...string) Clusters {
	return Clusters{kind: clustersByARN, arns: slices.Clone(arns)}
}

// ClusterTag selects the clusters that have a tag. CreateCluster must then set it,
// and no generated policy lets its holder change it afterwards.
func ClusterTag(key, value string) Clusters {
	return Clusters{kind: clustersByTag, tag: Tag{key, value}}
}

// AnyCluster selects every cluster of the account and Region.
func AnyCluster() Clusters { return Clusters{kind: clustersAny} }

// Orchestrator is what schedules work on the clusters. It is made by [EKS] or
// [Slurm].
type Orchestrator struct {
	kind orchestratorKind
	arns []string // of EKS clusters
}

type orchestratorKind uint8

const (
	orchestratorUnset orchestratorKind = iota
	orchestratorEKS
	orchestratorSlurm
)

// EKS says that the clusters are orchestrated by the EKS clusters of these ARNs. The
// service takes one HyperPod cluster for one EKS cluster, so that several clusters need
// several; no condition key tells which belongs to which.
func EKS(arn string, more ...string) Orchestrator {
	return Orchestrator{kind: orchestratorEKS, arns: append([]string{arn}, more...)}
}

// Slurm says that the clusters are orchestrated by Slurm: the policy has no
// statement about EKS.
func Slurm() Orchestrator { return Orchestrator{kind: orchestratorSlurm} }

// guard returns the guard tag with its default.
func (s Scope) guard() Tag {
	if s.Guard == (Tag{}) {
		return Tag{GuardTagKey, GuardTagValue}
	}
	return s.Guard
}

// creationTags returns the tags of new clusters, sorted by key.
func (s Scope) creationTags() []Tag {
	tags := slices.Clone(s.Tags)
	if s.Clusters.kind == clustersByTag && !slices.Contains(tags, s.Clusters.tag) {
		tags = append(tags, s.Clusters.tag)
	}
	slices.SortFunc(tags, func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) })
	return tags
}
