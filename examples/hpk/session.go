package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// session is what the commands work with: clients of one account and Region, and the
// library on them.
type session struct {
	sagemaker *sagemaker.Client
	ec2       *ec2.Client
	checker   *amishare.Checker
	hyperpod  *hyperpod.Client
	stage     *stage // nil with --live
}

// open connects to the account, or makes the emulators.
func (a *app) open(ctx context.Context) (*session, error) {
	if a.live {
		return a.openAccount(ctx)
	}
	if a.region != "" || a.profile != "" {
		return nil, errors.New("flags --region and --profile mean something with --live only")
	}
	st, err := a.stage(ctx)
	if err != nil {
		return nil, fmt.Errorf("make the emulated clusters: %w", err)
	}
	s := a.newSession(st.clusters.Client(), st.images.Client(), func(o *hyperpod.Options) {
		o.Poll.Interval, o.Poll.Jitter = look, -1 // the same times in each run
	})
	s.stage = st
	return s, nil
}

func (a *app) openAccount(ctx context.Context) (*session, error) {
	var options []func(*config.LoadOptions) error
	if a.region != "" {
		options = append(options, config.WithRegion(a.region))
	}
	if a.profile != "" {
		options = append(options, config.WithSharedConfigProfile(a.profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("load the SDK's configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no Region is configured: use --region, set AWS_REGION, or set a Region in the profile")
	}
	return a.newSession(sagemaker.NewFromConfig(cfg), ec2.NewFromConfig(cfg)), nil
}

func (a *app) newSession(sm *sagemaker.Client, images *ec2.Client, optFns ...func(*hyperpod.Options)) *session {
	checker := amishare.NewChecker(images)
	return &session{
		sagemaker: sm, ec2: images, checker: checker,
		hyperpod: hyperpod.New(sm, append(optFns, func(o *hyperpod.Options) {
			o.Images = checker
			o.OnEvent = progress.New(a.errs).OnEvent
		})...),
	}
}

// inventory is of the account's clusters in the Region.
func (s *session) inventory(optFns ...func(*hyperpod.InventoryOptions)) *hyperpod.Inventory {
	return hyperpod.NewInventory([]hyperpod.InventorySource{{API: s.sagemaker}}, optFns...)
}
