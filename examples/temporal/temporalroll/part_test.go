package temporalroll

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func startOptions(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: WorkflowQueue}
}

func TestAPartGoesThrough(t *testing.T) {
	b := newBed(t, 3)
	b.spec.Waves, b.spec.Bake = rollout.Percentages(33, 100), 24*time.Hour
	gated := func(o *rollout.Options) { o.Gate = rollout.NodesRunning() }
	plan := b.plan(gated)
	report := b.part(b.env(gated), plan)
	assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
	assert.Equal(t, []rollout.Phase{rollout.PhaseRolled, rollout.PhaseRolled, rollout.PhaseRolled}, phases(report))
	for _, target := range report.Targets {
		assert.Equal(t, newAMI, b.image(account, target.Cluster))
	}
	b.once(3)
	assert.GreaterOrEqual(t, report.Waves[0].Ended.Sub(report.Waves[0].Rolled), 24*time.Hour, "it bakes by a timer")
}

func TestACanaryThatFailsItsGateIsUndone(t *testing.T) {
	b := newBed(t, 3)
	b.spec.Waves = rollout.Percentages(33, 100)
	refusing := func(o *rollout.Options) {
		o.Gate = func(context.Context, rollout.Visit) error {
			return rollout.Refuse(errors.New("the loss is not a number"))
		}
	}
	report := b.part(b.env(refusing), b.plan(refusing))
	assert.Equal(t, rollout.OutcomeTakenBack, report.Outcome)
	assert.Equal(t, []rollout.Phase{rollout.PhaseTakenBack, rollout.PhaseWaiting, rollout.PhaseWaiting}, phases(report))
	assert.Contains(t, report.Targets[0].Reason, "the loss is not a number")
	assert.Equal(t, goldenAMI, b.image(account, "train-0"))
}

func TestMaintenanceWindowsAreTimers(t *testing.T) {
	b := newBed(t, 1)
	b.spec.Windows = []rollout.Window{{Days: []time.Weekday{time.Sunday}, Start: "02:00", Duration: 2 * time.Hour, Zone: "Europe/Berlin"}}
	report := b.part(b.env(), b.plan())
	assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	assert.Equal(t, time.Sunday, report.Targets[0].Began.In(berlin).Weekday())
}

func TestOrders(t *testing.T) {
	for name, c := range map[string]struct {
		spec  func(*rollout.Spec)
		say   func(b *bed, signal func(at time.Duration, name string, order Order))
		want  rollout.Outcome
		after time.Duration // that the last target began at the earliest
		moved []rollout.Phase
	}{
		"pause and resume": {
			spec: func(s *rollout.Spec) { s.Waves, s.Bake = rollout.Percentages(50, 100), time.Hour },
			say: func(_ *bed, signal func(time.Duration, string, Order)) {
				signal(time.Minute, SignalPause, Order{By: "ops"})
				signal(30*time.Hour, SignalResume, Order{})
			},
			want: rollout.OutcomeSucceeded, after: 30 * time.Hour, moved: []rollout.Phase{rollout.PhaseRolled, rollout.PhaseRolled},
		},
		"approve": {
			spec: func(s *rollout.Spec) { s.Waves, s.Approval = rollout.Percentages(50, 100), true },
			say: func(_ *bed, signal func(time.Duration, string, Order)) {
				signal(50*time.Hour, SignalApprove, Order{Wave: 1})
			},
			want: rollout.OutcomeSucceeded, after: 50 * time.Hour, moved: []rollout.Phase{rollout.PhaseRolled, rollout.PhaseRolled},
		},
		"abort takes all back": {
			spec: func(s *rollout.Spec) { s.Waves, s.Approval = rollout.Percentages(50, 100), true },
			say: func(_ *bed, signal func(time.Duration, string, Order)) {
				signal(time.Hour, SignalAbort, Order{Response: rollout.UndoAll})
			},
			want: rollout.OutcomeTakenBack, moved: []rollout.Phase{rollout.PhaseTakenBack, rollout.PhaseWaiting},
		},
		"what does not fit changes nothing": {
			spec: func(s *rollout.Spec) { s.Waves, s.Approval = rollout.Percentages(50, 100), true },
			say: func(_ *bed, signal func(time.Duration, string, Order)) {
				signal(time.Hour, SignalAbort, Order{Response: "explode"})
				signal(time.Hour, SignalApprove, Order{Wave: 9})
				signal(time.Hour, SignalAnswer, Order{Target: 0, Answer: rollout.AnswerSent})
				signal(2*time.Hour, SignalApprove, Order{Wave: 1})
			},
			want: rollout.OutcomeSucceeded, after: 2 * time.Hour, moved: []rollout.Phase{rollout.PhaseRolled, rollout.PhaseRolled},
		},
	} {
		for _, whole := range []bool{false, true} {
			t.Run(name+map[bool]string{false: ", a part", true: ", a fleet"}[whole], func(t *testing.T) {
				b := newBed(t, 2)
				c.spec(&b.spec)
				plan, env := b.plan(), b.env()
				c.say(b, func(at time.Duration, name string, order Order) {
					env.RegisterDelayedCallback(func() { env.SignalWorkflow(name, order) }, at)
				})
				var report *rollout.Report
				if whole {
					_, report = b.fleet(env, plan, StartOptions{})
				} else {
					report = b.part(env, plan)
				}
				assert.Equal(t, c.want, report.Outcome)
				assert.Equal(t, c.moved, phases(report))
				if c.after > 0 {
					assert.GreaterOrEqual(t, report.Targets[1].Began.Sub(report.Began), c.after-time.Minute)
				}
			})
		}
	}
}

func TestACancellationStops(t *testing.T) {
	b := newBed(t, 2)
	b.spec.Waves, b.spec.Bake = rollout.Percentages(50, 100), time.Hour
	env := b.env()
	env.RegisterDelayedCallback(env.CancelWorkflow, time.Minute)
	report := b.part(env, b.plan())
	assert.Equal(t, rollout.OutcomeStopped, report.Outcome)
	assert.Equal(t, []rollout.Phase{rollout.PhaseRolled, rollout.PhaseWaiting}, phases(report))
}

// A worker that dies takes the answer of its request with it.
func TestALostUpdateIsFoundAndNotSentAgain(t *testing.T) {
	for name, reached := range map[string]bool{"it had reached the service": true, "it had not": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newRealisticBed(t, 1)
				plan, env := b.plan(), b.env()
				activities := NewActivities(b.clients)
				var updates atomic.Int32
				var kinds []rollout.StepKind
				env.OnActivity(StepActivity, mock.Anything, mock.Anything).Return(func(ctx context.Context, step rollout.Step) (rollout.Result, error) {
					kinds = append(kinds, step.Kind)
					if step.Kind == rollout.StepUpdate && updates.Add(1) == 1 {
						if reached {
							_, err := activities.Do(ctx, step)
							require.NoError(t, err)
						}
						return rollout.Result{}, temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_HEARTBEAT, nil)
					}
					return activities.Do(ctx, step)
				})
				report := b.part(env, plan)
				assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
				b.once(1)
				want := []rollout.StepKind{rollout.StepCheck, rollout.StepUpdate, rollout.StepFind, rollout.StepAwait}
				if !reached {
					want = []rollout.StepKind{rollout.StepCheck, rollout.StepUpdate, rollout.StepFind, rollout.StepCheck, rollout.StepUpdate, rollout.StepAwait}
				}
				assert.Equal(t, want, kinds)
			})
		})
	}
}

func TestAPartContinuesWithANewHistory(t *testing.T) {
	b := newBed(t, 4)
	b.spec.Waves = rollout.Percentages(25, 50, 75, 100)
	state, runs := b.plan().State, 0
	for ; runs < 20; runs++ {
		env := b.env()
		env.SetCurrentHistoryLength(1)
		env.SetOnActivityCompletedListener(func(*activity.Info, converter.EncodedValue, error) { env.SetCurrentHistoryLength(100) })
		env.ExecuteWorkflow(PartWorkflow, PartInput{State: state, Events: 50})
		require.True(t, env.IsWorkflowCompleted())
		err := env.GetWorkflowError()
		if err == nil {
			var report rollout.Report
			require.NoError(t, env.GetWorkflowResult(&report))
			assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
			break
		}
		state = continued(t, err).State
	}
	assert.Greater(t, runs, 4)
	b.once(4)
}

// continued is the input that a run hands to the next one.
func continued(t *testing.T, err error) PartInput {
	t.Helper()
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, err, &again)
	require.Equal(t, PartWorkflow, again.WorkflowType.Name)
	var in PartInput
	require.NoError(t, DataConverter().FromPayloads(again.Input, &in))
	return in
}

// A step that waits is ended and begun anew by the next run; one that changes something is
// awaited.
func TestWhatIsUnderWayWhenAPartContinues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, 2)
		plan, env := b.plan(), b.env()
		activities := NewActivities(b.clients)
		cut := make(chan struct{})
		env.OnActivity(StepActivity, mock.Anything, mock.Anything).Return(func(ctx context.Context, step rollout.Step) (rollout.Result, error) {
			switch {
			case step.Kind == rollout.StepAwait && step.Target == 0:
				<-cut
				return rollout.Result{}, ctx.Err()
			case step.Kind == rollout.StepUpdate && step.Target == 1:
				<-cut // is awaited although it takes until after the wait was ended
			}
			return activities.Do(ctx, step)
		})
		cutOff := sync.OnceFunc(func() { close(cut) }) // the environment may tell of it twice
		env.SetOnActivityCanceledListener(func(*activity.Info) { cutOff() })
		waits, sends, told := false, false, false
		env.SetOnActivityStartedListener(func(_ *activity.Info, _ context.Context, args converter.EncodedValues) {
			var step rollout.Step
			require.NoError(t, args.Get(&step))
			waits = waits || step.Kind == rollout.StepAwait && step.Target == 0
			sends = sends || step.Kind == rollout.StepUpdate && step.Target == 1
			if waits && sends && !told {
				told = true
				env.SignalWorkflow(SignalHandOver, Order{Queue: "next-version"})
			}
		})
		env.ExecuteWorkflow(PartWorkflow, PartInput{State: plan.State})
		err := env.GetWorkflowError()
		var again *workflow.ContinueAsNewError
		require.ErrorAs(t, err, &again)
		assert.Equal(t, "next-version", again.TaskQueueName)
		state := continued(t, err).State
		for _, target := range state.Targets {
			assert.False(t, target.Running)
		}
		b.once(2)

		report := b.part(b.env(), &rollout.Plan{State: state})
		assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
		b.once(2)
	})
}

func TestAStateOfAnotherVersionIsRefused(t *testing.T) {
	b := newBed(t, 1)
	plan := b.plan()
	plan.State.Version = rollout.Version + 1
	env := b.env()
	env.ExecuteWorkflow(PartWorkflow, PartInput{State: plan.State})
	var failure *temporal.ApplicationError
	require.ErrorAs(t, env.GetWorkflowError(), &failure)
	assert.Equal(t, "Version", failure.Type())
	assert.True(t, failure.NonRetryable())

	in, _, err := divided(plan, StartOptions{ID: "fleet"})
	require.NoError(t, err)
	env = b.env()
	env.ExecuteWorkflow(FleetWorkflow, in)
	require.ErrorAs(t, env.GetWorkflowError(), &failure)
	assert.Equal(t, "Version", failure.Type())
}
