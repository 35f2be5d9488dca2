package amishare

import (
	"context"
	"slices"
	"time"
)

// SharerOptions are those of a [Sharer].
type SharerOptions struct {
	// Options say which tag is the guard, whether encrypted AMIs are accepted, and how
	// long to wait until a change is seen. Here AllowEncrypted is for AMIs encrypted
	// with a customer managed key that those who shall use them may use.
	Options
	// AllowPublic lets [Everyone] be granted. The zero value never shares with
	// everyone.
	AllowPublic bool
	// InUse is asked before a grant is removed, which is refused while the AMI is in
	// use. Nil asks nobody: a warning of level unknown then says so.
	InUse InUse
	// CleanupTimeout is how long taking back a failed change may last, also when the
	// caller's context has ended. Zero means one minute.
	CleanupTimeout time.Duration
}

// Sharer shares AMIs of this account with others, an AMI and all its snapshots as one
// unit. What it does is checked before the first write and read back after the last,
// and a failure in between is undone. It may be used from many goroutines, though not
// on one AMI at a time.
//
// Sharing is not how HyperPod gets at an AMI: the service does that itself during the
// cluster call, with the caller's rights, and takes AMIs of the cluster's own account
// only (SDK, ClusterInstanceGroupSpecification.ImageId). Sharing is for another account
// of yours, which copies the AMI for its clusters: see [Adopter].
//
// It never deregisters, deletes or resets anything. Its role needs
// ec2:DescribeImages, DescribeSnapshots, DescribeImageAttribute,
// DescribeSnapshotAttribute, ModifyImageAttribute and ModifySnapshotAttribute.
type Sharer struct {
	api  SharerAPI
	opts SharerOptions
}

// NewSharer returns a sharer on an EC2 client of the AMIs' account and Region.
func NewSharer(api SharerAPI, optFns ...func(*SharerOptions)) *Sharer {
	opts := SharerOptions{Options: resolve(api, nil)}
	for _, fn := range optFns {
		fn(&opts)
	}
	if opts.CleanupTimeout <= 0 {
		opts.CleanupTimeout = time.Minute
	}
	return &Sharer{api: api, opts: opts}
}

// Share gives principals the launch permission of an AMI, and the create volume
// permission of each of its snapshots, as far as they lack them. Snapshots are shared
// first, the AMI last, so that nobody sees an AMI whose snapshots are closed.
//
// A nil error means that all of it was seen to be granted. After an error the grants
// are as before, unless it is [ErrNotUndone]; the report, which is never nil, tells
// what was done. Before anything is written it refuses: an AMI that breaks a rule of
// [Checker] that can be told without its use, the guard tag on the AMI and each
// snapshot included ([ErrUnfit]); what [Tagger] refuses; malformed, duplicate and own
// ids ([ErrAccountID], [ErrOrganizationARN], [ErrUnitARN], [ErrDuplicate],
// [ErrOwnAccount]); everyone ([ErrPublic]); nobody ([ErrNoPrincipals]); and more
// grants than EC2 takes ([ErrQuota]). Each error is an [*ImageError].
//
// Writes are sent in calls of at most 500 principals, which is EC2's limit for
// snapshots (EC2 API Reference, ModifySnapshotAttribute). A call that EC2 refuses is
// assumed to have changed nothing.
func (s *Sharer) Share(ctx context.Context, image string, to ...Principals) (*ShareReport, error) {
	return s.run(ctx, ActionShare, image, Grants{Wanted: slices.Concat(to...)})
}

// PlanShare tells what [Sharer.Share] would do, by reading only. The plan is never nil; the
// errors are those that Share has before its first write.
func (s *Sharer) PlanShare(ctx context.Context, image string, to ...Principals) (*SharePlan, error) {
	return s.plan(ctx, ActionShare, image, Grants{Wanted: slices.Concat(to...)})
}

// Apply does what a plan says, which may have been stored as JSON meanwhile. It looks
// again first: [ErrStale] means that what would have to be done is no longer that. A
// race between that look and the writes remains.
func (s *Sharer) Apply(ctx context.Context, plan *SharePlan) (*ShareReport, error) {
	now, err := s.plan(ctx, plan.Action, plan.Image, plan.Grants)
	if err == nil && !sameChanges(now.Changes, plan.Changes) {
		err = &ImageError{Image: plan.Image, Resource: plan.Image, Err: ErrStale}
	}
	report := newShareReport(now)
	if err != nil {
		return report, err
	}
	return report, s.apply(ctx, report)
}

// run plans and applies.
func (s *Sharer) run(ctx context.Context, action ShareAction, image string, grants Grants) (*ShareReport, error) {
	plan, err := s.plan(ctx, action, image, grants)
	report := newShareReport(plan)
	if err != nil {
		return report, err
	}
	return report, s.apply(ctx, report)
}
