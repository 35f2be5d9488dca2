// Command changegroups scales, adds and deletes instance groups in one request: planned,
// printed as a diff, saved, read again by whoever reviews it, and applied.
//
//	go run ./examples/changegroups
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

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
	cfg := laptop.New().Config(laptop.Account, laptop.Region) // on AWS: config.LoadDefaultConfig(ctx)
	clusters := hyperpod.New(sagemaker.NewFromConfig(cfg))
	train := clusters.Cluster("train")
	workers, err := create(ctx, train)
	if err != nil {
		return err
	}

	// The commonest job is one call.
	report, err := train.Update(ctx, hyperpod.Scale("workers", 8))
	if err != nil {
		return err
	}
	say(out, "%s", report)

	// Several edits are one request. A plan can be looked at, and kept.
	plan, err := train.Plan(ctx,
		hyperpod.Scale("workers", 12),
		hyperpod.AddGroup(workers.WithName("debug").WithInstances(types.ClusterInstanceTypeMlG5Xlarge, 1)),
		hyperpod.DeleteGroup("login"),
	)
	if err != nil {
		return err
	}
	saved, err := json.Marshal(plan)
	if err != nil {
		return err
	}

	// Somebody else reads it, agrees, and applies it.
	reviewed, err := train.LoadPlan(saved)
	if err != nil {
		return err
	}
	say(out, "%s", reviewed)
	report, err = reviewed.Apply(ctx)
	if err != nil {
		return err
	}
	say(out, "%s", report)

	// A plan holds for the cluster as it was.
	_, err = reviewed.Apply(ctx)
	say(out, "A second time: errors.Is(err, hyperpod.ErrStale) is %t.", errors.Is(err, hyperpod.ErrStale))
	return nil
}

// create makes the cluster that the example changes.
func create(ctx context.Context, train *hyperpod.Cluster) (hyperpod.Group, error) {
	workers := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 4).
		WithExecutionRole(laptop.Role).WithLifecycle(laptop.Scripts, "on_create.sh").WithImage(laptop.GoldenAMI)
	_, err := train.Create(ctx, hyperpod.Spec{
		Groups:       []hyperpod.Group{workers, workers.WithName("login").WithInstanceCount(1)},
		Orchestrator: hyperpod.EKS(laptop.EKSCluster),
		VPC:          hyperpod.VPC{Subnets: []string{laptop.Subnet}, SecurityGroups: []string{laptop.SecurityGroup}},
	})
	return workers, err
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
