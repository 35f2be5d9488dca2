package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"

	"github.com/spf13/cobra"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func (a *app) plan() *cobra.Command {
	var save string
	var desired hyperpod.DesiredOptions
	cmd := &cobra.Command{
		Use: "plan CLUSTER FILE", Short: "Show what would make a cluster what a file declares",
		Long: `plan reads a declaration of the whole cluster, in the JSON that
"aws sagemaker create-cluster --cli-input-json" takes, or from standard input for "-",
and shows what has to change. It sends nothing: apply sends the plan that --save kept.

Images do not follow a plan. Which rolls would put them there it shows.`,
		Example: "  hpk plan train train.json --save train.plan\n  hpk apply train train.plan --yes",
		Args:    takes("CLUSTER", "FILE"), ValidArgsFunction: a.completeClusters,
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			text, err := a.read(args[1])
			if err != nil {
				return err
			}
			spec, err := hyperpod.ReadSpec(bytes.NewReader(text))
			if err != nil {
				return err
			}
			plan, err := s.hyperpod.Cluster(args[0]).Plan(ctx, hyperpod.Desired(spec, func(o *hyperpod.DesiredOptions) { *o = desired }))
			if err != nil {
				return err
			}
			if err := a.show(plan, nil); err != nil || save == "" {
				return err
			}
			return a.save(plan, save, args[0])
		}),
	}
	cmd.Flags().StringVar(&save, "save", "", "`file` to keep the plan in, for apply")
	cmd.Flags().BoolVar(&desired.Prune, "prune", false, "delete the groups and tags that the file does not have")
	cmd.Flags().BoolVar(&desired.KeepCounts, "keep-counts", false, "leave the instance counts of live groups alone")
	return cmd
}

func (a *app) save(plan *hyperpod.Plan, file, cluster string) error {
	text, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
		return err
	}
	a.notef("Saved. To send it: hpk apply %s %s --yes", cluster, file)
	return nil
}

func (a *app) apply() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "apply CLUSTER PLAN", Short: "Send a plan that was saved",
		Long: `apply sends a plan that "plan --save" kept, and waits until the cluster is as planned. It
refuses when the cluster is no longer as the plan saw it.`,
		Example: "  hpk apply train train.plan\n  hpk apply train train.plan --yes",
		Args:    takes("CLUSTER", "PLAN"), ValidArgsFunction: a.completeClusters,
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			saved, err := a.read(args[1])
			if err != nil {
				return err
			}
			plan, err := s.hyperpod.Cluster(args[0]).LoadPlan(saved)
			if err != nil {
				return err
			}
			if yes {
				return a.show(plan.Apply(ctx))
			}
			a.notef("Dry run: nothing was sent. With --yes this is sent, if the cluster is still as it was planned for:")
			return a.show(plan, nil)
		}),
	}
	consent(cmd, &yes)
	return cmd
}
