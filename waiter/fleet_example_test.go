package waiter_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func ExampleFleet_InService() {
	oregon, ireland := newAccount(), newAccount() // or a *sagemaker.Client each
	oregon.will("train-1", inService, 0)
	oregon.will("train-2", failed, 0)
	ireland.will("train-1", inService, 0)

	f := waiter.NewFleet()
	f.Add(oregon, "train-1", "train-2")
	f.Add(ireland, "train-1")
	err := f.InService(context.Background())
	if unmet, ok := errors.AsType[*waiter.FleetError](err); ok {
		for _, c := range unmet.Clusters {
			fmt.Println(c.Cluster, errors.Is(c, poll.ErrFailed))
		}
	}
	// Output: train-2 true
}

func ExampleFleet_Results() {
	client := newAccount() // or a *sagemaker.Client
	client.will("train-1", inService, 0)
	client.will("train-2", inService, 10*time.Millisecond)

	f := waiter.NewFleet(func(o *waiter.Options) { o.Poll.Interval = 20 * time.Millisecond })
	f.Add(client, "train-1", "train-2")
	for r, err := range f.Results(context.Background()) {
		fmt.Println(r.Cluster, r.Progress.Status, err)
	}
	// Output:
	// train-1 InService <nil>
	// train-2 InService <nil>
}

func ExampleFleet_Each() {
	client := newAccount() // or a *sagemaker.Client
	client.leaves("train-1", 0)

	f := waiter.NewFleet()
	f.Add(client, "train-1")
	for r, err := range f.Each(context.Background(), waiter.GoalDeleted()) {
		fmt.Println(r.Cluster, r.Progress.Status, err)
	}
	// Output: train-1 Deleted <nil>
}

func ExampleFleet_SoftwareUpdated() {
	before := cluster(inService, software("", amiA, amiA, 4)) // described just before the request
	requested := time.Now().Add(-time.Second)
	client := newAccount() // or a *sagemaker.Client
	client.will("train", inService, 0).groups = func(time.Time) []types.ClusterInstanceGroupDetails {
		return []types.ClusterInstanceGroupDetails{software(succeeded, amiB, amiB, 4)}
	}
	f := waiter.NewFleet()
	f.Add(client, "train")
	err := f.SoftwareUpdated(context.Background(), func(string) waiter.Update {
		return waiter.Update{Groups: []string{"workers"}, Image: amiB, Before: before, Requested: requested}
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleLimiter() {
	limiter := waiter.NewLimiter(5, 10) // calls a second, and at once
	client := newFake(at(0, cluster(inService)))
	for _, name := range []string{"train-1", "train-2"} {
		_, err := waiter.ClusterInService(context.Background(), client, name, func(o *waiter.Options) {
			o.Limiter = limiter
		})
		fmt.Println(name, err)
	}
	// Output:
	// train-1 <nil>
	// train-2 <nil>
}

func ExampleDecodeEvent() {
	e, err := waiter.DecodeEvent([]byte(`{
		"detail-type": "SageMaker HyperPod Cluster State Change", "source": "aws.sagemaker",
		"detail": {"ClusterName": "train", "ClusterStatus": "InService"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.ClusterName, e.StateChange.Status)
	// Output: train InService
}

func ExampleWaker() {
	var waker waiter.Waker
	wake, stop := waker.For("train")
	defer stop()

	// Where the events come in, for example from an SQS queue:
	waker.Wake(&waiter.BusEvent{ClusterName: "train"})

	client := newFake(at(0, cluster(inService))) // or a *sagemaker.Client
	_, err := waiter.ClusterInService(context.Background(), client, "train", func(o *waiter.Options) {
		o.Poll.Wake = wake // polling stays the safety net
	})
	fmt.Println(err)
	// Output: <nil>
}
