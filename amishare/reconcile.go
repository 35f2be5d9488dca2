package amishare

import "context"

// Grants say with whom an AMI is to be shared.
type Grants struct {
	// Wanted are those who shall have the grants.
	Wanted Principals
	// Prune are those who shall not. Nobody who is not named here loses anything.
	Prune Principals
}

// Reconcile grants what is wanted and lacking, then removes what is to be pruned. All
// other grants are kept and shown in the report: HyperPod's own grant is among them
// and looks like any other, since the service's accounts are not published. Removing
// one takes its id in Prune, and is refused while the AMI is in use ([ErrInUse]).
//
// Otherwise it is as [Sharer.Share] and [Sharer.Revoke]. Grants without Wanted and
// Prune change nothing and show what there is. The quota is counted before anything
// is pruned.
func (s *Sharer) Reconcile(ctx context.Context, image string, grants Grants) (*ShareReport, error) {
	return s.run(ctx, ActionReconcile, image, grants)
}

// PlanReconcile tells what [Sharer.Reconcile] would do, by reading only. The plan is never
// nil; the errors are those that Reconcile has before its first write.
func (s *Sharer) PlanReconcile(ctx context.Context, image string, grants Grants) (*SharePlan, error) {
	return s.plan(ctx, ActionReconcile, image, grants)
}
