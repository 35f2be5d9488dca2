package waiter_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

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

// steps is a client that answers with one description after the other.
type steps struct {
	waiter.UnimplementedAPI
	out []*sagemaker.DescribeClusterOutput
}

func (s *steps) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	now := s.out[0]
	if len(s.out) > 1 {
		s.out = s.out[1:]
	}
	return now, nil
}

func ExampleWatch() {
	client := &steps{out: []*sagemaker.DescribeClusterOutput{ // or a *sagemaker.Client
		cluster(inService, group("workers", gCreating, 0, 8)),
		cluster(inService, group("workers", gCreating, 3, 8)),
		cluster(inService, group("workers", gInService, 8, 8)),
	}}
	interval := func(o *waiter.Options) { o.Poll.Interval = time.Millisecond }
	for s, err := range waiter.Watch(context.Background(), client, "train", interval) {
		if err != nil {
			fmt.Println(err)
			return
		}
		workers, _ := s.Group("workers")
		p := workers.Progress
		fmt.Printf("%d of %d, estimate: %t\n", p.Done, p.Wanted, !p.End.IsZero())
		if p.Done == p.Wanted {
			break
		}
	}
	// Output:
	// 0 of 8, estimate: false
	// 3 of 8, estimate: true
	// 8 of 8, estimate: false
}

func ExampleNodesRunning() {
	client := newFake()
	client.listOne(show{instance: "i-1", logical: "n-1", status: nRunning})
	nodes, err := waiter.NodesRunning(context.Background(), client, "train", []string{"n-1"}) // as BatchAddClusterNodes has answered
	for _, n := range nodes {
		fmt.Println(n.ID, cmp.Or(n.Instance, "-"), n.Status)
	}
	fmt.Println(err)
	// Output:
	// n-1 i-1 Running
	// <nil>
}

func ExampleNodesGone() {
	client := newFake()
	_, err := waiter.NodesGone(context.Background(), client, "train", []string{"i-0123456789abcdef0"}, func(o *waiter.Options) {
		o.Lag = -1 // the list is known to be up to date
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleNewClusterInServiceWaiter() {
	client := newFake(at(0, cluster(inService))) // or a *sagemaker.Client
	w := waiter.NewClusterInServiceWaiter(client)
	out, err := w.WaitForOutput(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")}, 30*time.Minute)
	fmt.Println(out.ClusterStatus, err)
	// Output: InService <nil>
}
