// Command rollout brings an AMI onto many clusters.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func main() {
	ctx := context.Background()
	x := rollout.NewExecutor(func(_ context.Context, _, region string) (rollout.Access, error) {
		return rollout.Access{HyperPod: sagemaker.New(sagemaker.Options{Region: region})}, nil
	})
	plan, err := x.Plan(ctx, rollout.Spec{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rollout.NewRunner(x, rollout.NewMemStore()).Run(ctx, plan))
}
