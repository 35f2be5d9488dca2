// Command rollimage brings instance groups onto another AMI: looked at first, half of the
// nodes at a time, one group after the other. Then a broken AMI is rolled, which the
// service takes back, and the error says what the cluster's nodes say.
//
//	go run ./examples/rollimage
package main

import (
	"context"
	"errors"
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
	"github.com/hyperpodkit/hyperpodkit/waiter"
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
	cfg := laptop.New().Config(laptop.Account, laptop.Region) // on AWS: config.LoadDefaultConfig(ctx)
	train := hyperpod.New(sagemaker.NewFromConfig(cfg), func(o *hyperpod.Options) {
		o.Images = amishare.NewChecker(ec2.NewFromConfig(cfg))
	}).Cluster("train")
	if err := create(ctx, train); err != nil {
		return err
	}

	roll := hyperpod.Roll{
		Image:              hyperpod.AMI(laptop.NextAMI),
		Groups:             hyperpod.Named("login", "workers"), // hyperpod.AllGroups has to be said
		OneByOne:           true,
		Batch:              hyperpod.Percent(50),
		Alarms:             []string{"train-loss-nan"}, // the service takes a group back when one of them fires
		ReplaceRootVolumes: true,                       // what is on them is lost, so it has to be said
	}
	plan, err := train.PlanRoll(ctx, roll)
	if err != nil {
		return err
	}
	say(out, plan)

	report, err := train.RollImage(ctx, roll)
	if err != nil {
		return err
	}
	say(out, report)

	// The lifecycle script of this one fails. The service takes the group back to the AMI
	// before, and the groups after it are left alone. Those before it would be taken back.
	roll.Image = hyperpod.AMI(laptop.BrokenAMI)
	report, err = train.RollImage(ctx, roll)
	if !errors.Is(err, waiter.ErrRolledBack) {
		return fmt.Errorf("the broken AMI was to be rolled back: %w", err)
	}
	say(out, report)
	if failed, ok := errors.AsType[*hyperpod.FailedError](err); ok {
		say(out, failed.Explanation) // what the cluster and its nodes say
	}
	return nil
}

// create makes the cluster that the example rolls.
func create(ctx context.Context, train *hyperpod.Cluster) error {
	workers := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 4).
		WithExecutionRole(laptop.Role).WithLifecycle(laptop.Scripts, "on_create.sh").WithImage(laptop.GoldenAMI)
	_, err := train.Create(ctx, hyperpod.Spec{
		Groups:       []hyperpod.Group{workers, workers.WithName("login").WithInstanceCount(1)},
		Orchestrator: hyperpod.EKS(laptop.EKSCluster),
		VPC:          hyperpod.VPC{Subnets: []string{laptop.Subnet}, SecurityGroups: []string{laptop.SecurityGroup}},
	})
	return err
}

func say(out io.Writer, value any) { _, _ = fmt.Fprintln(out, value) }
