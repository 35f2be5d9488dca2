package rollout

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RunnerOptions configure a [Runner]. The zero value works.
type RunnerOptions struct {
	// OnEvent is called for each event; see [Event]. Nil tells nobody.
	OnEvent func(ctx context.Context, e Event)

	// SnapshotEvery is after how many entries of the journal the whole state is kept
	// again. Zero means 200.
	SnapshotEvery int

	// Watch is how often the journal is looked at for what a [Control] of another process
	// has written. Zero means a minute, negative never: it is seen with the next entry
	// then.
	Watch time.Duration

	// CleanupTimeout is for how long what steps have found may be kept after the context
	// has ended. Zero means 30 seconds.
	CleanupTimeout time.Duration
}

// Runner runs a rollout in this process: it asks [Next] what to do, keeps each step in the
// journal before it is begun, and has the executor run it. A runner that was killed is
// followed by another one that resumes from the journal. Make one with [NewRunner].
type Runner struct {
	executor *Executor
	store    Store
	options  RunnerOptions
	wake     chan struct{}
}

// NewRunner makes a runner on a journal. It calls nothing.
func NewRunner(x *Executor, store Store, optFns ...func(*RunnerOptions)) *Runner {
	r := &Runner{executor: x, store: store, wake: make(chan struct{}, 1)}
	for _, fn := range optFns {
		fn(&r.options)
	}
	if r.options.SnapshotEvery <= 0 {
		r.options.SnapshotEvery = 200
	}
	if r.options.Watch == 0 {
		r.options.Watch = time.Minute
	}
	if r.options.CleanupTimeout <= 0 {
		r.options.CleanupTimeout = 30 * time.Second
	}
	return r
}

// Run begins the rollout and runs it to its end. The journal must be empty, [ErrBegun]
// otherwise.
//
// The report is never nil. The error is nil when the rollout came to its end within its
// budget; a [*FailedError] when it did not; [ErrAsks] when nothing can go on before
// somebody answers; [ErrTakenOver] when another runner goes on; and the context's error
// when that ended first. Nothing at AWS is interrupted then, and [Runner.Resume] goes on.
func (r *Runner) Run(ctx context.Context, p *Plan) (*Report, error) {
	run := r.begin()
	known, err := r.store.Load(ctx, 0)
	switch {
	case err != nil:
		return p.State.Report(), fmt.Errorf("rollout: read the journal: %w", err)
	case len(known) > 0:
		return p.State.Report(), ErrBegun
	}
	if err := run.adopt(p.State); err != nil {
		return p.State.Report(), err
	}
	if err := run.keep(ctx, Change{Kind: ChangeBegun}); err != nil {
		if errors.Is(err, errAgain) {
			err = ErrBegun
		}
		return run.state.Report(), err
	}
	return run.end(ctx, run.loop(ctx))
}

// Resume goes on with the rollout of the journal, from wherever it was: steps that were
// under way and change nothing are run again, and for those that change something the
// cluster is asked whether they did. Report and error are those of [Runner.Run];
// [ErrNotBegun] when the journal is empty. A rollout that has ended is not begun anew. One
// that cannot go on here, for want of a gate, a hook or the time zone of a window, is an
// error before it is taken over.
//
// The runner takes the rollout over: one that still runs it in another process stops with
// [ErrTakenOver] at its next entry, and so before any step that it has not begun. A request
// that it had begun and not yet sent it may still send; the service knows no means against
// that. Resume when the former process has ended.
func (r *Runner) Resume(ctx context.Context) (*Report, error) {
	run := r.begin()
	if err := run.load(ctx); err != nil {
		return run.state.Report(), err
	}
	for run.state.Ended.IsZero() {
		err := run.keep(ctx, Change{Kind: ChangeTaken})
		if errors.Is(err, errAgain) || errors.Is(err, ErrTakenOver) {
			continue // what was written meanwhile is known by now
		}
		if err != nil {
			return run.state.Report(), err
		}
		run.replaced = false // by whoever came before
		return run.end(ctx, run.loop(ctx))
	}
	return run.state.Report(), run.state.err()
}
