// Command waitfleet waits for many clusters in two Regions with one poller for each, and
// counts what that takes.
//
//	go run ./examples/waitfleet
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/examples/internal/laptop"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
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
	// Operations take the time that they take on AWS, a thousand times faster.
	aws := laptop.New(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.Speed = 1000 })
	oregon := sagemaker.NewFromConfig(aws.Config(laptop.Account, "us-west-2")) // on AWS: config.LoadDefaultConfig(ctx)
	ireland := sagemaker.NewFromConfig(aws.Config(laptop.Account, "eu-west-1"))
	names, err := begin(ctx, oregon, "us-west-2", 20)
	if err != nil {
		return err
	}
	others, err := begin(ctx, ireland, "eu-west-1", 10)
	if err != nil {
		return err
	}
	before := len(aws.Clusters.Calls())

	fleet := waiter.NewFleet(func(o *waiter.Options) { o.Poll.Interval, o.Poll.Jitter = 100*time.Millisecond, -1 })
	fleet.Add(oregon, names...)
	fleet.Add(ireland, others...)
	ready := 0
	for result, err := range fleet.Results(ctx) { // each as soon as it is there
		if err != nil {
			say(out, "%s: %v", result.Cluster, err)
			continue
		}
		ready++
	}
	say(out, "%d of %d clusters are in service.", ready, len(names)+len(others))
	say(out, "That took %s.", counted(aws.Clusters.Calls()[before:]))
	return nil
}

// counted says what was called, and how often.
func counted(calls []hyperpodtest.Call) string {
	lists, descriptions := 0, 0
	for _, c := range calls {
		switch c.Operation {
		case "ListClusters":
			lists++
		case "DescribeCluster":
			descriptions++
		}
	}
	return fmt.Sprintf("%d lists and %d descriptions", lists, descriptions)
}

// begin asks for clusters, and does not wait for them.
func begin(ctx context.Context, api hyperpod.API, region string, count int) ([]string, error) {
	clusters := hyperpod.New(api, func(o *hyperpod.Options) { o.NoWait = true })
	var names []string
	for i := range count {
		name := fmt.Sprintf("train-%02d", i)
		names = append(names, name)
		if _, err := clusters.Cluster(name).Create(ctx, hyperpod.Spec{
			Groups: []hyperpod.Group{
				hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 4).
					WithExecutionRole(laptop.Role).WithLifecycle(laptop.Scripts, "on_create.sh").WithDefaultImage(),
			},
			Orchestrator: hyperpod.EKS("arn:aws:eks:" + region + ":111122223333:cluster/" + name),
			VPC:          hyperpod.VPC{Subnets: []string{laptop.Subnet}, SecurityGroups: []string{laptop.SecurityGroup}},
		}); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
