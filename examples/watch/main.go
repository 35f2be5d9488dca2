// Command watch looks at a cluster while a group grows, as a dashboard does: what each
// group has, how fast it gets on, and when it may be there.
//
//	go run ./examples/watch
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

// speed is how much faster than on AWS time runs.
const speed = 1000

func run(ctx context.Context, out io.Writer) error {
	aws := laptop.New(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.Speed = speed })
	client := sagemaker.NewFromConfig(aws.Config(laptop.Account, laptop.Region)) // on AWS: config.LoadDefaultConfig(ctx)
	train := hyperpod.New(client, func(o *hyperpod.Options) { o.Poll.Interval, o.Poll.Jitter = 100*time.Millisecond, -1 }).Cluster("train")
	if err := create(ctx, train); err != nil {
		return err
	}

	// Somebody scales the group, and does not wait.
	scaling := train.With(func(o *hyperpod.Options) { o.NoWait = true })
	if _, err := scaling.Update(ctx, hyperpod.Scale("workers", 8)); err != nil {
		return err
	}
	began := time.Now()
	shown := int32(-1)
	for now, err := range waiter.Watch(ctx, client, "train", evenly) {
		if err != nil {
			return err
		}
		workers, ok := now.Group("workers")
		if !ok {
			return fmt.Errorf("%s has no group workers", now.Name)
		}
		if done := workers.Progress.Done; done != shown {
			shown = done
			say(out, "workers %-10s %d of %d%s", workers.Status, done, workers.Progress.Wanted, estimate(workers.Progress, began))
		}
		if workers.Progress.Done == workers.Target && workers.Status == types.InstanceGroupStatusInservice {
			break // or go on until ctx ends
		}
	}
	return nil
}

// evenly looks twenty times a second, which is almost every minute on AWS, where a look
// every minute or two is enough.
func evenly(o *waiter.Options) { o.Poll.Interval, o.Poll.Jitter = 50*time.Millisecond, -1 }

// estimate is when the group may be there, in minutes since it was scaled, as they would be on AWS.
func estimate(p waiter.Progress, began time.Time) string {
	if p.End.IsZero() {
		return ""
	}
	return fmt.Sprintf(", there %.0f minutes after it began", p.End.Sub(began).Minutes()*speed)
}

// create makes the cluster that is watched.
func create(ctx context.Context, train *hyperpod.Cluster) error {
	_, err := train.Create(ctx, hyperpod.Spec{
		Groups: []hyperpod.Group{
			hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 2).
				WithExecutionRole(laptop.Role).WithLifecycle(laptop.Scripts, "on_create.sh").WithDefaultImage(),
		},
		Orchestrator: hyperpod.EKS(laptop.EKSCluster),
		VPC:          hyperpod.VPC{Subnets: []string{laptop.Subnet}, SecurityGroups: []string{laptop.SecurityGroup}},
	})
	return err
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
