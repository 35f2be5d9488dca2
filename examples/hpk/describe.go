package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) describe() *cobra.Command {
	var declaration bool
	cmd := &cobra.Command{
		Use: "describe CLUSTER", Short: "Show a cluster and its instance groups",
		Long: `describe shows a cluster, given by name or ARN, and its instance groups.

With --declaration it prints the cluster as it was asked for instead, in the JSON that
"aws sagemaker create-cluster --cli-input-json" takes: edit it, and give it to plan.`,
		Example: "  hpk describe train\n  hpk describe train --declaration > train.json",
		Args:    takes("CLUSTER"), ValidArgsFunction: a.completeClusters,
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			snapshot, err := s.hyperpod.Cluster(args[0]).Describe(ctx)
			if err != nil {
				return err
			}
			if !declaration {
				return a.show(snapshot, nil)
			}
			spec, findings, err := snapshot.Spec()
			for _, f := range findings {
				a.notef("%s", f)
			}
			if err != nil {
				return err
			}
			return a.showJSON(spec)
		}),
	}
	cmd.Flags().BoolVar(&declaration, "declaration", false, "print the JSON that would create the cluster, for plan")
	return cmd
}

func (a *app) explain() *cobra.Command {
	var group, node string
	cmd := &cobra.Command{
		Use: "explain CLUSTER", Short: "Tell why a cluster is not healthy",
		Example: "  hpk explain research\n  hpk explain research --group debug",
		Args:    takes("CLUSTER"), ValidArgsFunction: a.completeClusters,
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			explanation, err := s.hyperpod.Cluster(args[0]).Explain(ctx)
			if err != nil {
				return err
			}
			if group != "" {
				explanation = explanation.Group(group)
			}
			if node != "" {
				explanation = explanation.Node(node)
			}
			return a.show(explanation, nil)
		}),
	}
	cmd.Flags().StringVar(&group, "group", "", "`name` of the only instance group to tell of")
	cmd.Flags().StringVar(&node, "node", "", "instance `id` of the only node to tell of")
	return cmd
}
