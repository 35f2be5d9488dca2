package waiter_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// A program that was written for the SDK's own waiters.
func ExampleClusterWaiter_Wait() {
	client := newFake(at(0, cluster(creating))) // or a *sagemaker.Client
	w := waiter.NewClusterInServiceWaiter(client, func(o *waiter.Options) { o.Poll.Interval = time.Millisecond })
	err := w.Wait(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")}, 5*time.Millisecond)
	timeout, ok := errors.AsType[*poll.TimeoutError](err)
	fmt.Println(ok && timeout.Status == "Creating", errors.Is(err, context.DeadlineExceeded))
	// Output: true true
}

func ExampleFleet_Deleted() {
	client := newAccount() // or a *sagemaker.Client
	client.leaves("train-1", 0)
	client.leaves("train-2", 10*time.Millisecond)

	f := waiter.NewFleet(func(o *waiter.Options) { o.Poll.Interval = 20 * time.Millisecond })
	f.Add(client, "train-1", "train-2")
	fmt.Println(f.Deleted(context.Background()))
	// Output: <nil>
}

// The goal of a wait is a value, so that one program can wait for any of them.
func ExampleFleet_Wait() {
	client := newAccount() // or a *sagemaker.Client
	client.will("train-1", inService, 0)

	f := waiter.NewFleet()
	f.Add(client, "train-1")
	for _, goal := range []waiter.Goal{waiter.GoalInService(), waiter.GoalStable()} {
		fmt.Println(f.Wait(context.Background(), goal))
	}
	// Output:
	// <nil>
	// <nil>
}

// A program's own calls share the rate of its waits.
func ExampleLimiter_Wait() {
	limiter := waiter.NewLimiter(0.001, 2) // two calls at once, then one in a thousand seconds
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		fmt.Println(limiter.Wait(ctx))
		cancel()
	}
	// Output:
	// <nil>
	// <nil>
	// context deadline exceeded
}
