package rollout_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
	"github.com/hyperpodkit/hyperpodkit/internal/scenarios"
)

func TestScenarios(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scenarios.All() {
		require.False(t, seen[s.Name], "two scenarios are named %q", s.Name)
		seen[s.Name] = true
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end, err := s.Run(t.Context(), inProcess)
				require.NoError(t, err)
				for _, d := range s.Want.Differences(end) {
					assert.Fail(t, d)
				}
			})
		})
	}
}

// inProcess is the engine of this package: a runner on a journal in memory.
func inProcess(ctx context.Context, job scenarios.Job) (rollout.State, error) {
	p := &scenarioRun{ctx: ctx, job: job, store: rollout.NewMemStore()}
	began := time.Now()
	p.start()
	for _, o := range job.Orders {
		if err := p.until(began.Add(o.At)); err != nil {
			return rollout.State{}, err
		}
		if err := p.carryOut(o); err != nil {
			return rollout.State{}, fmt.Errorf("%s: %w", o.Kind, err)
		}
	}
	err := p.wait()
	if err != nil && !errors.Is(err, rollout.ErrFailed) && !errors.Is(err, rollout.ErrAsks) {
		return rollout.State{}, err
	}
	state, _, loadErr := rollout.Load(ctx, p.store)
	if (err == nil) != (state.Outcome() == rollout.OutcomeSucceeded) {
		return state, fmt.Errorf("the rollout is %q, and the runner's error is %w", state.Outcome(), err)
	}
	return state, loadErr
}

// scenarioRun is a process that runs a rollout and may be killed.
type scenarioRun struct {
	ctx    context.Context //nolint:containedctx // of the test that the process lives in
	job    scenarios.Job
	store  rollout.Store
	runner *rollout.Runner
	kill   context.CancelFunc
	ended  chan error // nil while none runs
	begun  bool
}

func (p *scenarioRun) start() {
	life, kill := context.WithCancel(p.ctx)
	p.runner, p.kill, p.ended = rollout.NewRunner(p.job.Executor, p.store), kill, make(chan error, 1)
	run := p.runner.Resume
	if !p.begun {
		run = func(ctx context.Context) (*rollout.Report, error) { return p.runner.Run(ctx, p.job.Plan) }
	}
	p.begun = true
	go func(ended chan<- error) {
		_, err := run(life)
		ended <- err
	}(p.ended)
}

// until waits for a time. A runner that asks for an answer meanwhile is started anew by
// the order that gives it.
func (p *scenarioRun) until(at time.Time) error {
	select {
	case <-time.After(time.Until(at)):
		return nil
	case err := <-p.ended:
		if p.ended = nil; !errors.Is(err, rollout.ErrAsks) {
			return fmt.Errorf("the rollout ended before its last order: %w", err)
		}
		time.Sleep(time.Until(at))
		return nil
	}
}

func (p *scenarioRun) carryOut(o scenarios.Order) error {
	control := p.runner.Control("the operator")
	var err error
	switch o.Kind {
	case scenarios.OrderPause:
		err = control.Pause(p.ctx)
	case scenarios.OrderResume:
		err = control.Resume(p.ctx)
	case scenarios.OrderAbort:
		err = control.Abort(p.ctx, o.Response)
	case scenarios.OrderApprove:
		err = control.Approve(p.ctx, o.Wave)
	case scenarios.OrderAnswer:
		err = control.Answer(p.ctx, o.Target, o.Answer)
	case scenarios.OrderRestart:
		p.kill()
		if err := p.wait(); !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the killed runner ended with: %w", err)
		}
		time.Sleep(o.Away)
	}
	if p.ended == nil && err == nil {
		p.start()
	}
	return err
}

// wait waits for the runner to end.
func (p *scenarioRun) wait() error {
	if p.ended == nil {
		return nil
	}
	err := <-p.ended
	p.kill()
	p.ended = nil
	return err
}
