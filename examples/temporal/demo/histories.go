package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"

	"github.com/hyperpodkit/hyperpodkit/examples/temporal/temporalroll"
)

// tellHistories counts the events of the workflows, over all runs that they continued in,
// and keeps the histories when asked.
func (d *demonstration) tellHistories(ctx context.Context, c client.Client) error {
	ids := []string{id}
	value, err := c.QueryWorkflow(ctx, id, "", temporalroll.QueryFleet)
	if err != nil {
		return err
	}
	var fleet temporalroll.FleetState
	if err := value.Get(&fleet); err != nil {
		return err
	}
	for _, p := range fleet.Parts {
		ids = append(ids, p.ID)
	}
	retried, timedOut, runs := 0, 0, 0
	for _, workflow := range ids {
		for run, last := "", true; last || run != ""; last = false {
			history, err := historyOf(ctx, c, workflow, run)
			if err != nil {
				return err
			}
			for _, e := range history.GetEvents() {
				if e.GetActivityTaskStartedEventAttributes().GetAttempt() > 1 {
					retried++
				}
				if e.GetEventType() == enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT {
					timedOut++
				}
			}
			runs++
			d.figures.Events += len(history.GetEvents())
			if last && d.histories != "" {
				if err := d.keep(workflow, history); err != nil {
					return err
				}
			}
			run = history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		}
	}
	d.figures.Workflows = len(ids)
	d.say("histories: %d workflows in %d runs, %d events, %.1f a target", len(ids), runs, d.figures.Events, float64(d.figures.Events)/float64(d.clusters))
	if d.kill {
		d.say("the kill cost: %d steps were attempted again when their heartbeats were missing for %s, and %d changes were looked for in their clusters", retried, d.heartbeat, timedOut)
	}
	return nil
}

// historyOf is the history of a run, of the last one when it is empty.
func historyOf(ctx context.Context, c client.Client, workflow, run string) (*historypb.History, error) {
	history := &historypb.History{}
	for iterator := c.GetWorkflowHistory(ctx, workflow, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); iterator.HasNext(); {
		e, err := iterator.Next()
		if err != nil {
			return nil, err
		}
		history.Events = append(history.Events, e)
	}
	if len(history.GetEvents()) == 0 {
		return nil, fmt.Errorf("workflow %s has no history", workflow)
	}
	return history, nil
}

// keep writes the history of a workflow's last run to a file.
func (d *demonstration) keep(workflow string, history *historypb.History) error {
	document, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
	if err != nil {
		return err
	}
	name := strings.NewReplacer("/", "-").Replace(workflow) + ".json"
	return os.WriteFile(filepath.Join(d.histories, name), document, 0o600)
}
