package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// check describes the cluster and has the roll of each image judged against it.
func (w *work) check(ctx context.Context) Result {
	snap, err := w.describe(ctx)
	if err != nil {
		return failed(err)
	}
	r := Result{Kind: ResultDone, ARN: snap.ARN()}
	if r.Groups, err = w.judge(ctx, snap, w.step.Groups); err != nil {
		return failed(err)
	}
	return r
}

// judge has groups judged that are to run images, and records what they run now.
func (w *work) judge(ctx context.Context, snap *hyperpod.Snapshot, groups []GroupState) ([]GroupState, error) {
	var judged []GroupState
	for _, image := range imagesOf(groups) {
		var names []string
		for _, g := range groups {
			if g.Image == image {
				names = append(names, g.Name)
			}
		}
		p, err := w.planRoll(ctx, snap, image, names)
		if err != nil {
			return nil, err
		}
		for _, g := range p.Groups {
			if back := w.step.Strategy.Deployment.RollbackBatch; back != (hyperpod.Batch{}) {
				g.Out = max(g.Out, back.Of(g.Nodes, g.Target))
			}
			judged = append(judged, GroupState{RollGroup: g, Image: image})
		}
		for _, g := range p.Left {
			judged = append(judged, GroupState{
				RollGroup: hyperpod.RollGroup{Name: g.Name, Nodes: g.Count, Target: g.Wanted, CurrentImage: g.Image},
				Image:     image, Skip: true, Outcome: g.Outcome.String(), Detail: g.Detail,
			})
		}
	}
	return judged, nil
}

// planRoll judges groups that are to run one image.
func (w *work) planRoll(ctx context.Context, snap *hyperpod.Snapshot, image hyperpod.Image, names []string) (*hyperpod.RollPlan, error) {
	d, back := w.step.Strategy.deployment(w.step.Program), w.step.Program == Back
	roll := hyperpod.Roll{
		Image: image, Groups: hyperpod.Named(names...),
		Batch: d.Batch, RollbackBatch: d.RollbackBatch, WaitInterval: d.WaitInterval, Alarms: d.Alarms,
		ReplaceRootVolumes: true,                          // the Spec's consent
		Force:              w.step.Strategy.Force || back, // what a group ran before it can run again
		KeepDone:           true,
	}
	return steadily(ctx, "cluster "+w.step.Cluster, func(ctx context.Context) (*hyperpod.RollPlan, error) {
		return w.cluster.PlanRollFrom(ctx, snap, roll)
	})
}

// imagesOf are the images that groups are to run, each once.
func imagesOf(groups []GroupState) []hyperpod.Image {
	var images []hyperpod.Image
	seen := map[hyperpod.Image]bool{}
	for _, g := range groups {
		if !seen[g.Image] {
			seen[g.Image] = true
			images = append(images, g.Image)
		}
	}
	return images
}

// update sends the request.
func (w *work) update(ctx context.Context) Result {
	if w.step.Roll == nil || len(w.step.Roll.Groups) == 0 {
		return Result{Kind: ResultDone} // the groups run the image by now
	}
	// Once: who finds a request that was cut off reckons from the beginning of its step.
	report, err := w.cluster.StartRoll(ctx, w.step.Roll)
	switch {
	case err == nil:
		return Result{Kind: ResultDone}
	case report != nil && report.Unknown:
		return Result{Kind: ResultLost, Reason: err.Error()}
	case awserr.IsTransient(err): // and the cluster shows that it was not accepted
		return Result{Kind: ResultNotSent, Reason: err.Error()}
	default:
		return failed(err)
	}
}

// await waits for the end of the update and proves it.
func (w *work) await(ctx context.Context) Result {
	if w.step.Roll == nil || len(w.step.Roll.Groups) == 0 {
		return Result{Kind: ResultDone}
	}
	report, err := w.cluster.AwaitRoll(ctx, w.step.Roll, w.step.Requested)
	r := Result{Kind: ResultDone}
	if err != nil {
		r = Result{Kind: ResultFailed, Reason: err.Error()}
	}
	if report != nil {
		r.Unfinished = err != nil && report.Unfinished
		r.Groups = w.came(report.Groups)
	}
	return r
}

// came are the step's groups with how they came out.
func (w *work) came(results []hyperpod.GroupResult) []GroupState {
	var groups []GroupState
	for _, g := range w.step.Groups {
		for _, result := range results {
			if result.Name == g.Name {
				g.Outcome, g.Detail = result.Outcome.String(), result.Detail
				if w.step.Program == Back && (result.Outcome == hyperpod.OutcomeOnImage || result.Outcome == hyperpod.OutcomeUnproven) {
					g.Outcome = hyperpod.OutcomeTakenBack.String()
				}
				groups = append(groups, g)
			}
		}
	}
	return groups
}

// find looks whether the update was accepted.
func (w *work) find(ctx context.Context) Result {
	started, err := steadily(ctx, "cluster "+w.step.Cluster, func(ctx context.Context) (hyperpod.Started, error) {
		return w.cluster.RollStarted(ctx, w.step.Roll, w.step.Requested)
	})
	switch {
	case errors.Is(err, hyperpod.ErrClusterNotFound):
		return Result{Kind: ResultFailed, Reason: err.Error()}
	case err != nil:
		return Result{Kind: ResultUnknown, Reason: err.Error()}
	case started == hyperpod.StartedYes:
		return Result{Kind: ResultDone}
	case started == hyperpod.StartedNo:
		return Result{Kind: ResultNotSent}
	default:
		return Result{Kind: ResultUnknown, Reason: "what the service reports of the groups is the same with the update and without it"}
	}
}

// checkBack says which of the groups that were sent are to be taken back: those that run
// what they were sent, wholly or in part. A group that somebody has sent elsewhere since
// is left alone, and one of which nobody knows what it ran stays as it is.
func (w *work) checkBack(ctx context.Context) Result {
	snap, err := w.describe(ctx)
	if err != nil {
		return failed(err)
	}
	var back, seen []GroupState
	for _, g := range w.step.Groups {
		if !g.Sent {
			continue
		}
		shown, exists := groupIn(snap, g.Name)
		switch {
		case !exists:
			g.Undo, g.Outcome, g.Detail = nil, outcomeGone, "the group was deleted meanwhile"
			seen = append(seen, g)
		case w.elsewhere(g, shown):
			desired := hyperpod.ImageVersion{ID: shown.DesiredImage, Release: shown.DesiredRelease}
			g.Undo, g.Outcome, g.Detail = nil, hyperpod.OutcomeSuperseded.String(), fmt.Sprintf("the group is to run %s by now, and is left alone", desired)
			seen = append(seen, g)
		case g.Back == (hyperpod.Image{}):
			g.Undo, g.Outcome, g.Detail = nil, outcomeStays, g.BackNote
			seen = append(seen, g)
		default:
			g.Image = g.Back // what it is to run now
			back = append(back, g)
		}
	}
	judged, err := w.judge(ctx, snap, back)
	if err != nil {
		return failed(err)
	}
	for _, j := range judged {
		for _, g := range back {
			switch {
			case g.Name != j.Name:
				continue
			case j.Skip:
				g.Undo, g.Outcome = nil, hyperpod.OutcomeTakenBack.String()
			default:
				g.Undo, g.Outcome, g.Detail = &j.RollGroup, "", ""
			}
			seen = append(seen, g)
		}
	}
	return Result{Kind: ResultDone, ARN: snap.ARN(), Groups: seen}
}

// elsewhere tells whether a group is to run something that it neither was sent nor ran
// before, as far as the service tells.
func (w *work) elsewhere(g GroupState, shown shownGroup) bool {
	if shown.DesiredImage == "" || g.Image.ID() == "" {
		return false
	}
	if !slices.Contains([]string{g.Image.ID(), g.CurrentImage, g.DesiredImage}, shown.DesiredImage) {
		return true
	}
	release := g.Image.Version()
	return release != "" && shown.DesiredRelease != "" && !slices.Contains([]string{release, g.CurrentRelease, g.DesiredRelease}, shown.DesiredRelease)
}
