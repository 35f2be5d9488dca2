package temporalroll

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
	"github.com/hyperpodkit/hyperpodkit/internal/scenarios"
)

// The scenarios of package rollout come to the same ends here, in a part by itself and in
// a fleet of parts.
func TestScenarios(t *testing.T) {
	for _, s := range scenarios.All() {
		if s.Has(scenarios.OrderRestart) {
			// Nobody takes a workflow over, and its timers go on while its workers are
			// away: what is told and when targets begin differ, the end does not.
			s.Want.Says, s.Want.Check = maps.Clone(s.Want.Says), nil
			delete(s.Want.Says, "")
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Run("part", func(t *testing.T) { comesToItsEnd(t, s, asPart) })
			t.Run("fleet", func(t *testing.T) {
				s.Want.Says = maps.Clone(s.Want.Says) // each part tells of its own targets
				delete(s.Want.Says, "")
				if !undivided[s.Name] {
					comesToItsEnd(t, s, asFleet)
					return
				}
				synctest.Test(t, func(t *testing.T) {
					_, err := s.Run(t.Context(), asFleet)
					require.ErrorIs(t, err, errUndivided)
				})
			})
		})
	}
}

// undivided are scenarios with a limit that is too small to be divided among the parts of
// a fleet, which is refused before anything starts.
var undivided = map[string]bool{"one target of a Region at a time": true, "one target of an account at a time": true}

var errUndivided = errors.New("the rollout cannot be divided")

func comesToItsEnd(t *testing.T, s scenarios.Scenario, engine scenarios.Engine) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		end, err := s.Run(t.Context(), engine)
		require.NoError(t, err)
		for _, d := range s.Want.Differences(end) {
			assert.Fail(t, d)
		}
	})
}

// asPart runs a rollout as one part that belongs to no fleet.
func asPart(_ context.Context, job scenarios.Job) (rollout.State, error) {
	e := newEngine(job)
	p := newPart(PartInput{State: job.Plan.State}, nil)
	e.run(PartWorkflow, func(ctx workflow.Context) error {
		_, err := p.run(ctx)
		return err
	}, p.stuck)
	return p.state, e.err()
}

// asFleet runs a rollout as a fleet with a part for each account and Region.
func asFleet(_ context.Context, job scenarios.Job) (rollout.State, error) {
	e := newEngine(job)
	o := StartOptions{ID: "fleet"}
	if job.Plan.State.Settings.Limits == (rollout.Limits{}) {
		o.PartTargets = 2 // shares of limits would have other targets begin first
	}
	in, states, err := divided(job.Plan, o)
	if err != nil {
		return rollout.State{}, fmt.Errorf("%w: %w", errUndivided, err)
	}
	parts := make([]*part, len(states))
	e.env.RegisterWorkflowWithOptions(func(ctx workflow.Context, in PartInput) (report *rollout.Report, err error) {
		parts[in.Index] = newPart(in, nil)
		ended := false
		workflow.Go(ctx, func(ctx workflow.Context) {
			report, err = parts[in.Index].run(ctx)
			ended = true
		})
		for !ended && !e.ended { // one that is stuck ends with the fleet
			if _, err := workflow.AwaitWithTimeout(ctx, tick, func() bool { return ended }); err != nil {
				return nil, err
			}
		}
		return report, err
	}, workflow.RegisterOptions{Name: PartWorkflow})
	e.env.SetStartWorkflowOptions(startOptions("fleet"))
	e.env.RegisterDelayedCallback(func() {
		for i, state := range states {
			e.env.SignalWorkflow(signalPart, partInput{Index: i, State: state})
		}
	}, 0)
	f := newFleet(in)
	var result *FleetResult
	e.run(FleetWorkflow, func(ctx workflow.Context) (err error) {
		result, err = f.run(ctx)
		return err
	}, func(at time.Time) bool {
		asks := false
		for _, p := range parts {
			if p == nil || p.state.Ended.IsZero() && !p.stuck(at) {
				return false
			}
			asks = asks || p.state.Ended.IsZero()
		}
		return asks
	})
	state := whole(job.Plan.State, f.FleetState, parts)
	if err := e.err(); err != nil {
		return state, err
	}
	if result != nil && result.Outcome != state.Outcome() {
		return state, fmt.Errorf("the fleet came to %q, its parts together to %q", result.Outcome, state.Outcome())
	}
	return state, nil
}

// whole is the state that one runner would have.
func whole(planned rollout.State, s FleetState, parts []*part) rollout.State {
	all := planned
	all.Targets, all.Waves = slices.Clone(planned.Targets), slices.Clone(planned.Waves)
	all.Began, all.Ended, all.Paused, all.Aborted, all.Timeline = s.Began, s.Ended, s.Paused, s.Aborted, slices.Clone(s.Timeline)
	for w := range all.Waves {
		all.Waves[w].Began, all.Waves[w].Ended, all.Waves[w].Approved = s.Waves[w].Began, s.Waves[w].Ended, s.Waves[w].Approved
	}
	for i, p := range parts {
		for at, t := range p.state.Targets {
			all.Targets[s.Parts[i].Targets[at]] = t
		}
		for w := range all.Waves {
			all.Waves[w].Rolled = latest(all.Waves[w].Rolled, p.state.Waves[w].Rolled)
		}
		all.Timeline = append(all.Timeline, p.state.Timeline...)
	}
	return all
}

// tick is how far the environment's clock is behind the emulator's at most.
const tick = 20 * time.Second

// engine is Temporal's test environment for a scenario. An activity that runs all the
// time keeps the environment from skipping time by itself, so that its clock goes with
// that of the bubble, in which the emulator lives.
type engine struct {
	env    *testsuite.TestWorkflowEnvironment
	orders int // that are left
	ended  bool
	failed error
}

const ever = 10 * 365 * 24 * time.Hour

func newEngine(job scenarios.Job) *engine {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	suite.SetDisableRegistrationAliasing(true)
	e := &engine{env: suite.NewTestWorkflowEnvironment(), orders: len(job.Orders)}
	e.env.SetDataConverter(compressed())
	e.env.SetTestTimeout(ever)
	e.env.SetWorkflowRunTimeout(ever)
	m := &mortal{executor: job.Executor}
	e.env.RegisterActivityWithOptions(m.do, activity.RegisterOptions{Name: StepActivity})
	for _, o := range job.Orders {
		e.env.RegisterDelayedCallback(func() {
			e.orders--
			if e.ended {
				e.failed = errors.New("the rollout ended before its last order")
			}
			if o.Kind == scenarios.OrderRestart {
				m.kill(o.Away)
				return
			}
			e.env.SignalWorkflow(string(o.Kind), Order{By: "the operator", Response: o.Response, Wave: o.Wave, Target: o.Target, Answer: o.Answer})
		}, o.At)
	}
	return e
}

// run runs a workflow until it ends, or is stuck and there is no order left.
func (e *engine) run(name string, run func(workflow.Context) error, stuck func(time.Time) bool) {
	over := make(chan struct{})
	e.env.RegisterActivityWithOptions(func(context.Context) error { <-over; return nil }, activity.RegisterOptions{Name: "companion"})
	e.env.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: ever}), "companion")
		workflow.Go(ctx, func(ctx workflow.Context) {
			e.failed = errors.Join(e.failed, run(ctx))
			e.ended = true
		})
		for still := 0; !e.ended && still < 2; still++ { // an order that was just given is on its way
			if e.orders > 0 || !stuck(workflow.Now(ctx)) {
				still = -1
			}
			if err := workflow.Sleep(ctx, tick); err != nil {
				return err
			}
		}
		e.ended = true
		close(over)
		return nil
	}, workflow.RegisterOptions{Name: name})
	e.env.ExecuteWorkflow(name)
}

func (e *engine) err() error {
	if e.orders > 0 {
		return fmt.Errorf("the rollout ended before its last %d orders", e.orders)
	}
	return errors.Join(e.failed, e.env.GetWorkflowError())
}

// stuck tells whether nothing can go on before somebody answers.
func (p *part) stuck(at time.Time) bool {
	s := p.state
	s.Now = at
	d := rollout.Next(s)
	return len(d.Asks) > 0 && len(d.Steps) == 0 && d.Wake.IsZero() && len(p.underWay) == 0 && len(p.ended) == 0
}

// mortal is a worker that can be killed. Temporal hears of it by the heartbeats that are
// missing: what changes something is lost, and anything else is attempted again when
// there is a worker.
type mortal struct {
	executor *rollout.Executor

	mu    sync.Mutex
	kills []context.CancelFunc
	back  time.Time
}

func (m *mortal) do(ctx context.Context, step rollout.Step) (rollout.Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m.mu.Lock()
	m.kills = append(m.kills, cancel)
	back := m.back
	m.mu.Unlock()
	beats := time.NewTicker(10 * time.Second)
	defer beats.Stop()
	done := make(chan rollout.Result, 1)
	go func() {
		time.Sleep(time.Until(back))
		done <- m.executor.Do(ctx, step)
	}()
	for {
		select {
		case <-beats.C:
			activity.RecordHeartbeat(ctx)
		case result := <-done:
			if result.Kind != rollout.ResultLost || ctx.Err() == nil {
				return result, nil
			}
			if step.Kind.Changes() {
				return result, temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_HEARTBEAT, nil)
			}
			return result, temporal.NewApplicationError("killed", ErrorInterrupted)
		}
	}
}

// kill ends what the worker does. The next one comes when away is over.
func (m *mortal) kill(away time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, cancel := range m.kills {
		cancel()
	}
	m.kills, m.back = nil, time.Now().Add(away)
}
