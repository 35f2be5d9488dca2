package rollout

import (
	"context"
	"errors"
	"fmt"
)

// Control tells a rollout what to do, from any process that has its journal. A runner of
// another process hears of it when it next looks; see [RunnerOptions].Watch.
//
// A method returns once its order is kept in the journal. Its error is [ErrNotBegun] where
// there is no rollout, says why the order cannot be given, as when the rollout has ended or
// has no such wave or target, or is that of the [Store].
type Control struct {
	store Store
	by    string
	wake  chan<- struct{}
}

// NewControl makes a control on a journal. by says who gives the orders, for the timeline;
// it may be empty.
func NewControl(store Store, by string) *Control { return &Control{store: store, by: by} }

// Control makes a control of the rollout, which hears of it at once.
func (r *Runner) Control(by string) *Control {
	return &Control{store: r.store, by: by, wake: r.wake}
}

// Pause has no further target begun. Those that have begun go on to their end, and so
// does what is being taken back.
func (c *Control) Pause(ctx context.Context) error { return c.order(ctx, Change{Kind: ChangePaused}) }

// Resume ends a pause.
func (c *Control) Resume(ctx context.Context) error { return c.order(ctx, Change{Kind: ChangeResumed}) }

// Abort ends the rollout: no further target begins, and what the response says is taken
// back. It cannot be taken back itself.
func (c *Control) Abort(ctx context.Context, response Response) error {
	if stronger("", response) == "" {
		return fmt.Errorf("abort: response %q: use %s, %s or %s", response, Stop, UndoWave, UndoAll)
	}
	return c.order(ctx, Change{Kind: ChangeAborted, Response: response})
}

// Approve lets a wave begin, by its index in the report: the first is 0. It may come before
// the wave's turn.
func (c *Control) Approve(ctx context.Context, wave int) error {
	return c.order(ctx, Change{Kind: ChangeApproved, Wave: wave})
}

// Answer says, for a target that is [PhaseUnknown], by its index, what somebody has found
// out about the request that was sent last.
func (c *Control) Answer(ctx context.Context, target int, answer Answer) error {
	return c.order(ctx, Change{Kind: ChangeAnswered, Target: target, Answer: answer})
}

// order writes a change, after whatever others write at the same time.
func (c *Control) order(ctx context.Context, change Change) error {
	change.By = c.by
	for {
		state, number, err := Load(ctx, c.store)
		if err != nil {
			return err
		}
		if !state.Ended.IsZero() {
			return fmt.Errorf("rollout: it has ended: %s", state.Outcome())
		}
		e := Entry{Number: number + 1, Time: now(), Changes: []Change{change}}
		if err := state.Apply(e); err != nil {
			return err
		}
		err = c.store.Append(ctx, e, number)
		if errors.Is(err, ErrConflict) {
			continue
		}
		if err != nil {
			return fmt.Errorf("rollout: write the journal: %w", err)
		}
		if c.wake != nil {
			select {
			case c.wake <- struct{}{}:
			default:
			}
		}
		return nil
	}
}
