package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/spf13/cobra"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func (a *app) images() *cobra.Command {
	var wanted []string
	var drift, nodes bool
	cmd := &cobra.Command{
		Use: "images", Short: "Show which images the clusters run, and which drift",
		Long: `images shows the images of all clusters of the account and Region. A group drifts when it,
or with --nodes one of its nodes, runs another image than the one wanted.`,
		Example: "  hpk images --wanted ami-0fedcba9876543210 --drift\n" +
			"  hpk images --wanted x86_64=ami-0fedcba9876543210 --wanted arm64=ami-0123456789abcdef0",
		Args: takes(),
		PreRunE: func(*cobra.Command, []string) error {
			if drift && len(wanted) == 0 {
				return errors.New("flag --drift: nothing drifts unless --wanted says which image is wanted")
			}
			return nil
		},
		RunE: a.does(func(ctx context.Context, s *session, _ []string) error {
			inventory := s.inventory(func(o *hyperpod.InventoryOptions) {
				o.Wanted = wantedImages(wanted).Find
				o.Classify = s.classify
				if nodes {
					o.Nodes = hyperpod.DescribedNodes
				}
			})
			list, err := inventory.Take(ctx) // an inventory with gaps is shown as far as it goes
			if drift {
				list = list.Drift()
			}
			return a.show(list, err)
		}),
	}
	cmd.Flags().StringArrayVar(&wanted, "wanted", nil, "AMI that groups are to run: an `id` for all, or such as arm64=ID for one architecture; may be repeated, the first that fits counts")
	cmd.Flags().BoolVar(&drift, "drift", false, "show only what drifts")
	cmd.Flags().BoolVar(&nodes, "nodes", false, "look at each node too, with a call for each")
	return cmd
}

func wantedImages(flags []string) hyperpod.WantedImages {
	var all hyperpod.WantedImages
	for _, flag := range flags {
		architecture, id, found := strings.Cut(flag, "=")
		if !found {
			architecture, id = "", flag
		}
		all = append(all, hyperpod.WantedImage{Architecture: architecture, Image: hyperpod.ImageVersion{ID: id}})
	}
	return all
}

// classify asks EC2 what SageMaker does not tell of an AMI.
func (s *session) classify(ctx context.Context, q hyperpod.ImageQuery) (hyperpod.ImageFacts, error) {
	var facts hyperpod.ImageFacts
	report, err := s.checker.Check(ctx, hyperpodkit.ImageUse{Image: q.Image})
	if err != nil {
		return facts, err
	}
	switch report.Images[0].Class {
	case amishare.ImagePublic, amishare.ImageDefault:
		facts.Class = hyperpod.ImagePublic
	case amishare.ImageCustom:
		facts.Class = hyperpod.ImageCustom
	case amishare.ImageUnknown:
		return facts, nil
	}
	out, err := s.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{q.Image}})
	if err != nil || len(out.Images) == 0 {
		return facts, err
	}
	facts.Created, err = time.Parse(time.RFC3339, aws.ToString(out.Images[0].CreationDate))
	return facts, err
}
