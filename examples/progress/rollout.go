package progress

import (
	"context"
	"fmt"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// OnRollout shows one event of a rollout over many clusters. It is made for
// rollout.RunnerOptions.OnEvent. On a terminal one bar stands for the rollout and one for
// each group that is under way, as many as there is room for.
func (r *Renderer) OnRollout(_ context.Context, e rollout.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bars != nil {
		r.bars.total(e)
	}
	switch e.Kind {
	case rollout.EventProgress:
		r.inStep(e.Step, *e.HyperPod)
	case rollout.EventMoment, rollout.EventWaiting, rollout.EventFinished, rollout.EventEnded, rollout.EventStarted:
		if subject, text, ok := tellRollout(e); ok {
			r.line(subject, text)
		}
	}
	if e.Kind == rollout.EventEnded && r.bars != nil {
		r.bars.endTotal()
	}
}

// inStep shows what happened in a step's workflow. How the workflow ended is told of the
// step, which may consist of several.
func (r *Renderer) inStep(step rollout.Step, e hyperpod.Event) {
	e.Cluster = step.Name
	switch e.Kind {
	case hyperpod.EventDone, hyperpod.EventFailed:
		if r.bars != nil {
			r.bars.clear(workflowOf(e))
		} else {
			delete(r.plain, workflowOf(e))
		}
		return
	case hyperpod.EventProgress, hyperpod.EventFinding, hyperpod.EventCalled, hyperpod.EventTolerated, hyperpod.EventUndo:
	}
	if r.bars != nil {
		r.bars.show(e)
	} else {
		r.plain.show(r.w, e)
	}
}

func (r *Renderer) line(subject, text string) {
	w := r.w
	if r.bars != nil && r.bars.container != nil {
		w = r.bars.container // puts lines above the bars
	}
	_, _ = fmt.Fprintf(w, "%s  %s\n", subject, text) // progress that cannot be shown stops no rollout
}

// tellRollout says what happened, for the events that are told in a line of their own.
func tellRollout(e rollout.Event) (subject, text string, ok bool) {
	switch e.Kind {
	case rollout.EventMoment:
		return "rollout", e.Text, true
	case rollout.EventWaiting:
		return "rollout", "waits: " + e.Text, true
	case rollout.EventEnded:
		return "rollout", e.Text + ", " + totals(e.Totals), true
	case rollout.EventFinished:
		switch {
		case e.Result.Reason != "":
			return e.Step.Name, fmt.Sprintf("%s: %s: %s", e.Step.Kind, e.Result.Kind, e.Result.Reason), true
		case e.Step.Kind.Changes(), e.Step.Kind == rollout.StepGate:
			return e.Step.Name, fmt.Sprintf("%s: %s", e.Step.Kind, e.Result.Kind), true
		}
	case rollout.EventStarted, rollout.EventProgress:
	}
	return "", "", false
}

// totals tells how far a rollout is.
func totals(t rollout.Totals) string {
	text := fmt.Sprintf("%d of %d clusters", t.Done, t.Targets)
	if t.Failed > 0 {
		text += fmt.Sprintf(", %d failed", t.Failed)
	}
	if !t.End.IsZero() {
		text += ", ends about " + t.End.Local().Format(time.TimeOnly)
	}
	return text
}
