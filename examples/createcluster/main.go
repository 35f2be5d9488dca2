// Command createcluster creates a cluster on a golden AMI: the AMI is checked first, an
// unfit one is refused before anything is sent, and the call returns when all instances
// are there.
//
//	go run ./examples/createcluster
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
	cfg := aws.Config(laptop.Account, laptop.Region) // on AWS: config.LoadDefaultConfig(ctx)

	clusters := hyperpod.New(sagemaker.NewFromConfig(cfg), func(o *hyperpod.Options) {
		o.Images = amishare.NewChecker(ec2.NewFromConfig(cfg)) // checks every AMI before it is sent
	})
	train := clusters.Cluster("train")

	workers := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 4).
		WithExecutionRole(laptop.Role).WithLifecycle(laptop.Scripts, "on_create.sh").WithImage(laptop.HalfTaggedAMI)
	spec := hyperpod.Spec{
		Groups:       []hyperpod.Group{workers},
		Orchestrator: hyperpod.EKS(laptop.EKSCluster),
		VPC:          hyperpod.VPC{Subnets: []string{laptop.Subnet}, SecurityGroups: []string{laptop.SecurityGroup}},
		Tags:         map[string]string{"team": "research"},
	}

	// The snapshot of this AMI lacks the tag that allows it to be shared with the service.
	report, err := train.Create(ctx, spec)
	if !errors.Is(err, hyperpod.ErrInvalid) {
		return fmt.Errorf("the AMI was to be refused: %w", err)
	}
	say(out, "With an AMI whose snapshot nobody tagged:\n%s", report)
	say(out, "%d clusters were asked for.\n", asked(aws))

	spec.Groups = []hyperpod.Group{workers.WithImage(laptop.GoldenAMI), workers.WithName("login").WithInstanceCount(1).WithImage(laptop.GoldenAMI)}
	report, err = train.Create(ctx, spec)
	if err != nil {
		return err // the report says what was done, also now
	}
	say(out, "With a fit one:\n%s", report)

	// The name is taken by a cluster that is another: a condition to test for, no text to match.
	spec.Groups = spec.Groups[:1]
	_, err = train.Create(ctx, spec)
	say(out, "Another of that name: errors.Is(err, hyperpod.ErrClusterExists) is %t.", errors.Is(err, hyperpod.ErrClusterExists))
	return nil
}

// asked counts the requests to create a cluster.
func asked(l *laptop.Laptop) int {
	n := 0
	for _, call := range l.Clusters.Calls() {
		if call.Operation == "CreateCluster" {
			n++
		}
	}
	return n
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
