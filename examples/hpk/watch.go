package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func (a *app) watch() *cobra.Command {
	var length, interval time.Duration
	cmd := &cobra.Command{
		Use: "watch CLUSTER", Short: "Show what a cluster is doing, until Ctrl-C",
		Long: `watch looks at a cluster again and again: bars on a terminal, a line for each change elsewhere,
and with "-o json" a line of JSON for each look.

Without --live the workers of train are being rolled, so that there is something to see.`,
		Example: "  hpk watch train --for 10s",
		Args:    takes("CLUSTER"), ValidArgsFunction: a.completeClusters,
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			if s.stage != nil {
				interval = min(interval, look)
				if err := s.startRoll(ctx); err != nil {
					return err
				}
				a.notef("The workers of train are being rolled to %s, on the emulators.", next)
			}
			if length > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, length)
				defer cancel()
			}
			return a.watchUntil(ctx, s, args[0], interval)
		}),
	}
	cmd.Flags().DurationVar(&length, "for", 0, "`time` after which to stop; 0 means to go on until Ctrl-C")
	cmd.Flags().DurationVar(&interval, "interval", 15*time.Second, "`pause` between looks")
	return cmd
}

// watchUntil shows a cluster until the context ends, which is no error.
func (a *app) watchUntil(ctx context.Context, s *session, cluster string, interval time.Duration) error {
	bars := progress.New(a.out)
	defer bars.Stop()
	lines := json.NewEncoder(a.out)
	for seen, err := range waiter.Watch(ctx, s.sagemaker, cluster, func(o *waiter.Options) { o.Poll.Interval = interval }) {
		switch {
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case a.output == asJSON:
			if err := lines.Encode(seen); err != nil {
				return err
			}
		default:
			bars.OnEvent(ctx, event(seen))
		}
	}
	return nil
}

// event is a look in the form that package progress draws. It belongs to no workflow.
func event(s waiter.Snapshot) hyperpod.Event {
	e := hyperpod.Event{Kind: hyperpod.EventProgress, Time: s.At, Cluster: s.Name, ARN: s.ARN, Status: string(s.Status)}
	for _, g := range s.Groups {
		status := string(g.Status)
		if g.Progress.Software {
			status = string(g.SoftwareUpdate)
		}
		e.Groups = append(e.Groups, hyperpod.GroupProgress{Name: g.Name, Status: status, Done: g.Progress.Done, Wanted: g.Progress.Wanted})
	}
	return e
}

// startRoll puts something into motion on the emulators.
func (s *session) startRoll(ctx context.Context) error {
	train := s.hyperpod.Cluster("train").With(func(o *hyperpod.Options) { o.OnEvent = nil })
	plan, err := train.PlanRoll(ctx, hyperpod.Roll{
		Image: hyperpod.AMI(next), Groups: hyperpod.Named("workers"), Batch: hyperpod.Percent(25), ReplaceRootVolumes: true,
	})
	if err != nil {
		return err
	}
	_, err = train.StartRoll(ctx, plan)
	return err
}
