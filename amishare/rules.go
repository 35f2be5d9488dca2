package amishare

// The rules of a check, as they stand in [hyperpodkit.Finding.Rule]. They are
// stable. Which of them hold for which image is told in the package documentation.
const (
	// RuleImageID: the image is "default" or has the form of an AMI id.
	RuleImageID = "image-id"
	// RuleImageNotFound: the AMI exists and is visible.
	RuleImageNotFound = "image-not-found"
	// RuleRegion: the AMI was looked up in the cluster's Region.
	RuleRegion = "image-region"
	// RuleOwner: the AMI belongs to the cluster's account.
	RuleOwner = "image-owner"
	// RuleState: the AMI is available.
	RuleState = "image-state"
	// RuleDeprecated: the AMI is not deprecated.
	RuleDeprecated = "image-deprecated"
	// RuleAllowed: a public AMI meets the account's Allowed AMIs criteria.
	RuleAllowed = "image-allowed"
	// RuleArchitecture: the AMI is for the architecture of the instance types.
	RuleArchitecture = "image-architecture"
	// RuleOrchestrator: the AMI is for the cluster's orchestrator.
	RuleOrchestrator = "image-orchestrator"
	// RuleKubernetes: the AMI is for the cluster's minor version of Kubernetes.
	RuleKubernetes = "image-kubernetes"
	// RuleVirtualization: the AMI is HVM.
	RuleVirtualization = "image-virtualization"
	// RulePublicImage: a custom AMI is not public.
	RulePublicImage = "image-public"
	// RuleBase: the AMI was made from a HyperPod public AMI.
	RuleBase = "image-base"
	// RuleRootDevice: the AMI has an EBS root volume.
	RuleRootDevice = "root-device"
	// RuleExtraVolume: the AMI brings no volume but its root.
	RuleExtraVolume = "extra-volume"
	// RuleSnapshotNotFound: the AMI's snapshots exist.
	RuleSnapshotNotFound = "snapshot-not-found"
	// RuleSnapshotState: the AMI's snapshots are completed and not archived.
	RuleSnapshotState = "snapshot-state"
	// RuleEncrypted: the AMI's snapshots are unencrypted, unless opted in.
	RuleEncrypted = "snapshot-encrypted"
	// RuleManagedKey: the key of an encrypted AMI is customer managed.
	RuleManagedKey = "snapshot-managed-key"
	// RuleRootVolumeKey: an encrypted AMI and the group's root volume have one key.
	RuleRootVolumeKey = "root-volume-key"
	// RuleImageTag: the AMI carries the guard tag.
	RuleImageTag = "image-guard-tag"
	// RuleSnapshotTag: each of the AMI's snapshots carries the guard tag.
	RuleSnapshotTag = "snapshot-guard-tag"
	// RuleImageTagNearMiss: no tag of the AMI is almost the guard tag.
	RuleImageTagNearMiss = RuleImageTag + nearMissSuffix
	// RuleSnapshotTagNearMiss: no tag of a snapshot is almost the guard tag.
	RuleSnapshotTagNearMiss = RuleSnapshotTag + nearMissSuffix
	// RuleSharedUntagged: nothing without the guard tag is shared. An audit's.
	RuleSharedUntagged = "shared-untagged"
	// RulePublicSnapshot: no snapshot is public. An audit's.
	RulePublicSnapshot = "snapshot-public"
	// RulePermissionsDiffer: an AMI and its snapshots are shared with the same. An
	// audit's.
	RulePermissionsDiffer = "permissions-differ"

	nearMissSuffix = "-near-miss"
)
