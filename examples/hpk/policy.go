package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/spf13/cobra"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

func (a *app) policy() *cobra.Command {
	var cluster string
	var reasons, strict bool
	cmd := &cobra.Command{
		Use: "policy WORKFLOW...", Short: "Print the smallest IAM policy for workflows on a cluster",
		Long: "policy prints the IAM policy under which workflows run on one cluster, with the roles that its\n" +
			"groups have. The workflows are " + strings.Join(workflowNames(), ", ") + ".",
		Example: "  hpk policy Read RollImage CheckImage --cluster train",
		Args: cobra.MatchAll(cobra.MinimumNArgs(1), func(_ *cobra.Command, args []string) error {
			_, err := workflows(args)
			return err
		}),
		ValidArgs: workflowNames(),
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			chosen, err := workflows(args)
			if err != nil {
				return err
			}
			snapshot, err := s.hyperpod.Cluster(cluster).Describe(ctx)
			if err != nil {
				return err
			}
			scope, err := scopeOf(snapshot)
			if err != nil {
				return err
			}
			scope.Strict = strict
			if reasons {
				explanation, err := policy.Explain(scope, chosen...)
				if err != nil {
					return err
				}
				return a.show(explanation, nil)
			}
			document, err := policy.Generate(scope, chosen...)
			if err != nil {
				return err
			}
			return a.showText(document.String())
		}),
	}
	cmd.Flags().StringVar(&cluster, "cluster", "", "`name` or ARN of the cluster")
	cmd.Flags().BoolVar(&reasons, "reasons", false, "tell instead why each action is there, and from which source that is known")
	cmd.Flags().BoolVar(&strict, "strict", false, "narrow by what AWS implies and does not document; --reasons tells how to verify it")
	_ = cmd.MarkFlagRequired("cluster") // the flag exists
	_ = cmd.RegisterFlagCompletionFunc("cluster", func(cmd *cobra.Command, _ []string, text string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return a.completeClusters(cmd, nil, text)
	})
	return cmd
}

// scopeOf is a scope of one cluster and of what it is made of.
func scopeOf(s *hyperpod.Snapshot) (policy.Scope, error) {
	where, err := arn.Parse(s.ARN())
	if err != nil {
		return policy.Scope{}, fmt.Errorf("ARN of the cluster %q: %w", s.ARN(), err)
	}
	scope := policy.Scope{
		Partition: where.Partition, Region: where.Region, Account: where.AccountID,
		Clusters: policy.ClusterARNs(s.ARN()), Orchestrator: policy.Slurm(), ClusterRole: aws.ToString(s.Cluster.ClusterRole),
	}
	if o := s.Cluster.Orchestrator; o != nil && o.Eks != nil {
		scope.Orchestrator = policy.EKS(aws.ToString(o.Eks.ClusterArn))
	}
	for _, g := range s.Cluster.InstanceGroups {
		scope.ExecutionRoles = append(scope.ExecutionRoles, aws.ToString(g.ExecutionRole))
	}
	for _, g := range s.Cluster.RestrictedInstanceGroups {
		scope.ExecutionRoles = append(scope.ExecutionRoles, aws.ToString(g.ExecutionRole))
	}
	slices.Sort(scope.ExecutionRoles)
	scope.ExecutionRoles = slices.Compact(scope.ExecutionRoles)
	return scope, nil
}

// workflows reads names of workflows, such as RollImage.
func workflows(names []string) ([]policy.Workflow, error) {
	all := workflowNames()
	chosen := make([]policy.Workflow, len(names))
	for i, name := range names {
		at := slices.IndexFunc(all, func(known string) bool { return strings.EqualFold(known, name) })
		if at < 0 {
			return nil, fmt.Errorf("%q is no workflow: there are %s", name, strings.Join(all, ", "))
		}
		chosen[i] = policy.Read + policy.Workflow(at)
	}
	return chosen, nil
}

func workflowNames() []string {
	var names []string
	for w := policy.Read; w <= policy.RetireImage; w++ {
		names = append(names, w.String())
	}
	return names
}
