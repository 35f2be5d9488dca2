package temporalroll

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func TestAFleetGoesWaveByWaveOverItsParts(t *testing.T) {
	b := newBed(t, 3, account, second)
	b.spec.Waves, b.spec.Bake = rollout.Percentages(17, 50, 100), time.Hour // 2, 1 and 3 targets
	env := b.env()
	env.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		assert.Equal(t, "fleet", info.ParentWorkflowExecution.ID)
	})
	result, report := b.fleet(env, b.plan(), StartOptions{PartTargets: 2})
	assert.Equal(t, rollout.OutcomeSucceeded, result.Outcome)
	assert.Equal(t, rollout.Totals{Wave: 2, Waves: 3, Targets: 6, Done: 6}, result.Totals)
	assert.Equal(t, result.Totals, report.Totals)
	b.once(6)
	require.Len(t, report.Targets, 6)
	for i, target := range report.Targets { // in the order of the plan
		assert.Equal(t, fmt.Sprintf("train-%d", i/2), target.Cluster)
		assert.Equal(t, []string{account, second}[i%2], target.Account)
		assert.Equal(t, rollout.PhaseRolled, target.Phase)
		for j, other := range report.Targets {
			if wave := map[string]int{"17%": 0, "50%": 1, "100%": 2}; wave[other.Wave] < wave[target.Wave] {
				assert.GreaterOrEqual(t, target.Began.Sub(other.Ended), time.Hour, "target %d began before %d had baked", i, j)
			}
		}
	}
	for _, w := range report.Waves {
		assert.False(t, w.Began.IsZero())
		assert.False(t, w.Ended.IsZero())
	}
}

// The budget is that of all parts together.
func TestAFleetHasOneBudget(t *testing.T) {
	for name, c := range map[string]struct {
		budget rollout.Budget
		want   rollout.Outcome
	}{
		"failures equal to it pass":  {rollout.Budget{Wave: -1, Total: 2}, rollout.OutcomeSucceeded},
		"one more takes all back":    {rollout.Budget{Wave: -1, Total: 1}, rollout.OutcomeTakenBack},
		"that of a wave counts, too": {rollout.Budget{Wave: 1, Total: -1}, rollout.OutcomeTakenBack},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, 3, account, second)
			b.spec.Waves, b.spec.Budget = rollout.Percentages(33, 100), c.budget
			gated := func(o *rollout.Options) {
				o.Gate = func(_ context.Context, v rollout.Visit) error {
					if v.Cluster == "train-0" || strings.HasSuffix(v.Cluster, "train-0") || v.Wave == 0 {
						return rollout.Refuse(errors.New("no"))
					}
					return nil
				}
			}
			result, report := b.fleet(b.env(gated), b.plan(gated), StartOptions{})
			assert.Equal(t, c.want, result.Outcome)
			assert.Equal(t, c.want, report.Outcome)
			assert.Equal(t, 2, report.Totals.Failed)
			if c.want == rollout.OutcomeTakenBack {
				for _, target := range report.Targets {
					assert.Equal(t, goldenAMI, b.image(target.Account, target.Cluster))
				}
			}
		})
	}
}

// A part that has not begun the wave that is taken back keeps the wave before.
func TestAFleetTakesBackOneWave(t *testing.T) {
	b := newBed(t, 2, account, second)
	b.spec.OnFailure = rollout.UndoWave
	// The second wave has targets of the second account alone.
	b.spec.Targets[0].Labels = map[string]string{"wave": "a"}
	b.spec.Targets[1].Labels = map[string]string{"wave": "a"}
	b.spec.Targets[2].Labels = map[string]string{"wave": "c"}
	b.spec.Targets[3].Labels = map[string]string{"wave": "b"}
	b.spec.Waves = rollout.ByLabel("wave", "a", "b", "c")
	gated := func(o *rollout.Options) {
		o.Gate = func(_ context.Context, v rollout.Visit) error {
			if v.Wave == 1 {
				return rollout.Refuse(errors.New("no"))
			}
			return nil
		}
	}
	result, report := b.fleet(b.env(gated), b.plan(gated), StartOptions{})
	assert.Equal(t, rollout.OutcomeTakenBack, result.Outcome)
	assert.Equal(t, []rollout.Phase{rollout.PhaseRolled, rollout.PhaseRolled, rollout.PhaseWaiting, rollout.PhaseTakenBack}, phases(report))
}

// What cannot be told is asked, and an answer reaches the target by its index in the plan.
func TestAnAnswerFindsItsTarget(t *testing.T) {
	b := newBed(t, 2, account, second)
	plan, env := b.plan(), b.env()
	activities := NewActivities(b.clients)
	env.OnActivity(StepActivity, mock.Anything, mock.Anything).Return(func(ctx context.Context, step rollout.Step) (rollout.Result, error) {
		result, err := activities.Do(ctx, step)
		if step.Account == second && step.Target == 1 {
			if step.Kind == rollout.StepUpdate {
				return rollout.Result{Kind: rollout.ResultLost, Reason: "lost"}, nil
			}
			if step.Kind == rollout.StepFind {
				return rollout.Result{Kind: rollout.ResultUnknown, Reason: "nobody can tell"}, nil
			}
		}
		return result, err
	})
	env.RegisterDelayedCallback(func() {
		value, err := env.QueryWorkflow(QueryFleet)
		require.NoError(t, err)
		var s FleetState
		require.NoError(t, value.Get(&s))
		assert.Equal(t, []int{1}, s.Parts[1].Progress.Asks)
		env.SignalWorkflow(SignalAnswer, Order{Target: 99, Answer: rollout.AnswerSent})
		env.SignalWorkflow(SignalAnswer, Order{Target: 3, Answer: rollout.AnswerSent, By: "ops"})
	}, 10*time.Hour)
	result, report := b.fleet(env, plan, StartOptions{})
	assert.Equal(t, rollout.OutcomeSucceeded, result.Outcome)
	assert.Greater(t, report.Targets[3].Ended.Sub(report.Began), 9*time.Hour)
	b.once(4)
}

// A part whose workflow is gone stops the others.
func TestAPartThatIsLostStopsTheFleet(t *testing.T) {
	b := newBed(t, 2, account, second)
	b.spec.Waves, b.spec.Approval = rollout.Percentages(50, 100), true
	env := b.env()
	plan := b.plan()
	env.RegisterWorkflowWithOptions(func(ctx workflow.Context, in PartInput) (*rollout.Report, error) {
		if in.Index == 1 {
			return nil, temporal.NewNonRetryableApplicationError("terminated", "Terminated", nil)
		}
		return new(Workflows).Part(ctx, in)
	}, workflow.RegisterOptions{Name: PartWorkflow, DisableAlreadyRegisteredCheck: true})
	in, states, err := divided(plan, StartOptions{ID: "fleet"})
	require.NoError(t, err)
	env.SetStartWorkflowOptions(startOptions("fleet"))
	env.RegisterDelayedCallback(func() {
		for i, state := range states {
			env.SignalWorkflow(signalPart, partInput{Index: i, State: state})
		}
	}, 0)
	env.ExecuteWorkflow(FleetWorkflow, in)
	require.NoError(t, env.GetWorkflowError())
	var result FleetResult
	require.NoError(t, env.GetWorkflowResult(&result))
	assert.Equal(t, rollout.OutcomeStopped, result.Outcome)
	assert.Equal(t, []string{"fleet/444455556666/us-west-2/1: terminated"}, result.Lost)
}

// A fleet that has continued with a new history does not hear of the end of its parts, and
// asks them.
func TestAFleetThatContinuedAsksItsParts(t *testing.T) {
	b := newBed(t, 1, account, second)
	next, _, err := divided(b.plan(), StartOptions{ID: "fleet"})
	require.NoError(t, err)
	next.Began = time.Now()
	for i := range next.Parts {
		next.Parts[i].Started = true
	}
	// One answers that it has ended, the other is gone.
	env := b.env()
	env.SetStartWorkflowOptions(startOptions("fleet"))
	env.OnSignalExternalWorkflow(mock.Anything, next.Parts[0].ID, mock.Anything, signalTell, mock.Anything).Return(func(string, string, string, string, any) error {
		env.SignalWorkflow(signalProgress, PartProgress{Index: 0, Outcome: rollout.OutcomeSucceeded, Waves: []WaveProgress{{Targets: 1, Began: true, Over: true}}})
		return nil
	})
	env.OnSignalExternalWorkflow(mock.Anything, next.Parts[1].ID, mock.Anything, mock.Anything, mock.Anything).Return(errors.New("not found"))
	env.OnSignalExternalWorkflow(mock.Anything, next.Parts[0].ID, mock.Anything, SignalAbort, mock.Anything).Return(nil)
	env.ExecuteWorkflow(FleetWorkflow, next)
	require.NoError(t, env.GetWorkflowError())
	var result FleetResult
	require.NoError(t, env.GetWorkflowResult(&result))
	assert.Equal(t, rollout.OutcomeStopped, result.Outcome)
	assert.Len(t, result.Lost, 1)
}

func TestLimitsAreDividedAmongParts(t *testing.T) {
	b := newBed(t, 4, account, second)
	b.spec.Limits = rollout.Limits{Wave: 5, Region: 3, Account: 2, Nodes: 17}
	plan := b.plan()
	parts, states, err := split("fleet", &plan.State, 0)
	require.NoError(t, err)
	require.Len(t, parts, 2)
	assert.Equal(t, rollout.Limits{Wave: 3, Region: 2, Account: 2, Nodes: 9}, states[0].Settings.Limits)
	assert.Equal(t, rollout.Limits{Wave: 2, Region: 1, Account: 2, Nodes: 8}, states[1].Settings.Limits)

	plan.State.Settings.Limits = rollout.Limits{Region: 1}
	_, _, err = split("fleet", &plan.State, 0)
	require.ErrorContains(t, err, "Limits.Region is 1 and is shared by 2 parts")

	plan.State.Settings.Limits = rollout.Limits{Nodes: 7}
	_, _, err = split("fleet", &plan.State, 0)
	require.ErrorContains(t, err, "4 nodes of group workers would be out")
	assert.Equal(t, hyperpod.AMI(newAMI), plan.State.Targets[0].Groups[0].Image)
}

// What a response takes back is the wave that has begun last, also when all parts are
// through with it, and no part ends before all have heard of the last response.
func TestWhatAFleetKnowsOfItsParts(t *testing.T) {
	begun, over := WaveProgress{Targets: 1, Began: true}, WaveProgress{Targets: 1, Began: true, Over: true}
	parts := func(progress ...PartProgress) *fleet {
		f := newFleet(FleetInput{FleetState: FleetState{Waves: make([]rollout.Wave, 3)}})
		for _, p := range progress {
			f.Parts = append(f.Parts, PartState{Part: Part{Waves: []bool{true, true, true}}, Started: true, Progress: p})
		}
		return f
	}
	f := parts(PartProgress{Waves: []WaveProgress{over, over, {Targets: 1}}}, PartProgress{Waves: []WaveProgress{over, over, {Targets: 1}}})
	assert.Equal(t, 1, f.begun())
	assert.Equal(t, 2, f.wave())
	f = parts(PartProgress{Waves: []WaveProgress{over, begun, {Targets: 1}}}, PartProgress{Waves: []WaveProgress{begun, {Targets: 1}, {Targets: 1}}})
	assert.Equal(t, 1, f.begun())
	assert.Equal(t, 0, f.wave())
	assert.Equal(t, -1, parts(PartProgress{}, PartProgress{}).begun())
	f.Parts[1].Approved = 2 // and has perhaps begun it since it told
	assert.Equal(t, 2, f.begun())

	for name, c := range map[string]struct {
		aborted rollout.Response
		told    PartProgress
		want    bool
	}{
		"at work":                         {told: PartProgress{}},
		"through":                         {told: PartProgress{Through: true}, want: true},
		"through before it heard":         {rollout.UndoAll, PartProgress{Through: true}, false},
		"through with less than is asked": {rollout.UndoAll, PartProgress{Through: true, Heard: rollout.Stop}, false},
		"through since it heard":          {rollout.UndoAll, PartProgress{Through: true, Heard: rollout.UndoAll}, true},
		"ended":                           {rollout.UndoAll, PartProgress{Outcome: rollout.OutcomeSucceeded}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := parts(PartProgress{Through: true, Heard: c.aborted}, c.told)
			f.Aborted = c.aborted
			assert.Equal(t, c.want, f.through())
		})
	}
}

// A part whose fleet is gone ends when it is through: nobody else can let it.
func TestAPartWithoutItsFleetEnds(t *testing.T) {
	b := newBed(t, 2)
	env := b.env()
	told := 0
	env.OnSignalExternalWorkflow(mock.Anything, "fleet", mock.Anything, signalProgress, mock.Anything).Return(func(string, string, string, string, any) error {
		if told++; told > 4 { // it is terminated while the part waits to be let end
			return errors.New("not found")
		}
		return nil
	})
	env.ExecuteWorkflow(PartWorkflow, PartInput{State: b.plan().State, Fleet: "fleet"})
	require.NoError(t, env.GetWorkflowError())
	var report rollout.Report
	require.NoError(t, env.GetWorkflowResult(&report))
	assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
	assert.Greater(t, told, 4)
}
