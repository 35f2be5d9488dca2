package progress

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// OnRollout shows one event of a rollout over many clusters. It is made for
// rollout.RunnerOptions.OnEvent. On a terminal one bar stands for the rollout and one for
// each group that is under way, as many as there is room for; the others are counted.
func (r *Renderer) OnRollout(_ context.Context, e rollout.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bars != nil {
		r.bars.total(e)
	}
	switch e.Kind {
	case rollout.EventProgress:
		r.inStep(e.Step, *e.HyperPod)
	case rollout.EventStarted:
		r.names.of(e.Step) // before the first bar of those that begin together
	case rollout.EventFinished:
		r.finished(e.Step, e.Result)
	case rollout.EventMoment:
		r.line("rollout", r.why.cut(e.Text))
	case rollout.EventWaiting:
		r.line("rollout", "waits: "+reasons(e.Text))
	case rollout.EventEnded:
		r.line("rollout", e.Text+", "+totals(e))
		r.end()
	}
}

// inStep shows what happened in a step's workflow. How the workflow ended is told of the
// step, which may consist of several.
func (r *Renderer) inStep(step rollout.Step, e hyperpod.Event) {
	flow := workflow{operation: e.Operation, place: placeOf(step)}
	e.Cluster = r.names.of(step)
	switch e.Kind {
	case hyperpod.EventDone, hyperpod.EventFailed:
	case hyperpod.EventFinding:
		if r.told.news(placeOf(step), e.Finding.String()) {
			r.show(flow, e)
		}
	case hyperpod.EventProgress, hyperpod.EventCalled, hyperpod.EventTolerated, hyperpod.EventUndo:
		r.show(flow, e)
	}
}

// finished forgets the step's workflows and tells how it ended, if that is worth a line.
// What keeps a target from going on is told once, however often it is tried again and
// checked in between.
func (r *Renderer) finished(step rollout.Step, result rollout.Result) {
	if r.bars != nil {
		r.bars.clear(placeOf(step))
	}
	maps.DeleteFunc(r.plain, func(flow workflow, _ map[string]string) bool { return flow.place == placeOf(step) })
	text, ok := outcome(step, result)
	switch {
	case !ok, result.Kind == rollout.ResultBusy && r.busy[placeOf(step)] == text:
		return
	case result.Kind == rollout.ResultBusy:
		r.busy[placeOf(step)] = text
	default:
		delete(r.busy, placeOf(step))
	}
	r.line(r.names.of(step), text)
	if result.Kind == rollout.ResultFailed {
		r.why[fmt.Sprintf("%s (%s, %s) ", step.Name, step.Account, step.Region)] = ": " + result.Reason
	}
}

// end forgets the rollout.
func (r *Renderer) end() {
	if r.bars != nil {
		r.bars.endTotal()
	}
	clear(r.plain)
	clear(r.names)
	clear(r.busy)
	clear(r.told)
	clear(r.why)
}

func (r *Renderer) line(subject, text string) {
	w := r.w
	if r.bars != nil && r.bars.container != nil {
		w = r.bars.container // puts lines above the bars
	}
	_, _ = fmt.Fprintf(w, "%s  %s\n", subject, text) // progress that cannot be shown stops no rollout
}

// outcome is a step's end in words. That a change was sent is told by its call: it is done
// when it was awaited.
func outcome(step rollout.Step, result rollout.Result) (text string, ok bool) {
	what := string(step.Kind)
	switch {
	case step.Kind == rollout.StepAwait && step.Strategy.OneByOne:
		what = string(step.Awaited) + " of " + groups(step)
	case step.Kind == rollout.StepAwait:
		what = string(step.Awaited)
	case step.Kind == rollout.StepGate && step.Baked:
		what = "gate after the bake"
	}
	if step.Program == rollout.Back && step.Kind != rollout.StepCheckBack {
		what = "back, " + what
	}
	if result.Reason != "" {
		return fmt.Sprintf("%s: %s: %s", what, result.Kind, result.Reason), true
	}
	return what + ": " + string(result.Kind), step.Kind == rollout.StepAwait || step.Kind == rollout.StepGate
}

func groups(step rollout.Step) string {
	names := make([]string, len(step.Groups))
	for i, g := range step.Groups {
		names[i] = g.Name
	}
	return strings.Join(names, ", ")
}

// totals tells how far a rollout is.
func totals(e rollout.Event) string {
	t := e.Totals
	text := fmt.Sprintf("%d of %d clusters", t.Done, t.Targets)
	if t.Failed > 0 {
		text += fmt.Sprintf(", %d failed", t.Failed)
	}
	if !t.End.IsZero() {
		text += ", ends about " + clock(t.End.Local(), e.Time.Local())
	}
	return text
}

// clock is a time as it is read at another one: with its date when that is another day's.
func clock(t, at time.Time) string {
	if t.Year() == at.Year() && t.YearDay() == at.YearDay() {
		return t.Format(time.TimeOnly)
	}
	return t.Format("Mon 2 Jan 15:04")
}
