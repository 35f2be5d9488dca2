package rollout

import (
	"context"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

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
