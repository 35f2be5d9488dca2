package hyperpod

import (
	"context"
	"time"

	"github.com/hyperpodkit/hyperpodkit"
)

// Roll says which image goes onto which groups, and how. Image, Groups, Batch and
// ReplaceRootVolumes must be set: each of them has no harmless default.
type Roll struct {
	// Image is [AMI], [DefaultImage] or [Release].
	Image Image

	// Groups is [Named] or [AllGroups].
	Groups GroupSelection

	// Batch is how many nodes of a group are replaced at a time: [Nodes] or [Percent],
	// on EKS only, or [AllAtOnce].
	Batch Batch

	// RollbackBatch is how many nodes are taken back at a time when a batch fails.
	// Zero leaves it to the service. It needs a Batch of nodes or percent.
	RollbackBatch Batch

	// WaitInterval is the pause between batches, up to an hour, in which the service
	// watches the alarms. It is sent in whole seconds.
	WaitInterval time.Duration

	// Alarms are names of CloudWatch alarms, 10 at most: the service rolls back when one
	// of them fires. The groups' execution roles need cloudwatch:DescribeAlarms.
	Alarms []string

	// ReplaceRootVolumes is the consent to what the operation does: every node's root
	// volume is replaced, and what is on it is lost. It must be true.
	ReplaceRootVolumes bool

	// OneByOne rolls one group after another, in the order named, or in the service's for
	// [AllGroups], and stops at the first that fails. False rolls all of them together,
	// in one request.
	OneByOne bool

	// Force sends what the service is known to refuse or ignore: on Slurm an AMI for a
	// group on HyperPod's own image (developer guide, "Cluster management with custom
	// AMIs"), which is right only where the AMI is a public one of HyperPod; and a release
	// version for a group on a custom AMI.
	Force bool

	// KeepDone leaves the groups that came onto the image where another one fails. False
	// takes them back.
	KeepDone bool
}

// RollImage puts an image onto instance groups and waits until every node runs it.
//
// It is a [Cluster.PlanRoll], of which it has the errors and skips, then
// [Cluster.StartRoll] and [Cluster.AwaitRoll], for all groups together or one after
// another. Success is judged by images and nodes: an update that the service has rolled
// back is an error, [waiter.ErrRolledBack], although the groups are healthy again. Where
// the service reports too little to tell, the group's outcome is [OutcomeUnproven], which
// is no error, and the report says so.
//
// When a group fails, those that came onto the image are taken back to the image or the
// release that they ran before, by the plans of [RollPlan.Back], once the cluster is
// free; so are those left incomplete. Roll.KeepDone leaves them. The error joins the
// cause and, where a group could not be taken back, [ErrNotTakenBack]. Nothing is taken
// back when the wait ended early, by a timeout or a cancellation, or when nobody knows
// whether a request was accepted: the service may go on with it.
//
// Options.Poll bounds the roll with all its groups, and once more the undo.
// Options.WaitBusy waits while another operation is in the way. With Options.NoWait
// nothing is waited for and nothing taken back, and Roll.OneByOne is refused. The report
// is never nil; it names each group's outcome.
func (c *Cluster) RollImage(ctx context.Context, roll Roll) (*Report, error) {
	r := c.start(OperationRoll)
	return r.end(ctx, r.rollImage(ctx, roll))
}

func (r *run) rollImage(ctx context.Context, roll Roll) error {
	if err := r.found(ctx, roll.checkWait(r.options)); err != nil {
		return err
	}
	var plan *RollPlan
	err := r.whenFree(ctx, func(ctx context.Context) (err error) {
		if plan, err = r.planRoll(ctx, nil, roll); err != nil {
			return err
		}
		return r.startFirst(ctx, plan)
	})
	if plan == nil {
		return err
	}
	if err == nil {
		err = r.rollSteps(ctx, plan)
	}
	r.report.Groups = r.roll.inOrder(plan)
	if err != nil && !plan.KeepDone && r.settled && ctx.Err() == nil {
		return joined(err, r.takeBack(ctx, plan, err))
	}
	return err
}

// startFirst sends what comes first of a plan.
func (r *run) startFirst(ctx context.Context, plan *RollPlan) error {
	if plan.Empty() {
		return nil
	}
	return r.startRoll(ctx, plan.steps()[0], r.report.Cluster)
}

// rollSteps waits for what was sent first and goes on with the groups that come after.
func (r *run) rollSteps(ctx context.Context, plan *RollPlan) error {
	if plan.Empty() || r.options.NoWait {
		return nil
	}
	for i, step := range plan.steps() {
		if i > 0 {
			if err := r.startNext(ctx, step); err != nil {
				return err
			}
		}
		results, err := r.awaitRoll(ctx, step, r.roll.requested)
		r.roll.results = append(r.roll.results, results...)
		if err != nil {
			return err
		}
	}
	return nil
}

// startNext sends a step after others, if its groups are still as they were seen.
func (r *run) startNext(ctx context.Context, step *RollPlan) error {
	if err := step.stale(r.roll.last); err != nil {
		return &Error{Operation: r.report.Operation, Cluster: r.report.Cluster, Condition: ErrStale, Err: err}
	}
	step.live = r.roll.last
	return r.whenFree(ctx, func(ctx context.Context) error { return r.startRoll(ctx, step, r.target()) })
}

// steps are the requests that a plan makes, one after another.
func (p *RollPlan) steps() []*RollPlan {
	if !p.OneByOne {
		return []*RollPlan{p}
	}
	var steps []*RollPlan
	for _, g := range p.Groups {
		steps = append(steps, p.Only(g.Name))
	}
	return steps
}

// checkWait refuses what cannot be done without waiting.
func (roll Roll) checkWait(o Options) []hyperpodkit.Finding {
	if !o.NoWait || !roll.OneByOne {
		return nil
	}
	return []hyperpodkit.Finding{{
		Level: hyperpodkit.Error, Rule: "roll-no-wait", Path: "OneByOne", Found: "set together with Options.NoWait: each group is waited for before the next", Fix: "wait, or roll the groups together",
	}}
}
