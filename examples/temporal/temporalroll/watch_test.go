package temporalroll

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/testsuite"

	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// ran is a client of workflows that have run in Temporal's test environment.
type ran struct {
	client.Client
	env *testsuite.TestWorkflowEnvironment
}

func (r ran) QueryWorkflow(_ context.Context, id, _, name string, args ...any) (converter.EncodedValue, error) {
	if id == "fleet" {
		return r.env.QueryWorkflow(name, args...)
	}
	return r.env.QueryWorkflowByID(id, name, args...)
}

func (ran) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return described(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED), nil
}

func described(status enumspb.WorkflowExecutionStatus) *workflowservice.DescribeWorkflowExecutionResponse {
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Status: status}}
}

func TestARolloutIsToldAsEvents(t *testing.T) {
	b := newBed(t, 3, account, second)
	b.spec.Waves, b.spec.Bake = rollout.Percentages(33, 100), time.Hour
	b.spec.Budget = rollout.Budget{Wave: -1, Total: 1}
	gated := func(o *rollout.Options) {
		o.Gate = func(_ context.Context, v rollout.Visit) error {
			if v.Account == second && strings.HasSuffix(v.Cluster, "train-2") {
				return rollout.Refuse(errors.New("too slow"))
			}
			return nil
		}
	}
	env := b.env(gated)
	_, report := b.fleet(env, b.plan(gated), StartOptions{PartTargets: 2})
	b.once(6)

	var events []rollout.Event
	var out bytes.Buffer
	shown := progress.New(&out)
	require.NoError(t, Watch(t.Context(), ran{env: env}, "fleet", func(ctx context.Context, e rollout.Event) {
		events = append(events, e)
		shown.OnRollout(ctx, e)
	}))

	require.NotEmpty(t, events)
	running := map[int]rollout.StepKind{} // by target
	var ended []rollout.StepKind          // of the first target
	for i, e := range events {
		assert.Equal(t, report.Totals, e.Totals, "event %d: those of when it was asked", i)
		switch e.Kind {
		case rollout.EventStarted:
			assert.NotContains(t, running, e.Step.Target)
			running[e.Step.Target] = e.Step.Kind
			assert.Equal(t, report.Targets[e.Step.Target].Cluster, e.Step.Name, "the target is that of the plan")
			assert.Equal(t, report.Targets[e.Step.Target].Account, e.Step.Account)
		case rollout.EventFinished:
			assert.Equal(t, running[e.Step.Target], e.Step.Kind)
			delete(running, e.Step.Target)
			if e.Step.Target == 0 {
				ended = append(ended, e.Step.Kind)
			}
		case rollout.EventMoment, rollout.EventWaiting, rollout.EventProgress, rollout.EventEnded:
		}
		if i > 0 && e.Kind != rollout.EventWaiting && e.Kind != rollout.EventEnded {
			assert.False(t, e.Time.Before(events[i-1].Time), "event %d", i)
		}
	}
	assert.Empty(t, running)
	assert.Equal(t, []rollout.StepKind{rollout.StepCheck, rollout.StepUpdate, rollout.StepAwait, rollout.StepGate, rollout.StepGate}, ended)
	last := events[len(events)-1]
	assert.Equal(t, rollout.EventEnded, last.Kind)
	assert.Equal(t, string(rollout.OutcomeSucceeded), last.Text)
	for _, line := range []string{
		"train-0  update: done\n",
		"train-2 (444455556666, us-west-2)  gate: failed: the gate refused: too slow\n",
		"rollout  the rollout ended: succeeded\n",
		"rollout  succeeded, 6 of 6 clusters, 1 failed\n",
	} {
		assert.Contains(t, out.String(), line)
	}
}

// fleetAt is a fleet of one part, as it is while the part runs, or after.
func fleetAt(ended bool, timeline ...string) FleetState {
	s := FleetState{Waves: make([]rollout.Wave, 1), Parts: []PartState{{Part: Part{ID: "a", Targets: []int{4, 7}}, Started: true}}}
	for _, text := range timeline {
		s.Timeline = append(s.Timeline, rollout.Moment{Text: text})
	}
	if ended {
		s.Ended = time.Unix(1, 0)
		s.Parts[0].Progress.Outcome = rollout.OutcomeSucceeded
	}
	return s
}

// Nothing is told twice, whatever is asked again: not when the workers were busy, nor when
// the part goes on with a new history.
func TestWhatHappensIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := mocks.NewClient(t)
		describe := func(status enumspb.WorkflowExecutionStatus) {
			c.On("DescribeWorkflowExecution", mock.Anything, "golden", "").Return(described(status), nil).Once()
		}
		fleet := func(s FleetState) {
			c.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(encoded{s}, nil).Once()
		}
		part := func(since Cursor, h Happened) {
			c.On("QueryWorkflow", mock.Anything, "a", "", QueryHappened, since).Return(encoded{h}, nil).Once()
		}
		step := func(target int, result rollout.ResultKind) Happening {
			return Happening{Step: rollout.Step{Target: target, Kind: rollout.StepGate}, Result: rollout.Result{Kind: result}}
		}
		describe(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
		c.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(nil, serviceerror.NewDeadlineExceeded("busy")).Once()
		fleet(fleetAt(false, "began"))
		part(Cursor{}, Happened{Cursor: Cursor{"run-1", 1}, Totals: rollout.Totals{Targets: 2, Active: 1}, Waiting: []string{"a window"}, Steps: []Happening{step(1, "")}})
		describe(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
		fleet(fleetAt(false, "began"))
		part(Cursor{"run-1", 1}, Happened{Cursor: Cursor{"run-1", 1}, Totals: rollout.Totals{Targets: 2, Active: 1}, Waiting: []string{"a window"}})
		describe(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
		fleet(fleetAt(true, "began", "ended"))
		part(Cursor{"run-1", 1}, Happened{Cursor: Cursor{"run-2", 1}, Totals: rollout.Totals{Targets: 2, Done: 2}, Steps: []Happening{step(1, rollout.ResultDone)}})

		type told struct {
			kind   rollout.EventKind
			target int
			text   string
			done   int
		}
		var all []told
		require.NoError(t, Watch(t.Context(), c, "golden", func(_ context.Context, e rollout.Event) {
			all = append(all, told{e.Kind, e.Step.Target, e.Text, e.Totals.Done})
		}))
		assert.Equal(t, []told{
			{rollout.EventMoment, 0, "began", 0},
			{rollout.EventStarted, 7, "", 0},
			{rollout.EventWaiting, 0, "a window", 0},
			{rollout.EventMoment, 0, "ended", 2},
			{rollout.EventFinished, 7, "", 2},
			{rollout.EventEnded, 0, "succeeded", 2},
		}, all)
	})
}

// Terminated, a fleet answers queries as it was.
func TestAFleetThatIsGoneIsNotWatchedForever(t *testing.T) {
	c := mocks.NewClient(t)
	c.On("DescribeWorkflowExecution", mock.Anything, "golden", "").Return(described(enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED), nil)
	c.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(encoded{FleetState{}}, nil)
	err := Watch(t.Context(), c, "golden", func(context.Context, rollout.Event) { t.Error("nothing has happened") })
	require.ErrorContains(t, err, "watch workflow golden: it is terminated")
}

func TestAWatchEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := mocks.NewClient(t)
		c.On("DescribeWorkflowExecution", mock.Anything, "golden", "").Return(described(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
		c.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(encoded{FleetState{}}, nil)
		require.ErrorIs(t, Watch(ctx, c, "golden", func(context.Context, rollout.Event) {}), context.DeadlineExceeded)
	})
}

// However much has happened, an answer tells a part of it, and none is left out of what is
// remembered.
func TestManySteps(t *testing.T) {
	var l steplog
	const all = 5*keptSteps + 123
	for i := range all {
		l.add(Happening{Step: rollout.Step{Target: i}})
		assert.LessOrEqual(t, len(l.kept), 2*keptSteps)
	}
	var targets []int
	for next := 0; ; {
		steps, after := l.since(next)
		if len(steps) == 0 {
			assert.Equal(t, all, after)
			break
		}
		assert.LessOrEqual(t, len(steps), MostSteps)
		for _, h := range steps {
			targets = append(targets, h.Step.Target)
		}
		next = after
	}
	assert.GreaterOrEqual(t, len(targets), keptSteps)
	for i, target := range targets {
		assert.Equal(t, all-len(targets)+i, target)
	}
}

// A part that has continued counts anew, so that a cursor of the run before means nothing.
func TestACursorCountsInItsRun(t *testing.T) {
	b := newBed(t, 1)
	env := b.env()
	b.part(env, b.plan())
	happened := func(since Cursor) (h Happened) {
		value, err := env.QueryWorkflow(QueryHappened, since)
		require.NoError(t, err)
		require.NoError(t, value.Get(&h))
		return h
	}
	all := happened(Cursor{})
	require.Len(t, all.Steps, 6, "check, update and await begin and end")
	assert.Equal(t, 6, all.Cursor.Next)
	assert.Equal(t, all, happened(Cursor{Run: "another", Next: 4}))
	rest := happened(Cursor{Run: all.Cursor.Run, Next: 4})
	assert.Equal(t, all.Steps[4:], rest.Steps)
	assert.Equal(t, all.Cursor, rest.Cursor)
	assert.Empty(t, happened(all.Cursor).Steps)
}

// The most that an answer tells fits into a payload.
func TestAnAnswerIsSmall(t *testing.T) {
	s := large(PartTargets)
	h := Happened{Totals: s.Totals()}
	for i := range MostSteps {
		target := &s.Targets[i%len(s.Targets)]
		h.Steps = append(h.Steps, happening(target.Ended, rollout.Step{
			Target: i, Kind: rollout.StepAwait, Program: rollout.Back, Op: 3, Awaited: rollout.StepUpdate,
			Account: target.Account, Region: target.Region, Cluster: target.ARN, Name: target.Cluster,
			Strategy: rollout.Strategy{OneByOne: true}, Groups: target.Groups,
		}, rollout.Result{Kind: rollout.ResultFailed, Reason: target.Reason, Groups: target.Groups}))
	}
	for _, target := range s.Targets {
		h.Waiting = append(h.Waiting, target.Cluster+" waits until another operation has ended: "+target.Reason)
	}
	assert.Less(t, size(t, h), MaxPayload)
}
