package hyperpod

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Back returns the plans that take the plan's groups back to what they ran before, one for
// each image or release to go back to, in the order of the groups. Groups without
// [RollGroup].Back are left out. They are recorded as a roll that went well leaves them:
// all instances on the plan's image, the last update Succeeded. Batches are those of the
// plan's RollbackBatch, or else its Batch; nothing watches alarms or waits between
// batches, since an alarm that fires would stop the way back.
func (p *RollPlan) Back() []*RollPlan {
	var plans []*RollPlan
	for _, g := range p.Groups {
		if g.Back == (Image{}) {
			continue
		}
		at := slices.IndexFunc(plans, func(back *RollPlan) bool { return back.Image == g.Back })
		if at < 0 {
			at = len(plans)
			plans = append(plans, &RollPlan{
				Cluster: p.Cluster, ARN: p.ARN, Image: g.Back, Deployment: p.Deployment.back(), OneByOne: p.OneByOne, KeepDone: true, Described: p.Described,
			})
		}
		plans[at].Groups = append(plans[at].Groups, RollGroup{
			Name: g.Name, Nodes: g.Nodes, Target: g.Target, Out: plans[at].Deployment.Batch.Of(g.Nodes, g.Target),
			CurrentImage: p.Image.id, DesiredImage: p.Image.id, CurrentRelease: p.Image.release, DesiredRelease: p.Image.release,
			Status: string(types.SoftwareUpdateStatusSucceeded), OnDesired: aws.Int32(g.Nodes), Back: p.Image,
		})
	}
	return plans
}

// back is how nodes are replaced on the way back.
func (d Deployment) back() Deployment {
	if d.RollbackBatch.sized() {
		return Deployment{Batch: d.RollbackBatch}
	}
	return Deployment{Batch: d.Batch}
}

// takeBack takes back the groups of a roll that came onto its image, as far as they can
// be, after another one failed.
func (r *run) takeBack(ctx context.Context, plan *RollPlan, cause error) error {
	var came []string
	for _, g := range r.report.Groups {
		if slices.Contains(r.roll.sent, g.Name) && (g.Outcome == OutcomeOnImage || g.Outcome == OutcomeUnproven || g.Outcome == OutcomeIncomplete) {
			came = append(came, g.Name)
		}
	}
	if len(came) == 0 {
		return nil
	}
	r.emit(ctx, Event{Kind: EventUndo, Err: cause})
	r.waiting = time.Time{} // the undo has a time of its own
	done := plan.Only(came...)
	var errs []error
	for _, g := range done.Groups {
		if g.Back == (Image{}) {
			errs = append(errs, r.stays(g.Name, errors.New(g.BackNote)))
		}
	}
	for _, back := range done.Back() {
		for _, step := range back.steps() {
			errs = append(errs, r.goBack(ctx, plan.Image, step))
		}
	}
	if err := joined(errs...); err != nil {
		return &Error{Operation: r.report.Operation, Cluster: r.report.Cluster, Condition: ErrNotTakenBack, Err: err}
	}
	return nil
}

// result is the report's entry of a group.
func (r *run) result(name string) *GroupResult {
	for i := range r.report.Groups {
		if r.report.Groups[i].Name == name {
			return &r.report.Groups[i]
		}
	}
	return &GroupResult{}
}

// stays notes that a group was not taken back.
func (r *run) stays(name string, why error) error {
	entry := r.result(name)
	entry.Detail = strings.TrimPrefix(entry.Detail+"; not taken back: "+why.Error(), "; ")
	return fmt.Errorf("InstanceGroupName %q: %w", name, why)
}

// goBack carries out one plan of an undo, once the cluster is free.
func (r *run) goBack(ctx context.Context, from Image, back *RollPlan) error {
	var hopeless error
	err := r.untilFree(ctx, func(ctx context.Context) error {
		live, err := r.look(ctx)
		if err != nil {
			return err
		}
		if err := back.sees(live, from); err != nil {
			return err
		}
		err = r.startRoll(ctx, back, r.target())
		if lost := live.ClusterStatus == types.ClusterStatusFailed || live.ClusterStatus == types.ClusterStatusDeleting; lost && errors.Is(err, ErrBusy) {
			hopeless = fmt.Errorf("the cluster is %s: %w", live.ClusterStatus, err)
			return nil
		}
		return err
	})
	if err = joined(err, hopeless); err != nil {
		var errs []error
		for _, name := range back.names() {
			errs = append(errs, r.stays(name, err))
		}
		return errs[0] // the others are the same
	}
	results, err := r.awaitRoll(ctx, back, r.roll.requested)
	for _, g := range results {
		r.tookBack(g, back.Image)
	}
	return err
}

// sees takes a plan of an undo to what is described now, and says when its turn has not
// come: a request that is surely refused is not sent. A group that somebody has given
// another image meanwhile is theirs. Without ids nobody can tell.
func (p *RollPlan) sees(live *sagemaker.DescribeClusterOutput, from Image) error {
	p.live = live
	j := &rollJudge{live: live}
	j.cluster()
	for i, name := range p.names() {
		g := regularGroup(live, name)
		if g == nil {
			return errors.New("the group is gone")
		}
		j.standing(*g, groupPath(i))
		desired := ImageVersion{ID: aws.ToString(g.DesiredImageId), Release: aws.ToString(g.DesiredImageReleaseVersion)}
		public := from.custom() && desired.ID == defaultImage // the service may report a public AMI so
		if !public && desired.drift(ImageVersion{ID: from.id, Release: from.release}) == Drifted {
			return fmt.Errorf("somebody has it run %s by now", desired)
		}
	}
	return busyError(p.Cluster, j.busy)
}

// tookBack writes into the report how a group came out of an undo.
func (r *run) tookBack(undone GroupResult, to Image) {
	entry := r.result(undone.Name)
	was := *entry
	*entry = undone
	switch undone.Outcome { //nolint:exhaustive // a wait for software has no others than these and the rest, which is unfinished
	case OutcomeOnImage:
		entry.Outcome, entry.Detail = OutcomeTakenBack, "to "+to.String()
	case OutcomeUnproven:
		entry.Outcome, entry.Detail = OutcomeTakenBack, fmt.Sprintf("to %s, unproven: %s", to, undone.Detail)
	case OutcomeRolledBack, OutcomeNeverStarted:
		// The service has put the image of the roll back, or never left it.
		entry.Outcome, entry.Detail = was.Outcome, fmt.Sprintf("not taken back: %s: %s", undone.Outcome, undone.Detail)
	default:
		entry.Detail = fmt.Sprintf("while it was taken back to %s: %s", to, undone.Detail)
	}
}
