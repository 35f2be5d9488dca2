package rollout_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// under is a rollout of three waves of one cluster that runs in a goroutine.
type under struct {
	*fleet
	store  *rollout.MemStore
	plan   *rollout.Plan
	runner *rollout.Runner
	report *rollout.Report
	err    error
	ended  time.Time
	texts  []string // what was told of moments and waits
}

func newUnder(t *testing.T, edit func(*rollout.Spec), optFns ...func(*rollout.Options)) *under {
	t.Helper()
	u := &under{fleet: newFleet(t, 3, hyperpodtest.Realistic), store: rollout.NewMemStore()}
	spec := u.spec()
	spec.Waves = rollout.Waves([]string{"train-0"}, []string{"train-1"}, []string{"train-2"})
	if edit != nil {
		edit(&spec)
	}
	x := rollout.NewExecutor(u.clients, optFns...)
	var err error
	u.plan, err = x.Plan(t.Context(), spec)
	require.NoError(t, err)
	u.runner = rollout.NewRunner(x, u.store, func(o *rollout.RunnerOptions) {
		o.OnEvent = func(_ context.Context, e rollout.Event) {
			if e.Kind == rollout.EventMoment || e.Kind == rollout.EventWaiting {
				u.texts = append(u.texts, e.Text)
			}
		}
	})
	return u
}

func (u *under) run(ctx context.Context) {
	go func() {
		u.report, u.err = u.runner.Run(ctx, u.plan)
		u.ended = time.Now()
	}()
}

// state is what the journal says.
func (u *under) state() rollout.State {
	u.t.Helper()
	s, _, err := rollout.Load(u.t.Context(), u.store)
	require.NoError(u.t, err)
	return s
}

func TestAPauseBeginsNothingNew(t *testing.T) {
	for name, own := range map[string]bool{"by its runner": true, "by another process": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnder(t, nil)
				u.run(t.Context())
				control := rollout.NewControl(u.store, "ops")
				if own {
					control = u.runner.Control("ops")
				}
				time.Sleep(10 * time.Minute)
				require.NoError(t, control.Pause(t.Context()))
				time.Sleep(5 * time.Hour)
				s := u.state()
				assert.Equal(t, rollout.PhaseRolled, s.Targets[0].Phase, "what had begun went on")
				assert.Equal(t, rollout.PhaseWaiting, s.Targets[1].Phase)
				require.NoError(t, control.Resume(t.Context()))
				resumed := time.Now()
				time.Sleep(2 * time.Minute)
				assert.Equal(t, rollout.PhaseActive, u.state().Targets[1].Phase)
				time.Sleep(5 * time.Hour)
				synctest.Wait()
				require.NoError(t, u.err)
				assert.Equal(t, rollout.OutcomeSucceeded, u.report.Outcome)
				assert.Less(t, u.ended.Sub(resumed), 2*time.Hour)
				assert.Contains(t, u.texts, "paused by ops")
				assert.Contains(t, u.texts, "paused", "it was told what is waited for")
			})
		})
	}
}

func TestWavesWaitForTheirApproval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, func(s *rollout.Spec) { s.Approval = true })
		u.run(t.Context())
		time.Sleep(10 * time.Hour)
		assert.Equal(t, rollout.PhaseRolled, u.state().Targets[0].Phase, "the first wave needs none")
		assert.Equal(t, rollout.PhaseWaiting, u.state().Targets[1].Phase)
		control := u.runner.Control("ops")
		require.NoError(t, control.Approve(t.Context(), 1))
		time.Sleep(10 * time.Hour)
		assert.Equal(t, rollout.PhaseRolled, u.state().Targets[1].Phase)
		assert.Equal(t, rollout.PhaseWaiting, u.state().Targets[2].Phase, "each needs its own")
		require.Error(t, control.Approve(t.Context(), 3), "there is no such wave")
		require.NoError(t, control.Approve(t.Context(), 2))
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		require.NoError(t, u.err)
		require.ErrorContains(t, control.Pause(t.Context()), "it has ended: succeeded")
	})
}

func TestAnAbortTakesBackWhatItSays(t *testing.T) {
	for name, tt := range map[string]struct {
		response rollout.Response
		want     rollout.Outcome
		images   []string
	}{
		"nothing":   {rollout.Stop, rollout.OutcomeStopped, []string{newAMI, newAMI, goldenAMI}},
		"the wave":  {rollout.UndoWave, rollout.OutcomeTakenBack, []string{newAMI, goldenAMI, goldenAMI}},
		"all of it": {rollout.UndoAll, rollout.OutcomeTakenBack, []string{goldenAMI, goldenAMI, goldenAMI}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnder(t, nil)
				u.run(t.Context())
				time.Sleep(40 * time.Minute) // the second wave is under way
				require.NoError(t, u.runner.Control("ops").Abort(t.Context(), tt.response))
				time.Sleep(10 * time.Hour)
				synctest.Wait()
				require.ErrorIs(t, u.err, rollout.ErrFailed)
				assert.Equal(t, tt.want, u.report.Outcome)
				for i, image := range tt.images {
					assert.Equal(t, image, u.images(u.names[i])["workers"], u.names[i])
				}
				assert.Equal(t, rollout.PhaseWaiting, u.report.Targets[2].Phase)
			})
		})
	}
	u := &under{store: rollout.NewMemStore()}
	require.ErrorContains(t, rollout.NewControl(u.store, "").Abort(t.Context(), "undo"), "use stop, undo-wave or undo-all")
	require.ErrorIs(t, rollout.NewControl(u.store, "").Pause(t.Context()), rollout.ErrNotBegun)
}

// Of two runners on one journal only the later one goes on, and nothing is sent twice.
func TestAnotherRunnerTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, nil)
		u.run(t.Context())
		time.Sleep(10 * time.Minute)
		second := rollout.NewRunner(rollout.NewExecutor(u.clients), u.store)
		report, err := second.Resume(t.Context())
		require.NoError(t, err)
		synctest.Wait()
		require.ErrorIs(t, u.err, rollout.ErrTakenOver)
		assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
		for cluster, n := range u.updates() {
			assert.Equal(t, 1, n, cluster)
		}
		_, err = second.Run(t.Context(), u.plan)
		require.ErrorIs(t, err, rollout.ErrBegun)
		again, err := second.Resume(t.Context())
		require.NoError(t, err, "what has ended is not begun anew")
		assert.Equal(t, report.Ended, again.Ended)
	})
}

func TestWhatARunnerCannotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, nil, func(o *rollout.Options) { o.Gate = rollout.NodesRunning() })
		_, err := rollout.NewRunner(rollout.NewExecutor(u.clients), u.store).Run(t.Context(), u.plan)
		require.ErrorContains(t, err, "planned with a gate, which the executor lacks")
		_, err = u.runner.Resume(t.Context())
		require.ErrorIs(t, err, rollout.ErrNotBegun)
		newer := *u.plan
		newer.State.Version = 2
		_, err = u.runner.Run(t.Context(), &newer)
		require.ErrorContains(t, err, "version 2, this library reads 1")
		assert.Zero(t, u.calls("UpdateClusterSoftware"))
	})
}

// Somebody has to say what became of a request that nobody knows anything of, and it is
// not sent again before.
func TestAnAnswerGoesOn(t *testing.T) {
	for name, tt := range map[string]struct {
		answer rollout.Answer
		want   rollout.Phase
		wait   time.Duration // before it is answered
	}{
		"it was sent": {rollout.AnswerSent, rollout.PhaseRolled, 0},
		// The answers are wrong, and nothing is sent twice all the same.
		"it was not sent, but was":        {rollout.AnswerNotSent, rollout.PhaseFailed, 0},
		"it was not sent, but is through": {rollout.AnswerNotSent, rollout.PhaseRolled, 5 * time.Hour},
		"it is given up":                  {rollout.AnswerGiveUp, rollout.PhaseFailed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnder(t, func(s *rollout.Spec) {
					s.Targets, s.Waves, s.Budget.Total, s.Budget.Wave = s.Targets[:1], rollout.OneWave(), 1, 1
				})
				x := rollout.NewExecutor(u.clients)
				ask := &asking{Store: u.store}
				_, err := rollout.NewRunner(x, ask).Run(t.Context(), u.plan)
				require.ErrorIs(t, err, rollout.ErrAsks)
				s := u.state()
				require.Equal(t, rollout.PhaseUnknown, s.Targets[0].Phase)
				runner := rollout.NewRunner(x, u.store)
				_, err = runner.Resume(t.Context())
				require.ErrorIs(t, err, rollout.ErrAsks, "it asks until it is answered")
				require.Error(t, runner.Control("ops").Answer(t.Context(), 0, "perhaps"))
				time.Sleep(tt.wait)
				require.NoError(t, runner.Control("ops").Answer(t.Context(), 0, tt.answer))
				require.Error(t, runner.Control("ops").Answer(t.Context(), 0, tt.answer), "it asks no more")
				report, err := runner.Resume(t.Context())
				require.NoError(t, err, "a failure within the budget")
				assert.Equal(t, tt.want, report.Targets[0].Phase, report.Targets[0].Reason)
				assert.Equal(t, 1, u.calls("UpdateClusterSoftware"))
			})
		})
	}
}

// asking makes the outcome of the first request unknown.
type asking struct {
	rollout.Store
	done bool
}

func (s *asking) Append(ctx context.Context, e rollout.Entry, expected uint64) error {
	for i := range e.Changes {
		if c := &e.Changes[i]; c.Kind == rollout.ChangeFinished && !s.done && c.Result.Kind == rollout.ResultDone && expected > 3 {
			s.done = true
			c.Result.Kind = rollout.ResultLost
		}
		if c := &e.Changes[i]; c.Kind == rollout.ChangeFinished && s.done && c.Result.Kind == rollout.ResultDone {
			c.Result.Kind, c.Result.Reason = rollout.ResultUnknown, "the service does not tell"
		}
	}
	return s.Store.Append(ctx, e, expected)
}
