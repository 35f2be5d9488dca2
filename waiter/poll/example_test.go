package poll_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func ExampleWait() {
	steps := []string{"building", "building", "built"}
	observe := func(context.Context) (poll.Observation[int], error) {
		step := steps[0]
		steps = steps[1:]
		obs := poll.Observation[int]{Value: len(steps), Status: step}
		switch step {
		case "built":
			obs.Verdict = poll.Done
		case "building":
		default:
			obs.Unknown = true
		}
		return obs, nil
	}
	left, err := poll.Wait(context.Background(), "image", observe, func(o *poll.Options) {
		o.Interval = time.Millisecond
		o.OnPoll = func(_ context.Context, e poll.Event) { fmt.Println(e.Attempts, e.Status, e.Verdict) }
	})
	fmt.Println(left, err)
	// Output:
	// 1 building pending
	// 2 building pending
	// 3 built done
	// 0 <nil>
}

func ExampleTimeoutError() {
	observe := func(context.Context) (poll.Observation[int], error) {
		return poll.Observation[int]{Status: "Updating", Reason: "3 of 8 nodes"}, nil
	}
	_, err := poll.Wait(context.Background(), "train", observe, func(o *poll.Options) {
		o.Interval, o.Timeout = time.Millisecond, 5*time.Millisecond
	})
	timeout, ok := errors.AsType[*poll.TimeoutError](err)
	fmt.Println(ok, errors.Is(err, context.DeadlineExceeded))
	fmt.Printf("%s is still %s: %s\n", timeout.Resource, timeout.Status, timeout.Reason)
	// Output:
	// true true
	// train is still Updating: 3 of 8 nodes
}
