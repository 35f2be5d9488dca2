package temporalroll

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// WatchOptions configure [Watch]. The zero value works.
type WatchOptions struct {
	AskOptions
	// Every is how often the workflows are asked. Zero means five seconds.
	Every time.Duration
}

// Watch asks a rollout what happens, and tells it as the events of the in-process runner,
// until the rollout has ended. onEvent may be the OnRollout of a renderer. What happens
// inside a step is not told: no [rollout.EventProgress]. What has happened before it is
// told as far as the workflows remember it, and so it is in rollouts that have ended. A
// part that continues with a new history forgets the steps that nobody has asked for yet:
// of some targets no end is told then, though totals and moments are right.
//
// The error says why the rollout can be watched no longer: the context has ended, its
// workflow has ended without a result, or the workers do not answer.
func Watch(ctx context.Context, c client.Client, id string, onEvent func(context.Context, rollout.Event), optFns ...func(*WatchOptions)) error {
	o := WatchOptions{Every: 5 * time.Second}
	for _, fn := range optFns {
		fn(&o)
	}
	o.AskOptions = asking([]func(*AskOptions){func(a *AskOptions) { *a = o.AskOptions }})
	w := &watch{client: c, id: id, options: o, onEvent: onEvent, parts: map[int]*watched{}}
	for {
		// The fleet's workflow may end between two questions: one that had ended before
		// them tells all.
		status, err := w.status(ctx)
		if err != nil {
			return err
		}
		fleet, err := w.look(ctx)
		switch {
		case err != nil:
			return err
		case !fleet.Ended.IsZero():
			w.emit(ctx, rollout.Event{Kind: rollout.EventEnded, Time: fleet.Ended, Text: string(fleet.outcome())})
			return nil
		case status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING && status != enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
			return fmt.Errorf("watch workflow %s: it is %s, and its rollout has not ended: look at its parts in Temporal", id, strings.ToLower(status.String()))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("watch workflow %s: %w", id, context.Cause(ctx))
		case <-time.After(o.Every):
		}
	}
}

// watch is what was told of a rollout.
type watch struct {
	client  client.Client
	id      string
	options WatchOptions
	onEvent func(context.Context, rollout.Event)

	parts   map[int]*watched // by index
	totals  rollout.Totals
	moments int
	waiting string
}

// watched is what was heard of a part.
type watched struct {
	cursor  Cursor
	totals  rollout.Totals
	waiting []string
}

func (w *watch) status(ctx context.Context) (enumspb.WorkflowExecutionStatus, error) {
	var status enumspb.WorkflowExecutionStatus
	err := w.options.patiently(ctx, func() error {
		description, err := w.client.DescribeWorkflowExecution(ctx, w.id, "")
		if err != nil {
			return fmt.Errorf("watch workflow %s: %w", w.id, err)
		}
		status = description.GetWorkflowExecutionInfo().GetStatus()
		return nil
	})
	return status, err
}

// look asks all workflows once, and tells what is new.
func (w *watch) look(ctx context.Context) (FleetState, error) {
	fleet, err := fleetOf(ctx, w.client, w.options.AskOptions, w.id)
	if err != nil {
		return fleet, err
	}
	totals := rollout.Totals{Wave: -1, Waves: len(fleet.Waves)}
	var events []rollout.Event
	var waiting []string
	for ; w.moments < len(fleet.Timeline); w.moments++ {
		m := fleet.Timeline[w.moments]
		events = append(events, rollout.Event{Kind: rollout.EventMoment, Time: m.Time, Text: m.Text})
	}
	for i, p := range fleet.Parts {
		part := w.parts[i]
		if part == nil {
			part = &watched{}
			w.parts[i] = part
		}
		if !p.Started || p.Lost != "" {
			part.totals, part.waiting = p.Progress.Totals, nil
		} else {
			steps, err := w.ask(ctx, p.Part, part)
			if err != nil && !unborn(err, p) {
				return fleet, err
			}
			events = append(events, steps...)
		}
		totals = added(totals, part.totals, len(p.Targets))
		waiting = append(waiting, part.waiting...)
	}
	slices.SortStableFunc(events, func(a, b rollout.Event) int { return a.Time.Compare(b.Time) })
	w.totals = totals
	for _, e := range events {
		w.emit(ctx, e)
	}
	slices.Sort(waiting)
	if text := strings.Join(slices.Compact(waiting), "; "); text != w.waiting {
		if w.waiting = text; text != "" {
			w.emit(ctx, rollout.Event{Kind: rollout.EventWaiting, Time: time.Now(), Text: text})
		}
	}
	return fleet, nil
}

// ask is what has happened in a part.
func (w *watch) ask(ctx context.Context, p Part, part *watched) ([]rollout.Event, error) {
	var events []rollout.Event
	for {
		var heard Happened
		if err := w.options.query(ctx, w.client, &heard, p.ID, QueryHappened, part.cursor); err != nil {
			return events, err
		}
		for _, h := range heard.Steps {
			if h.Step.Target >= 0 && h.Step.Target < len(p.Targets) {
				h.Step.Target = p.Targets[h.Step.Target]
			}
			e := rollout.Event{Kind: rollout.EventStarted, Time: h.Time, Step: h.Step, Result: h.Result}
			if h.Result.Kind != "" {
				e.Kind = rollout.EventFinished
			}
			events = append(events, e)
		}
		part.cursor, part.totals, part.waiting = heard.Cursor, heard.Totals, heard.Waiting
		if len(heard.Steps) < MostSteps {
			return events, nil
		}
	}
}

func (w *watch) emit(ctx context.Context, e rollout.Event) {
	e.Totals = w.totals
	w.onEvent(ctx, e)
}
