// Command everything uses every package of this library that programs run with.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

func main() {
	ctx := context.Background()
	images := ec2.New(ec2.Options{Region: "us-west-2"})
	x := rollout.NewExecutor(func(_ context.Context, _, region string) (rollout.Access, error) {
		return rollout.Access{HyperPod: sagemaker.New(sagemaker.Options{Region: region}), Images: amishare.NewChecker(images)}, nil
	})
	fmt.Println(x.Plan(ctx, rollout.Spec{}))
	fmt.Println(hyperpod.New(sagemaker.New(sagemaker.Options{Region: "us-west-2"})).Cluster("train").Update(ctx, hyperpod.Scale("workers", 8)))
	fmt.Println(amishare.NewSharer(images).Share(ctx, "ami-0123456789abcdef0", amishare.Accounts("444455556666")))
	fmt.Println(policy.Generate(policy.Scope{}, policy.RollImage))
}
