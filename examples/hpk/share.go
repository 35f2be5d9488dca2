package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/hyperpodkit/hyperpodkit/amishare"
)

func (a *app) share() *cobra.Command {
	var accounts, organizations []string
	var revoke, yes bool
	cmd := &cobra.Command{
		Use: "share AMI", Short: "Share an AMI and its snapshots with other accounts, or revoke that",
		Long: `share gives accounts the launch permission of an AMI and the permission to create volumes
from each of its snapshots, as one unit. It refuses an AMI that is not fit for HyperPod or
lacks the tag AllowSharing=true, and with --revoke one that a cluster uses.`,
		Example: "  hpk share ami-0fedcba9876543210 --accounts 444455556666 --yes",
		Args:    takes("AMI"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			sharer := amishare.NewSharer(s.ec2, func(o *amishare.SharerOptions) { o.InUse = s.inventory() })
			plan := sharer.PlanShare
			if revoke {
				plan = sharer.PlanRevoke
			}
			planned, err := plan(ctx, args[0], amishare.Accounts(accounts...), amishare.Organizations(organizations...))
			if err != nil {
				return err
			}
			if yes {
				return a.show(sharer.Apply(ctx, planned))
			}
			if len(planned.Changes) > 0 {
				a.notef("Dry run: nothing was sent. With --yes this is sent:")
			}
			return a.show(planned, nil)
		}),
	}
	cmd.Flags().StringSliceVar(&accounts, "accounts", nil, "`ids` of accounts, separated by commas")
	cmd.Flags().StringSliceVar(&organizations, "organizations", nil, "`ARNs` of organizations, which may launch the AMI and not copy it")
	cmd.Flags().BoolVar(&revoke, "revoke", false, "take the permissions away")
	consent(cmd, &yes)
	cmd.MarkFlagsOneRequired("accounts", "organizations")
	return cmd
}

func (a *app) retire() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "retire AMI", Short: "Tell whether an AMI is unused, and deprecate it",
		Long: `retire tells which clusters of the account and Region use an AMI. With --yes it deprecates one
that none uses. Clusters elsewhere that use it are not seen.`,
		Example: "  hpk retire ami-0aaaaaaaaaaaaaaaa --yes",
		Args:    takes("AMI"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			report, err := amishare.NewRetirer(s.ec2, s.inventory()).Retire(ctx, args[0], func(o *amishare.RetireOptions) { o.Deprecate = yes })
			if err == nil && !yes && report.Unused && report.Deprecated.IsZero() {
				a.notef("Dry run: nothing was sent. With --yes the AMI is deprecated (EnableImageDeprecation).")
			}
			return a.show(report, err)
		}),
	}
	consent(cmd, &yes)
	return cmd
}
