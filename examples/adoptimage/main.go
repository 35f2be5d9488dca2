// Command adoptimage takes an AMI from the account that builds AMIs to one that has
// clusters. HyperPod takes custom AMIs of the cluster's own account only, so the AMI is
// shared there, copied, and tagged again: a copy has no tags.
//
//	go run ./examples/adoptimage
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/examples/internal/laptop"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	aws := laptop.New()
	builders := aws.Config(laptop.Account, laptop.Region)
	trainers := aws.Config(laptop.OtherAccount, laptop.Region)

	// In the account that builds AMIs.
	shared, err := amishare.NewSharer(ec2.NewFromConfig(builders)).Share(ctx, laptop.GoldenAMI, amishare.Accounts(laptop.OtherAccount))
	if err != nil {
		return err
	}
	say(out, "%s", shared)

	// In the account of the cluster. Called again it finds the copy that is there.
	client := ec2.NewFromConfig(trainers)
	adopted, err := amishare.NewAdopter(client).Adopt(ctx, amishare.Adoption{Image: laptop.GoldenAMI})
	if err != nil {
		return err
	}
	say(out, "%s", adopted)
	if _, err := amishare.NewTagger(client).TagForSharing(ctx, adopted.Image); err != nil {
		return err
	}

	train := hyperpod.New(sagemaker.NewFromConfig(trainers), func(o *hyperpod.Options) {
		o.Images = amishare.NewChecker(client)
	}).Cluster("train")
	report, err := train.Create(ctx, hyperpod.Spec{
		Groups: []hyperpod.Group{
			hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 4).
				WithExecutionRole("arn:aws:iam::444455556666:role/HyperPodExecution").WithLifecycle(laptop.Scripts, "on_create.sh").
				WithImage(adopted.Image),
		},
		Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:444455556666:cluster/example-eks"),
		VPC:          hyperpod.VPC{Subnets: []string{laptop.Subnet}, SecurityGroups: []string{laptop.SecurityGroup}},
	})
	if err != nil {
		return err
	}
	say(out, "%s", report)
	return nil
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
