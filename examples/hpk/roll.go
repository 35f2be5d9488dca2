package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func (a *app) roll() *cobra.Command {
	var yes, all bool
	var groups []string
	roll := hyperpod.Roll{ReplaceRootVolumes: true} // what --yes consents to
	cmd := &cobra.Command{
		Use: "roll CLUSTER", Short: "Put another image onto instance groups",
		Long: `roll puts an image onto instance groups that exist, waits until their nodes run it, and takes
back what it did when a group fails. The root volume of each node is replaced, and what is
on it is lost.`,
		Example: "  hpk roll train --image ami-0fedcba9876543210 --groups workers --batch 25%\n" +
			"  hpk roll train --image default --all-groups --batch \"1 node\" --yes",
		Args: takes("CLUSTER"), ValidArgsFunction: a.completeClusters,
		RunE: a.does(func(ctx context.Context, s *session, args []string) error {
			roll.Groups = hyperpod.Named(groups...)
			if all {
				roll.Groups = hyperpod.AllGroups
			}
			cluster := s.hyperpod.Cluster(args[0])
			if yes {
				return a.show(cluster.RollImage(ctx, roll))
			}
			plan, err := cluster.PlanRoll(ctx, roll)
			if err != nil {
				return err
			}
			if !plan.Empty() {
				a.notef("Dry run: nothing was sent. With --yes this is sent, and the nodes lose what is on their root volumes:")
			}
			return a.show(plan, nil)
		}),
	}
	flags := cmd.Flags()
	flags.TextVar(&roll.Image, "image", hyperpod.Image{}, "`image` to run: the id of an AMI, default, or \"release 1.4.0\"")
	flags.StringSliceVar(&groups, "groups", nil, "`names` of the instance groups, separated by commas")
	flags.BoolVar(&all, "all-groups", false, "roll all instance groups")
	flags.TextVar(&roll.Batch, "batch", hyperpod.Batch{}, "`nodes` of a group to replace at a time: 25%, \"2 nodes\", or \"all at once\"")
	flags.TextVar(&roll.RollbackBatch, "rollback-batch", hyperpod.Batch{}, "`nodes` to take back at a time when a batch fails")
	flags.DurationVar(&roll.WaitInterval, "wait", 0, "`pause` between batches, in which the alarms are watched")
	flags.StringSliceVar(&roll.Alarms, "alarms", nil, "`names` of CloudWatch alarms that take the roll back")
	flags.BoolVar(&roll.OneByOne, "one-by-one", false, "roll one group after another")
	flags.BoolVar(&roll.KeepDone, "keep-done", false, "leave the groups that came onto the image where another fails")
	consent(cmd, &yes)
	_ = cmd.MarkFlagRequired("image") // the flag exists
	_ = cmd.MarkFlagRequired("batch")
	cmd.MarkFlagsOneRequired("groups", "all-groups")
	cmd.MarkFlagsMutuallyExclusive("groups", "all-groups")
	return cmd
}
