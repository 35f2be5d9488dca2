package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/spf13/cobra"
)

const about = `hpk works on SageMaker HyperPod clusters and on the AMIs that they run.

Without --live nothing real is touched: two clusters, train and research, and a few AMIs are
emulated, anew for each run, so that no change outlives it. For emulators that last, start

  go run ./examples/emulator

and use --live with AWS_ENDPOINT_URL set to the address that it prints.

Exit status: 0 when done, 1 when it failed or was refused, 2 when it could not begin.`

// root is the command above all others.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "hpk", Short: "Work on SageMaker HyperPod clusters", Long: about,
		SilenceErrors: true, SilenceUsage: true, // run tells errors
	}
	a.output = table
	flags := root.PersistentFlags()
	flags.BoolVar(&a.live, "live", false, "work on the account that the SDK finds, or on AWS_ENDPOINT_URL, instead of on new emulators")
	flags.StringVar(&a.region, "region", "", "`name` of the Region, with --live")
	flags.StringVar(&a.profile, "profile", "", "`name` of the profile in the AWS configuration, with --live")
	flags.TextVarP(&a.output, "output", "o", table, "`format` of the result: table or json")
	root.AddCommand(
		a.describe(), a.explain(), a.watch(), a.images(),
		a.plan(), a.apply(), a.roll(),
		a.share(), a.retire(), a.policy(),
	)
	return root
}

// does makes what cobra runs of what a command does.
func (a *app) does(do func(context.Context, *session, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := a.open(cmd.Context())
		if err != nil {
			return err
		}
		a.began = true
		return do(cmd.Context(), s, args)
	}
}

// takes has a command take the arguments of these names, no fewer and no more.
func takes(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("argument %s is missing", names[len(args)])
		case len(args) > len(names):
			return fmt.Errorf("argument %q is one too many", args[len(names)])
		default:
			return nil
		}
	}
}

// consent adds the flag without which a command changes nothing.
func consent(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVar(yes, "yes", false, "do it; without this flag the command shows what it would do and sends nothing")
}

// completeClusters completes the first argument with the names of clusters.
func (a *app) completeClusters(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), 5*time.Second)
	defer cancel()
	s, err := a.open(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []cobra.Completion
	for pages := sagemaker.NewListClustersPaginator(s.sagemaker, &sagemaker.ListClustersInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		for _, c := range page.ClusterSummaries {
			names = append(names, aws.ToString(c.ClusterName))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
