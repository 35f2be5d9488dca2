package rollout

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// replacing is how the step is done where groups are replaced by new ones, and nil where
// that makes no difference.
func (w *work) replacing() func(context.Context) Result {
	switch w.step.Kind {
	case StepCheck:
		return w.checkReplace
	case StepAdd:
		return w.add
	case StepScale:
		return w.scale
	case StepDelete:
		return w.delete
	case StepAwait:
		return w.awaitReplace
	case StepFind:
		return w.findReplace
	case StepCheckBack:
		return w.checkReplaceBack
	case StepBefore, StepUpdate, StepGate, StepAfter, StepDrain:
		return nil
	default:
		return nil
	}
}

// checkReplace says which groups are to be replaced, by which, and has the request for
// the new ones judged.
func (w *work) checkReplace(ctx context.Context) Result {
	snap, err := w.describe(ctx)
	if err != nil {
		return failed(err)
	}
	r := Result{Kind: ResultDone, ARN: snap.ARN()}
	if r.Groups, err = w.judgeReplace(ctx, snap, w.step.Groups); err != nil {
		return failed(err)
	}
	return r
}

func (w *work) judgeReplace(ctx context.Context, snap *hyperpod.Snapshot, groups []GroupState) ([]GroupState, error) {
	var judged []GroupState
	var edits []hyperpod.Edit
	for _, g := range groups {
		shown, exists := groupIn(snap, g.Name)
		if !exists {
			return nil, fmt.Errorf("group %s: %w", g.Name, hyperpod.ErrGroupNotFound)
		}
		g.Nodes, g.Target, g.CurrentImage, g.DesiredImage = shown.Count, shown.Target, shown.CurrentImage, shown.DesiredImage
		if g.Image.Version() == "" && shown.CurrentImage == g.Image.ID() && shown.DesiredImage == g.Image.ID() {
			g.Skip, g.Outcome = true, hyperpod.OutcomeUnchanged.String()
			judged = append(judged, g)
			continue
		}
		g.New = g.Name + w.step.Strategy.Replace.Suffix
		group, err := w.replacement(snap, g, w.first(g))
		if err != nil {
			return nil, err
		}
		edits = append(edits, hyperpod.AddGroup(group))
		judged = append(judged, g)
	}
	if len(edits) == 0 {
		return judged, nil
	}
	_, err := steadily(ctx, "cluster "+w.step.Cluster, func(ctx context.Context) (*hyperpod.Plan, error) { return w.cluster.Plan(ctx, edits...) })
	return judged, err
}

// replacement is the group that replaces another one, with so many instances.
func (w *work) replacement(snap *hyperpod.Snapshot, g GroupState, count int32) (hyperpod.Group, error) {
	group, _, err := snap.Group(g.Name)
	if err != nil {
		return hyperpod.Group{}, err
	}
	group = group.WithName(g.New).WithInstanceCount(count)
	if count < g.Target {
		group = group.WithMinInstanceCount(0)
	}
	group = group.WithImage(g.Image.ID())
	if release := g.Image.Version(); release != "" {
		group = group.WithImageReleaseVersion(release)
	}
	if edit := w.x.options.Replacement; edit != nil {
		group = edit(w.visit(), group)
	}
	return group, nil
}

// first is how many instances a new group begins with.
func (w *work) first(g GroupState) int32 {
	if canary := w.step.Strategy.Replace.Canary; canary > 0 {
		return min(canary, g.Target)
	}
	return g.Target
}

// checkReplaceBack says which new groups are to be deleted again.
func (w *work) checkReplaceBack(ctx context.Context) Result {
	snap, err := w.describe(ctx)
	if err != nil {
		return failed(err)
	}
	if err := w.predecessors(snap); err != nil {
		return failed(err)
	}
	r := Result{Kind: ResultDone, ARN: snap.ARN()}
	for _, g := range w.step.Groups {
		if !g.Sent {
			continue
		}
		if shown, exists := groupIn(snap, g.New); exists {
			g.Undo = &hyperpod.RollGroup{Name: g.New, Nodes: shown.Count, Target: shown.Target, CurrentImage: shown.CurrentImage, DesiredImage: shown.DesiredImage}
		} else {
			g.Undo, g.Outcome = nil, hyperpod.OutcomeTakenBack.String()
		}
		r.Groups = append(r.Groups, g)
	}
	return r
}

// predecessors refuses a way back on which a new group would be deleted whose predecessor
// is gone, or going.
func (w *work) predecessors(snap *hyperpod.Snapshot) error {
	if w.step.Program != Back {
		return nil
	}
	for _, g := range w.step.Groups {
		if old := groupOf(snap.Cluster, g.Name); g.Sent && (old == nil || old.Status == types.InstanceGroupStatusDeleting) {
			return fmt.Errorf("group %s was deleted, or is being: its successor %s stays", g.Name, g.New)
		}
	}
	return nil
}

// shownGroup is what a description shows of a regular group.
type shownGroup struct {
	Count, Target              int32
	CurrentImage, DesiredImage string
	DesiredRelease             string
}

func groupIn(snap *hyperpod.Snapshot, name string) (shownGroup, bool) {
	for _, g := range snap.Cluster.InstanceGroups {
		if aws.ToString(g.InstanceGroupName) == name {
			return shownGroup{
				Count: aws.ToInt32(g.CurrentCount), Target: aws.ToInt32(g.TargetCount),
				CurrentImage: aws.ToString(g.CurrentImageId), DesiredImage: aws.ToString(g.DesiredImageId),
				DesiredRelease: aws.ToString(g.DesiredImageReleaseVersion),
			}, true
		}
	}
	return shownGroup{}, false
}
