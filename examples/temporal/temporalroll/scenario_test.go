package temporalroll

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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

// The scenarios of package rollout come to the same ends here.
func TestScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("a request that is refused for hours does not come to its end in Temporal's test environment")
	}
	for _, s := range scenarios.All() {
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if s.Has(scenarios.OrderRestart) {
					// Nobody takes a workflow over, and its timers go on while its workers are
					// away: what is told and when targets begin differ, the end does not.
					delete(s.Want.Says, "")
					s.Want.Check = nil
				}
				end, err := s.Run(t.Context(), onTemporal)
				require.NoError(t, err)
				for _, d := range s.Want.Differences(end) {
					assert.Fail(t, d)
				}
			})
		})
	}
}

// tick is how far the environment's clock is behind the emulator's at most.
const tick = 20 * time.Second

// onTemporal runs a part in Temporal's test environment. An activity that runs all the
// time keeps the environment from skipping time by itself, so that its clock goes with
// that of the bubble, in which the emulator lives.
func onTemporal(_ context.Context, job scenarios.Job) (rollout.State, error) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	suite.SetDisableRegistrationAliasing(true)
	env := suite.NewTestWorkflowEnvironment()
	env.SetDataConverter(DataConverter())
	env.SetTestTimeout(10 * 365 * 24 * time.Hour)
	env.SetWorkflowRunTimeout(10 * 365 * 24 * time.Hour)
	over := make(chan struct{})
	env.RegisterActivityWithOptions(func(context.Context) error { <-over; return nil }, activity.RegisterOptions{Name: "companion"})
	m := &mortal{executor: job.Executor}
	env.RegisterActivityWithOptions(m.do, activity.RegisterOptions{Name: StepActivity})

	p := newPart(PartInput{State: job.Plan.State}, nil)
	ended, orders := false, len(job.Orders)
	var failed error
	env.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * 365 * 24 * time.Hour}), "companion")
		workflow.Go(ctx, func(ctx workflow.Context) {
			_, failed = p.run(ctx)
			ended = true
		})
		for still := 0; !ended && still < 2; still++ { // an order that was just given is on its way
			if orders > 0 || !p.stuck(workflow.Now(ctx)) {
				still = -1
			}
			if err := workflow.Sleep(ctx, tick); err != nil {
				return err
			}
		}
		close(over)
		return failed
	}, workflow.RegisterOptions{Name: PartWorkflow})
	for _, o := range job.Orders {
		env.RegisterDelayedCallback(func() {
			orders--
			if ended {
				failed = errors.New("the rollout ended before its last order")
			}
			if o.Kind == scenarios.OrderRestart {
				m.kill(o.Away)
				return
			}
			env.SignalWorkflow(string(o.Kind), Order{By: "the operator", Response: o.Response, Wave: o.Wave, Target: o.Target, Answer: o.Answer})
		}, o.At)
	}
	env.ExecuteWorkflow(PartWorkflow)
	if orders > 0 {
		return p.state, fmt.Errorf("the rollout ended before its last %d orders", orders)
	}
	return p.state, errors.Join(failed, env.GetWorkflowError())
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
