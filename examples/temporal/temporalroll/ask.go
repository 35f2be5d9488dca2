package temporalroll

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// AskOptions say how patiently a rollout is asked. The zero value works.
type AskOptions struct {
	// Patience is for how long a query that was not answered is asked again. Zero means
	// [DefaultPatience], negative that it is asked once.
	Patience time.Duration
	// OnBusy hears of each answer that did not come, before the query is asked again. Nil
	// tells nobody.
	OnBusy func(error)
}

// DefaultPatience is for how long a query is asked again. Temporal's client gives each one
// ten seconds, whatever its context says. Workers that have hundreds of steps to begin
// answer later, and so do those that replay what a dead worker had.
const DefaultPatience = 3 * time.Minute

// askPause is between two queries of which the first was refused at once.
const askPause = time.Second

func asking(optFns []func(*AskOptions)) AskOptions {
	var o AskOptions
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Patience == 0 {
		o.Patience = DefaultPatience
	}
	return o
}

// query asks a workflow.
func (o AskOptions) query(ctx context.Context, c client.Client, into any, id, name string, args ...any) error {
	return o.patiently(ctx, func() error {
		value, err := c.QueryWorkflow(ctx, id, "", name, args...)
		if err == nil {
			err = value.Get(into)
		}
		if err != nil {
			return fmt.Errorf("query %s of workflow %s: %w", name, id, err)
		}
		return nil
	})
}

// patiently asks, and again while Temporal or the workers are too busy to answer.
func (o AskOptions) patiently(ctx context.Context, ask func() error) error {
	for began := time.Now(); ; {
		err := ask()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil || !busy(err):
			return err
		case time.Since(began) >= o.Patience:
			return fmt.Errorf("%w: the workers are too busy, or none is up that serves the workflow's queue", err)
		}
		if o.OnBusy != nil {
			o.OnBusy(err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(askPause):
		}
	}
}

// busy tells whether an answer may come when the query is asked again.
func busy(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	if _, ok := errors.AsType[*serviceerror.DeadlineExceeded](err); ok {
		return true
	}
	if _, ok := errors.AsType[*serviceerror.ResourceExhausted](err); ok {
		return true
	}
	if _, ok := errors.AsType[*serviceerror.Unavailable](err); ok {
		return true
	}
	if _, ok := errors.AsType[*serviceerror.FailedPrecondition](err); ok {
		return true // no worker has asked for work of late
	}
	_, ok := errors.AsType[*serviceerror.WorkflowNotReady](err)
	return ok
}

// unborn tells whether an error says that a part is not there because its workflow is only
// about to be started: it has told nothing yet.
func unborn(err error, p PartState) bool {
	_, missing := errors.AsType[*serviceerror.NotFound](err)
	return missing && p.Progress.Totals.Targets == 0
}
