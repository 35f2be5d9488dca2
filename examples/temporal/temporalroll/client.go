package temporalroll

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// LeastEvents is how many events a history must be allowed: a workflow has to get on before
// it continues with a new one.
const LeastEvents = 50

// StartOptions say how a rollout is started. ID must be set.
type StartOptions struct {
	// ID is the workflow's id. One rollout has it, also after it has ended.
	ID string
	// WorkflowQueue is the task queue of the workflows. Empty means [WorkflowQueue].
	WorkflowQueue string
	// Queue is one task queue for all steps. Empty means one per account and Region.
	Queue string
	// PartTargets is how many targets a part has at most. Zero means [PartTargets].
	PartTargets int
	// Heartbeat is after how long without a heartbeat a worker counts as dead. Zero means
	// [DefaultHeartbeat].
	Heartbeat time.Duration
	// Events is how many events a history may have, [LeastEvents] at least. Zero means
	// [DefaultEvents].
	Events int
}

// Start starts a planned rollout. The client needs [DataConverter]. It can be called again
// with the same plan and id after an error: what has arrived is not begun a second time.
func Start(ctx context.Context, c client.Client, plan *rollout.Plan, o StartOptions) (client.WorkflowRun, error) {
	if o.ID == "" {
		return nil, errors.New("start a rollout: StartOptions.ID is missing: give it an id")
	}
	if o.WorkflowQueue == "" {
		o.WorkflowQueue = WorkflowQueue
	}
	if o.Events != 0 && o.Events < LeastEvents {
		return nil, fmt.Errorf("start a rollout: StartOptions.Events is %d: use %d or more, or 0 for %d", o.Events, LeastEvents, DefaultEvents)
	}
	in, states, err := divided(plan, o)
	if err != nil {
		return nil, fmt.Errorf("start a rollout: %w", err)
	}
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: o.ID, TaskQueue: o.WorkflowQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, // parts of an earlier one may still run
		StaticSummary:            fmt.Sprintf("roll %d targets in %d waves", len(plan.State.Targets), len(plan.State.Waves)),
	}, FleetWorkflow, in)
	if err != nil {
		return nil, fmt.Errorf("start a rollout: %w", err)
	}
	for i, state := range states {
		if err := c.SignalWorkflow(ctx, o.ID, "", signalPart, partInput{Index: i, State: state}); err != nil {
			return nil, fmt.Errorf("start a rollout: part %d of %d: %w", i+1, len(states), err)
		}
	}
	return run, nil
}

// divided is a plan as the workflows take it.
func divided(plan *rollout.Plan, o StartOptions) (FleetInput, []rollout.State, error) {
	s := &plan.State
	parts, states, err := split(o.ID, s, o.PartTargets)
	if err != nil {
		return FleetInput{}, nil, err
	}
	in := FleetInput{
		FleetState: FleetState{
			Version: s.Version, Name: s.Name, Budget: s.Settings.Budget, OnFailure: s.Settings.OnFailure, Waves: s.Waves,
		},
		Events: o.Events, Queue: o.Queue, Heartbeat: o.Heartbeat,
	}
	for _, p := range parts {
		in.Parts = append(in.Parts, PartState{Part: p})
	}
	return in, states, nil
}

// Progress asks every part of a rollout how far it is. Workers have to be up.
func Progress(ctx context.Context, c client.Client, id string, optFns ...func(*AskOptions)) (rollout.Totals, error) {
	ask := asking(optFns)
	s, err := fleetOf(ctx, c, ask, id)
	if err != nil {
		return rollout.Totals{}, err
	}
	all := rollout.Totals{Wave: -1, Waves: len(s.Waves)}
	for _, p := range s.Parts {
		part := p.Progress.Totals
		if p.Started && p.Lost == "" {
			part = rollout.Totals{} // what is zero is not in the answer
			if err := ask.query(ctx, c, &part, p.ID, QueryProgress); err != nil && !unborn(err, p) {
				return all, err
			}
		}
		all = added(all, part, len(p.Targets))
	}
	return all, nil
}

// Report tells a rollout as it stands: the reports of its parts as one, with the targets
// in the order of the plan. Workers have to be up, also for a rollout that has ended.
func Report(ctx context.Context, c client.Client, id string, optFns ...func(*AskOptions)) (*rollout.Report, error) {
	ask := asking(optFns)
	s, err := fleetOf(ctx, c, ask, id)
	if err != nil {
		return nil, err
	}
	reports := make([]*rollout.Report, len(s.Parts))
	for i, p := range s.Parts {
		if !p.Started || p.Lost != "" {
			continue
		}
		if err := ask.query(ctx, c, &reports[i], p.ID, QueryReport); err != nil && !unborn(err, p) {
			return nil, err
		}
	}
	return merged(s, reports), nil
}

func fleetOf(ctx context.Context, c client.Client, o AskOptions, id string) (FleetState, error) {
	var s FleetState
	err := o.query(ctx, c, &s, id, QueryFleet)
	return s, err
}
