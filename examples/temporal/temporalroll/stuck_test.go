package temporalroll

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// never has a rollout that has not ended after weeks fail the test.
func never(t *testing.T, env *testsuite.TestWorkflowEnvironment) {
	t.Helper()
	env.RegisterDelayedCallback(func() {
		assert.Fail(t, "the rollout waits forever")
		env.SignalWorkflow(SignalAbort, Order{Response: rollout.Stop})
	}, 1000*time.Hour)
}

// A part that was aborted by itself stops the others: one process would have stopped whole.
func TestAPartThatIsAbortedStopsTheFleet(t *testing.T) {
	b := newBed(t, 2, account, second)
	b.spec.Waves, b.spec.Bake = rollout.Percentages(50, 100), time.Hour
	env := b.env()
	env.RegisterDelayedCallback(func() {
		require.NoError(t, env.SignalWorkflowByID("fleet/"+account+"/us-west-2/1", SignalAbort, Order{Response: rollout.Stop}))
	}, time.Minute)
	never(t, env)
	result, report := b.fleet(env, b.plan(), StartOptions{})
	assert.Equal(t, rollout.OutcomeStopped, result.Outcome)
	assert.Equal(t, []rollout.Phase{rollout.PhaseRolled, rollout.PhaseRolled, rollout.PhaseWaiting, rollout.PhaseWaiting}, phases(report))
	assert.Contains(t, fmt.Sprint(report.Timeline), "fleet/"+account+"/us-west-2/1 was aborted by itself")
}

// Nodes that a failed target keeps out leave a part no room. It is through, and the others
// go on without it.
func TestAPartWithoutRoomHoldsNobodyUp(t *testing.T) {
	b := newBed(t, 4, account, second)
	b.spec.Waves, b.spec.Bake = rollout.Percentages(50, 100), time.Hour
	b.spec.Budget, b.spec.Limits.Nodes = rollout.Budget{Wave: -1, Total: -1}, 8
	plan, env := b.plan(), b.env()
	activities := NewActivities(b.clients)
	env.OnActivity(StepActivity, mock.Anything, mock.Anything).Return(func(ctx context.Context, step rollout.Step) (rollout.Result, error) {
		if step.Kind == rollout.StepAwait && step.Account == account && step.Target == 0 {
			return rollout.Result{Kind: rollout.ResultFailed, Reason: "took too long", Unfinished: true}, nil
		}
		return activities.Do(ctx, step)
	})
	never(t, env)
	result, report := b.fleet(env, plan, StartOptions{})
	assert.Equal(t, rollout.OutcomeStopped, result.Outcome)
	for i, target := range report.Targets {
		if target.Account == second {
			assert.Equal(t, rollout.PhaseRolled, target.Phase, "target %d", i)
		}
	}
}

// What is said before all parts have arrived waits for them.
func TestAnOrderBeforeThePartsWaitsForThem(t *testing.T) {
	b := newBed(t, 1, account, second)
	in, states, err := divided(b.plan(), StartOptions{ID: "fleet"})
	require.NoError(t, err)
	env := b.env()
	env.SetStartWorkflowOptions(startOptions("fleet"))
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(SignalPause, Order{By: "Ada"}) }, time.Second)
	env.RegisterDelayedCallback(func() {
		for i, state := range states {
			env.SignalWorkflow(signalPart, partInput{Index: i, State: state})
		}
	}, 5*time.Hour) // later than the fleet asks its parts for the first time
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(SignalResume, Order{}) }, 6*time.Hour)
	env.ExecuteWorkflow(FleetWorkflow, in)
	require.NoError(t, env.GetWorkflowError())
	report := b.report(env)
	assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
	assert.Contains(t, fmt.Sprint(report.Timeline), "paused by Ada")
}

// A rollout whose start has failed half-way can be cancelled.
func TestAFleetWithoutItsPartsCanBeCancelled(t *testing.T) {
	b := newBed(t, 1, account, second)
	in, _, err := divided(b.plan(), StartOptions{ID: "fleet"})
	require.NoError(t, err)
	env := b.env()
	env.RegisterDelayedCallback(env.CancelWorkflow, 2*time.Hour)
	env.ExecuteWorkflow(FleetWorkflow, in)
	require.NoError(t, env.GetWorkflowError())
	var result FleetResult
	require.NoError(t, env.GetWorkflowResult(&result))
	assert.Equal(t, rollout.OutcomeStopped, result.Outcome)
	b.once(0)
}
