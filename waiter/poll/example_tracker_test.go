package poll_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// A scheduler that polls for many resources keeps a tracker for each: it makes the polls
// when the trackers say, and they apply the rules of a wait.
func ExampleTracker() {
	ctx, cancel := context.WithCancel(context.Background())
	options := func(o *poll.Options) { o.Interval, o.Jitter = time.Minute, -1 }
	built, given := poll.Track[string]("image-1", options), poll.Track[string]("image-2", options)

	now := time.Now()
	over, err := built.Saw(ctx, now, poll.Observation[string]{Status: "building"}, nil)
	due, more := built.Next(ctx, now, time.Time{}) // the options plan it
	fmt.Println(over, err, more, due.Sub(now).Round(time.Minute))

	over, err = built.Saw(ctx, due, poll.Observation[string]{Status: "built", Verdict: poll.Done}, nil)
	fmt.Println(over, err, built.Progress().Attempts)

	cancel()
	fmt.Println(errors.Is(given.Ended(ctx), poll.ErrStopped))
	// Output:
	// false <nil> true 1m0s
	// true <nil> 2
	// true
}

// One look outside of a wait, within the time that a poll may take.
func ExampleLook() {
	describe := func(ctx context.Context) (string, error) {
		<-ctx.Done() // the answer does not come
		return "", ctx.Err()
	}
	_, err := poll.Look(context.Background(), 5*time.Millisecond, describe)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))

	answered := func(context.Context) (string, error) { return "available", nil }
	fmt.Println(poll.Look(context.Background(), 0, answered))
	// Output:
	// true
	// available <nil>
}
