// Package amishare answers whether an AMI is fit and allowed for SageMaker
// HyperPod, before a cluster call finds out twenty minutes later. A [Checker] reads
// EC2 by the two calls of [API] and nothing else.
//
//	checker := amishare.NewChecker(ec2.NewFromConfig(cfg))
//	report, err := checker.Check(ctx, hyperpodkit.ImageUse{Image: "ami-0123456789abcdef0"})
//	fmt.Print(report)
//
// Given to package hyperpod as Options.Images, a [Checker] is asked by every
// workflow that sends an image.
//
// # Three classes
//
// The literal "default" is HyperPod's own newest image: it passes without a call.
// A HyperPod public AMI (Amazon's, named "HyperPod …") must be available, of the
// right architecture and orchestrator, and should not be deprecated. Every other
// AMI is custom, and for it hold also: it belongs to the cluster's account (SDK,
// ClusterInstanceGroupSpecification.ImageId); it brings its root volume alone
// (same); it is unencrypted (same), or, on request, encrypted with the customer
// managed key of the group's root volume (developer guide, "Customer managed key
// encryption for HyperPod"); it is EBS-backed and HVM; and it was made from a
// HyperPod public AMI (developer guide, "Custom AMI"), as far as EC2 remembers.
//
// # The guard
//
// HyperPod shares a custom AMI and its snapshots with its own account during the
// cluster call, with the caller's rights. The developer guide's policy allows that
// for resources that carry the tag AllowSharing=true: the AMI and each of its
// snapshots, which are tagged separately. The checker looks for exactly that tag
// ([Options.Guard]) on all of them and names what only looks like it. The tag
// guards sharing, not which image runs: "default", public AMIs and release versions
// need no sharing.
//
// [Tagger] sets and removes it. That is the act of another role than the one that builds
// or rolls out AMIs. The order when withdrawing is to revoke first and to untag then:
// without the tag a guarded policy denies the revoke as well.
//
// # The life of an AMI
//
// [Base] finds the newest HyperPod public AMI to build from, and [BehindBase] tells how
// far a golden AMI's own base is behind it. [ImageAvailable], [SnapshotCompleted],
// [PermissionVisible] and [PermissionGone] wait. An [Auditor] tells how the account's
// AMIs are shared, and a [Retirer] whether one is unused, and deprecates it on request.
// Nothing in this package deregisters, disables, resets or deletes an AMI or a snapshot.
// [Each] does any of these jobs for many AMIs.
//
// # Sharing
//
// [Sharer] shares an AMI and its snapshots with other accounts as one unit, revokes
// that, and reconciles it to a wanted set: checked before the first write, read back
// after the last, undone on failure. That is for accounts of yours; HyperPod shares for
// itself. Since it takes AMIs of the cluster's own account only, the other account
// copies what was shared with it: [Adopter] does that, so that the copy is fit, found
// again after a failure, and made once.
//
// # Levels
//
// An error is what the service surely refuses, or, for the guard, what the policy
// refuses. A warning is legal but likely to hurt. Unknown is what EC2 alone cannot
// tell, such as whether a key is customer managed.
package amishare
