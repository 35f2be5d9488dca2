package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// onAccount sets the stage on a real account, or wherever AWS_ENDPOINT_URL points,
// which the SDK's own configuration reads.
func onAccount(ctx context.Context, o options, c console) (*story, error) {
	consent := asking(c)
	switch {
	case o.yes:
		consent = consentToAll
	case !c.interactive:
		return nil, errors.New("-live asks before each change, and standard input is no terminal: nothing was done; use -yes to consent beforehand")
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the SDK's configuration: %w", err)
	}
	eks, err := arn.Parse(o.names.eksCluster)
	switch {
	case err != nil:
		return nil, fmt.Errorf("flag -eks-cluster: %w", err)
	case cfg.Region == "":
		return nil, errors.New("no Region is configured: set AWS_REGION, or a Region in the profile")
	case cfg.Region != eks.Region:
		return nil, fmt.Errorf("flag -eks-cluster: the EKS cluster is in %q and the configured Region is %q: they must be the same", eks.Region, cfg.Region)
	}
	s := newStory(o.names, cfg.Region, sagemaker.NewFromConfig(cfg), ec2.NewFromConfig(cfg), consent, c.out)
	s.real = true
	s.printf("Account %s, Region %s: the cluster %s is to be created, changed and deleted. It costs money meanwhile.\n\n",
		eks.AccountID, cfg.Region, o.names.cluster)
	return s, nil
}
