package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"

	"github.com/hyperpodkit/hyperpodkit/examples/temporal/temporalroll"
)

// tellHistories counts the events of the workflows' last runs, and keeps the histories
// when asked.
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
	retried, timedOut := 0, 0
	for _, workflow := range ids {
		history := &historypb.History{}
		for iterator := c.GetWorkflowHistory(ctx, workflow, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); iterator.HasNext(); {
			e, err := iterator.Next()
			if err != nil {
				return err
			}
			history.Events = append(history.Events, e)
			if started := e.GetActivityTaskStartedEventAttributes(); started.GetAttempt() > 1 {
				retried++
			}
			if e.GetEventType() == enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT {
				timedOut++
			}
		}
		d.figures.Events += len(history.Events)
		if d.histories != "" {
			document, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
			if err != nil {
				return err
			}
			name := strings.NewReplacer("/", "-").Replace(workflow) + ".json"
			if err := os.WriteFile(filepath.Join(d.histories, name), document, 0o600); err != nil {
				return err
			}
		}
	}
	d.figures.Workflows = len(ids)
	d.say("histories: %d workflows, %d events, %.1f a target", len(ids), d.figures.Events, float64(d.figures.Events)/float64(d.clusters))
	if d.kill {
		d.say("the kill cost: %d steps were attempted again when their heartbeats were missing for %s, and %d changes were looked for in their clusters", retried, d.heartbeat, timedOut)
	}
	return nil
}
