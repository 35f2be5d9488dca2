package rollout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
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

// change sends edits, and nothing when there are none.
func (w *work) change(ctx context.Context, edits []hyperpod.Edit) Result {
	if len(edits) == 0 {
		return Result{Kind: ResultDone}
	}
	cluster := w.cluster.With(func(o *hyperpod.Options) { o.NoWait = true })
	report, err := retried(ctx, "cluster "+w.step.Cluster, awserr.IsThrottle, func(ctx context.Context) (*hyperpod.Report, error) {
		return cluster.Update(ctx, edits...)
	})
	switch {
	case err == nil:
		return Result{Kind: ResultDone}
	case report != nil && report.Unknown:
		return Result{Kind: ResultLost, Reason: err.Error()}
	default:
		return failed(err)
	}
}

// add adds the new groups that are not there.
func (w *work) add(ctx context.Context) Result {
	snap, err := w.describe(ctx)
	if err != nil {
		return failed(err)
	}
	var edits []hyperpod.Edit
	for _, g := range w.step.Groups {
		if _, exists := groupIn(snap, g.New); exists {
			continue
		}
		group, err := w.replacement(snap, g, w.first(g))
		if err != nil {
			return failed(err)
		}
		edits = append(edits, hyperpod.AddGroup(group))
	}
	return w.change(ctx, edits)
}

// scale brings the new groups to the size of the old ones, and to the minimum that a
// canary had to be without.
func (w *work) scale(ctx context.Context) Result {
	snap, err := w.describe(ctx)
	if err != nil {
		return failed(err)
	}
	var edits []hyperpod.Edit
	for _, g := range w.step.Groups {
		full, err := w.replacement(snap, g, g.Target)
		if err != nil {
			return failed(err)
		}
		edits = append(edits, hyperpod.EditGroup(g.New, func(group hyperpod.Group) hyperpod.Group {
			group = group.WithInstanceCount(g.Target)
			if least := full.Spec().MinInstanceCount; least != nil {
				group = group.WithMinInstanceCount(*least)
			}
			return group
		}))
	}
	return w.change(ctx, edits)
}

// condemned are the groups that a delete is about.
func (w *work) condemned() []string {
	var names []string
	for _, g := range w.step.Groups {
		if w.step.Program == Back {
			names = append(names, g.New)
		} else {
			names = append(names, g.Name)
		}
	}
	return names
}

// delete deletes the groups that are there.
func (w *work) delete(ctx context.Context) Result {
	snap, err := w.describe(ctx)
	if err != nil {
		return failed(err)
	}
	if err := w.predecessors(snap); err != nil {
		return failed(err)
	}
	var edits []hyperpod.Edit
	for _, name := range w.condemned() {
		if _, exists := groupIn(snap, name); exists {
			edits = append(edits, hyperpod.DeleteGroup(name))
		}
	}
	return w.change(ctx, edits)
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

// counts are the sizes that the new groups are to have after the change awaited.
func (w *work) counts() map[string]int32 {
	counts := map[string]int32{}
	for _, g := range w.step.Groups {
		counts[g.New] = g.Target
		if w.step.Awaited == StepAdd {
			counts[g.New] = w.first(g)
		}
	}
	return counts
}

// awaitReplace waits until new groups have their instances or old ones are gone.
func (w *work) awaitReplace(ctx context.Context) Result {
	var o hyperpod.Options
	for _, fn := range w.x.options.HyperPod {
		fn(&o)
	}
	polling := func(wo *waiter.Options) {
		wo.Poll = o.Poll
		if wo.Poll.Cadence.Began.IsZero() {
			wo.Poll.Cadence.Began = w.step.Requested
		}
		wo.OnSnapshot = w.show
	}
	var err error
	if w.step.Awaited == StepDelete {
		_, err = waiter.GroupsDeleted(ctx, w.access.HyperPod, w.step.Cluster, w.condemned(), polling)
	} else {
		_, err = waiter.GroupsAtCount(ctx, w.access.HyperPod, w.step.Cluster, w.counts(), polling)
	}
	if err != nil {
		return Result{Kind: ResultFailed, Reason: w.explained(ctx, err).Error()}
	}
	r := Result{Kind: ResultDone}
	for _, g := range w.step.Groups {
		switch {
		case w.step.Awaited != StepDelete:
			continue
		case w.step.Program == Back:
			g.Outcome = hyperpod.OutcomeTakenBack.String()
		default:
			g.Outcome, g.Detail = outcomeReplaced, "by group "+g.New
		}
		r.Groups = append(r.Groups, g)
	}
	return r
}

// explaining is how long it may take to find out why a wait failed.
const explaining = time.Minute

// explained adds to the error of a wait what is told of the groups that it was about. The
// error stands alone where nothing is, or nothing can be asked.
func (w *work) explained(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(ctx, explaining)
	defer cancel()
	e, askErr := w.cluster.Explain(ctx)
	if askErr != nil {
		return err
	}
	groups := w.condemned()
	if w.step.Awaited != StepDelete {
		groups = slices.Collect(maps.Keys(w.counts()))
	}
	e.Causes = slices.DeleteFunc(e.Causes, func(c hyperpod.Cause) bool {
		return !slices.Contains(groups, c.Group) || !c.Time.IsZero() && c.Time.Before(w.step.Requested.Add(-clockSkew))
	})
	if len(e.Causes) == 0 {
		return err
	}
	return &hyperpod.FailedError{Operation: hyperpod.OperationUpdate, Cluster: w.step.Cluster, Explanation: e, Err: err}
}

// clockSkew is by how much the service's clock may be behind this machine's.
const clockSkew = time.Minute

// show tells of a look as an event.
func (w *work) show(ctx context.Context, s waiter.Snapshot) {
	if w.x.options.OnEvent == nil {
		return
	}
	e := hyperpod.Event{
		Kind: hyperpod.EventProgress, Time: s.At, Operation: hyperpod.OperationUpdate, Cluster: w.step.Cluster, ARN: s.ARN, Status: string(s.Status),
	}
	for _, g := range w.step.Groups {
		name, wanted := g.New, w.counts()[g.New]
		if w.step.Awaited == StepDelete {
			wanted = 0
			if w.step.Program != Back {
				name = g.Name
			}
		}
		if shown, exists := s.Group(name); exists {
			e.Groups = append(e.Groups, hyperpod.GroupProgress{Name: name, Status: string(shown.Status), Done: shown.Current, Wanted: wanted})
		}
	}
	w.x.options.OnEvent(ctx, w.step, e)
}

// lag is for how long a description may not show what was accepted, as package waiter
// has it.
const lag = 2 * time.Minute

// findReplace looks whether a change of groups was accepted. A description tells, once
// the time is over in which it may show less than it knows.
func (w *work) findReplace(ctx context.Context) Result {
	made, err := poll.Wait(ctx, "cluster "+w.step.Cluster, func(ctx context.Context) (poll.Observation[bool], error) {
		snap, err := w.cluster.Describe(ctx)
		if err != nil {
			return poll.Observation[bool]{}, err
		}
		made := w.made(snap)
		o := poll.Observation[bool]{Value: made, Status: string(snap.Cluster.ClusterStatus)}
		if made || time.Since(w.step.Requested) >= lag {
			o.Verdict = poll.Done
		}
		return o, nil
	}, func(o *poll.Options) {
		o.Timeout, o.Tolerate, o.Throttled = patience, awserr.IsTransient, awserr.IsThrottle
	})
	switch {
	case err != nil && errors.Is(err, hyperpod.ErrClusterNotFound):
		return Result{Kind: ResultFailed, Reason: err.Error()}
	case err != nil:
		return Result{Kind: ResultUnknown, Reason: err.Error()}
	case made:
		return Result{Kind: ResultDone}
	default:
		return Result{Kind: ResultNotSent}
	}
}

// made tells whether a description shows the change.
func (w *work) made(snap *hyperpod.Snapshot) bool {
	for _, g := range w.step.Groups {
		shown, exists := groupIn(snap, g.New)
		switch w.step.Awaited {
		case StepAdd:
			if !exists {
				return false
			}
		case StepScale:
			if shown.Target != g.Target {
				return false
			}
		case StepDelete:
		case StepCheck, StepBefore, StepUpdate, StepAwait, StepGate, StepAfter, StepFind, StepDrain, StepCheckBack:
		}
	}
	if w.step.Awaited != StepDelete {
		return true
	}
	for _, name := range w.condemned() {
		for _, g := range snap.Cluster.InstanceGroups {
			if aws.ToString(g.InstanceGroupName) == name && g.Status != types.InstanceGroupStatusDeleting {
				return false
			}
		}
	}
	return true
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
