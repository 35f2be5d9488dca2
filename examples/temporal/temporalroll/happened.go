package temporalroll

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// Cursor is how much of a part somebody has heard of. The zero value is nothing.
type Cursor struct {
	// Run is the run of the workflow that Next counts in: a part that has continued counts
	// anew.
	Run  string `json:"run,omitempty"`
	Next int    `json:"next,omitempty"`
}

// Happened is what has happened in a part since a [Cursor].
type Happened struct {
	// Steps began or ended, in order. There are [MostSteps] at most: when there are so
	// many, ask again.
	Steps []Happening `json:"steps,omitempty"`
	// Cursor is where to go on.
	Cursor Cursor `json:"cursor"`
	// Totals are those of the part as of now, Waiting what keeps it from going on.
	Totals  rollout.Totals `json:"totals"`
	Waiting []string       `json:"waiting,omitempty"`
}

// Happening is a step that began or, when it has a result, that ended.
type Happening struct {
	Time time.Time `json:"time"`
	// Step is the step without what only its executor needs, Result its end without what
	// only the decider needs.
	Step   rollout.Step   `json:"step"`
	Result rollout.Result `json:"result,omitzero"`
}

// MostSteps is how many steps an answer tells of at most, which keeps it well under
// [MaxPayload].
const MostSteps = 500

// keptSteps is how many a part remembers. Who asks less often misses some.
const keptSteps = 2000

// steplog is the steps that began and ended last, in a run of a part.
type steplog struct {
	kept []Happening
	gone int // how many were forgotten
}

func (l *steplog) add(h Happening) {
	if len(l.kept) >= 2*keptSteps { // seldom, so that it costs nothing
		l.gone += len(l.kept) - keptSteps
		l.kept = append([]Happening(nil), l.kept[len(l.kept)-keptSteps:]...)
	}
	l.kept = append(l.kept, h)
}

// since is what has happened since a place, and where to go on.
func (l *steplog) since(next int) ([]Happening, int) {
	from := min(max(next-l.gone, 0), len(l.kept))
	to := min(from+MostSteps, len(l.kept))
	return l.kept[from:to], l.gone + to
}

// happening is what is kept of a step.
func happening(at time.Time, step rollout.Step, result rollout.Result) Happening {
	h := Happening{
		Time: at,
		Step: rollout.Step{
			Target: step.Target, Kind: step.Kind, Program: step.Program, Op: step.Op, Awaited: step.Awaited, Baked: step.Baked,
			Account: step.Account, Region: step.Region, Cluster: step.Cluster, Name: step.Name, Wave: step.Wave,
		},
		Result: rollout.Result{Kind: result.Kind, Reason: result.Reason},
	}
	if step.Strategy.OneByOne {
		h.Step.Strategy.OneByOne = true
		for _, g := range step.Groups {
			var named rollout.GroupState
			named.Name = g.Name
			h.Step.Groups = append(h.Step.Groups, named)
		}
	}
	return h
}

// happened answers [QueryHappened].
func (p *part) happened(ctx workflow.Context, since Cursor) Happened {
	run := workflow.GetInfo(ctx).WorkflowExecution.RunID
	if since.Run != run {
		since = Cursor{Run: run}
	}
	h := Happened{Totals: p.state.Totals(), Waiting: p.waiting}
	h.Steps, since.Next = p.log.since(since.Next)
	h.Cursor = since
	return h
}
