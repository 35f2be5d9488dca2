package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// awsClients makes the clients of each account and Region once. The credentials of the
// role are kept and refreshed by the SDK, in this process alone.
func awsClients(ctx context.Context, role string) (rollout.Clients, error) {
	base, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the SDK's configuration: %w", err)
	}
	type place struct{ account, region string }
	var mu sync.Mutex
	known := map[place]rollout.Access{}
	return func(_ context.Context, account, region string) (rollout.Access, error) {
		mu.Lock()
		defer mu.Unlock()
		at := place{account, region}
		if access, ok := known[at]; ok {
			return access, nil
		}
		cfg := base.Copy()
		cfg.Region = region
		if role != "" {
			cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::"+account+":role/"+role))
		}
		known[at] = rollout.Access{HyperPod: sagemaker.NewFromConfig(cfg), Images: amishare.NewChecker(ec2.NewFromConfig(cfg))}
		return known[at], nil
	}, nil
}
