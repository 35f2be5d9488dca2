package waiter_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func ExampleClusterInService() {
	client := newFake(at(0, cluster(inService))) // or a *sagemaker.Client
	out, err := waiter.ClusterInService(context.Background(), client, "train", func(o *waiter.Options) {
		o.Poll.Timeout = 2 * time.Hour
	})
	fmt.Println(out.ClusterStatus, err)
	// Output: InService <nil>
}

func ExampleClusterDeleted() {
	client := newFake(fails(0, errNotFound))
	fmt.Println(waiter.ClusterDeleted(context.Background(), client, "train"))
	// Output: <nil>
}

func ExampleClusterStable() {
	client := newFake(at(0, cluster(inService, group("workers", gInService, 8, 8))))
	_, err := waiter.ClusterStable(context.Background(), client, "train", func(o *waiter.Options) {
		o.OnSnapshot = func(_ context.Context, s waiter.Snapshot) {
			for _, g := range s.Groups {
				fmt.Printf("%s: %d of %d\n", g.Name, g.Current, g.Target)
			}
		}
	})
	fmt.Println(err)
	// Output:
	// workers: 8 of 8
	// <nil>
}

func ExampleGroupsAtCount() {
	// The scale-up failed and the service put the target back: the group looks
	// healthy, and yet there are not the eight instances that were asked for.
	client := newFake(at(0, cluster(inService, group("workers", gInService, 4, 4))))
	_, err := waiter.GroupsAtCount(context.Background(), client, "train", map[string]int32{"workers": 8}, func(o *waiter.Options) {
		o.Poll.Interval, o.Lag = time.Millisecond, -1
	})
	if reset, ok := errors.AsType[*waiter.TargetResetError](err); ok {
		fmt.Printf("%s: wanted %d, target %d\n", reset.Group, reset.Wanted, reset.Target)
	}
	// Output: workers: wanted 8, target 4
}

func ExampleGroupsDeleted() {
	client := newFake(at(0, cluster(inService, group("workers", gInService, 4, 4))))
	_, err := waiter.GroupsDeleted(context.Background(), client, "train", []string{"login"})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleSoftwareUpdated() {
	before := cluster(inService, software(succeeded, amiA, amiA, 4)) // described just before the request
	client := newFake(at(0, cluster(inService, software(sFailed, amiA, amiA, 4))))
	result, err := waiter.SoftwareUpdated(context.Background(), client, "train", waiter.Update{
		Groups: []string{"workers"}, Image: amiB, Before: before, Requested: time.Now(),
	})
	for _, g := range result.Groups {
		fmt.Printf("%s: %s: %s\n", g.Group, g.Outcome, g.Reason)
	}
	fmt.Println(errors.Is(err, poll.ErrFailed), errors.Is(err, waiter.ErrRolledBack))
	// Output:
	// workers: rolled back: the service reports Failed, and the group is back on ami-0aaaaaaaaaaaaaaaa
	// true true
}
