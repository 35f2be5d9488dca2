package amishare

import (
	"context"
	"slices"
)

// Revoke takes from principals the launch permission of an AMI, and the create volume
// permission of each of its snapshots, as far as they have them: the AMI first, its
// snapshots last. What they have copied or launched stays theirs.
//
// It refuses while the AMI is in use ([ErrInUse]), as far as [SharerOptions.InUse] can
// tell: the grant by which HyperPod launches an AMI looks like any other, and without
// it nodes can be neither added nor replaced (inferred). Otherwise it is as
// [Sharer.Share], but that an AMI need not be fit for that, and that a missing guard
// tag is a warning: a policy with that guard denies the revoke as well, so revoke
// first and untag afterwards.
func (s *Sharer) Revoke(ctx context.Context, image string, from ...Principals) (*ShareReport, error) {
	return s.run(ctx, ActionRevoke, image, Grants{Prune: slices.Concat(from...)})
}

// PlanRevoke tells what [Sharer.Revoke] would do, by reading only. The plan is never nil; the
// errors are those that Revoke has before its first write.
func (s *Sharer) PlanRevoke(ctx context.Context, image string, from ...Principals) (*SharePlan, error) {
	return s.plan(ctx, ActionRevoke, image, Grants{Prune: slices.Concat(from...)})
}
