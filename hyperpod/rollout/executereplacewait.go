package rollout

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

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

// explaining is how long it may take to find out why a wait failed.
const explaining = time.Minute

// clockSkew is by how much the service's clock may be behind this machine's.
const clockSkew = time.Minute

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
