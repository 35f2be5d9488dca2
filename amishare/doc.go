// Package amishare answers whether an AMI is fit and allowed for SageMaker
// HyperPod, before a cluster call finds out twenty minutes later, and shares, copies,
// audits and retires AMIs.
//
//	checker := amishare.NewChecker(ec2.NewFromConfig(cfg))
//	report, err := checker.Check(ctx, hyperpodkit.ImageUse{Image: "ami-0123456789abcdef0"})
//	fmt.Print(report)
//
// # Jobs
//
//   - Check: [Checker.Check] judges AMIs for their uses, [Checker.CheckImage] one of them,
//     by two reading calls of EC2. Given to package hyperpod as Options.Images, a [Checker]
//     is asked by every workflow that sends an image.
//   - Allow sharing: [Tagger.TagForSharing] sets the guard tag on an AMI and its snapshots,
//     [Tagger.Untag] removes it.
//   - Share with other accounts: [Sharer.Share] with [Accounts], [Organizations] or
//     [OrganizationalUnits]; [Sharer.Revoke] takes it back, and [Sharer.Reconcile] brings it to
//     a wanted set.
//   - Look first: [Sharer.PlanShare], [Sharer.PlanRevoke] and [Sharer.PlanReconcile] tell what
//     would be done, [Sharer.DryRun] whether EC2 would let it, and [Sharer.Apply] does it.
//   - Adopt what others have shared, or another Region has: [Adopter.Adopt] copies it,
//     since HyperPod takes AMIs of the cluster's own account and Region only.
//   - Audit: [Auditor.Audit] tells how the account's AMIs are shared.
//   - Retire: [Retirer.Retire] tells whether an AMI is unused, and deprecates it on
//     request. Nothing in this package deregisters, disables, resets or deletes an AMI or
//     a snapshot.
//   - Build: [Base] finds the newest HyperPod public AMI to build from, [BehindBase] tells
//     how far a golden AMI's own base is behind it.
//   - Wait: [ImageAvailable], [SnapshotCompleted], [PermissionVisible], [PermissionGone].
//   - Many AMIs: [Each] does any of these jobs for all of them.
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
// on all of them and names what only looks like it. The tag guards sharing, not which
// image runs: "default", public AMIs and release versions need no sharing.
//
// Tagging is the act of another role than the one that builds or rolls out AMIs. The
// order when withdrawing is to revoke first and to untag then: without the tag a guarded
// policy denies the revoke as well.
//
// # Sharing
//
// An AMI and its snapshots are shared as one unit: checked before the first write, read
// back after the last, undone on failure. That is for accounts of yours; HyperPod shares
// for itself. A grant that nobody asked for is kept, since it may be the service's own,
// unless [Grants] name it in Prune, and nothing is removed while a cluster uses the AMI, as
// far as [SharerOptions].InUse can tell.
//
// # Findings
//
// An error is what the service surely refuses, or, for the guard, what the policy
// refuses. A warning is legal but likely to hurt. Unknown is what EC2 alone cannot
// tell, such as whether a key is customer managed.
//
// # Options
//
// [Options] say which tag is the guard, whether encrypted AMIs are accepted, where the API
// looks, and how long to wait until a write is visible. [SharerOptions] and [AdoptOptions]
// hold them too; [AuditOptions], [RetireOptions], [UntagOptions] and [EachOptions] are given to
// the call. The zero value of each works, and is the careful one.
//
// # Errors
//
// One that is about an AMI names it, and its resource, as an [*ImageError]. All unwrap to
// what is the matter, or to what the SDK says:
//
//   - [ErrImageNotFound], [ErrSnapshotNotFound], [ErrNoSnapshots], [ErrNotOwner]: what there is
//     to work on.
//   - [ErrImageID], [ErrSnapshotID], [ErrAccountID], [ErrOrganizationARN], [ErrUnitARN],
//     [ErrRegion], [ErrLine], [ErrNoPrincipals], [ErrDuplicate], [ErrOwnAccount], [ErrPublic],
//     [ErrQuota]: the input was refused, and nothing was written.
//   - [ErrUnfit], an [*UnfitError] with its findings: the AMI breaks a rule.
//   - [ErrStale]: the grants are not those that the plan saw. Plan again.
//   - [ErrInUse]: something needs the AMI. [ErrSharedStill], a [*SharedStillError]: others
//     still have permissions on it.
//   - [ErrNotVerified]: EC2 took a change and did not show it in time.
//   - [ErrNotUndone]: a change failed, and so did taking it back; the report tells what stays.
//   - [ErrAdopted]: no copy is needed. [ErrCopyFailed]: EC2 could not make it.
//   - [ErrNoBase] and [ErrBaseUnknown]: there is no such HyperPod AMI, or EC2 does not tell.
//
// A wait ends with the errors of package waiter/poll. A check that finds something has no
// error: its report is not OK.
//
// # Testing
//
// Package amisharetest is an emulator with a real *ec2.Client, for any number of accounts
// and Regions. Each constructor takes an interface with just the calls that it makes, such
// as [API] and [SharerAPI]; a fake of one's own embeds [UnimplementedAPI].
package amishare
