package poll_test

import (
	"context"
	"time"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// resource is done from a moment on and remembers when it was looked at, as
// times since it was made.
type resource struct {
	made  time.Time
	done  time.Duration // negative: never
	polls []time.Duration
	each  func(n int) error // what else happens at the n-th poll, from 1
}

func newResource(done time.Duration) *resource { return &resource{made: time.Now(), done: done} }

func (r *resource) observe(context.Context) (poll.Observation[string], error) {
	age := time.Since(r.made)
	r.polls = append(r.polls, age)
	if r.each != nil {
		if err := r.each(len(r.polls)); err != nil {
			return poll.Observation[string]{}, err
		}
	}
	if r.done >= 0 && age >= r.done {
		return poll.Observation[string]{Value: "ready", Verdict: poll.Done, Status: "Ready"}, nil
	}
	return poll.Observation[string]{Value: "coming", Status: "Coming", Reason: "not all is there"}, nil
}

// every sets a fixed interval, so that the times of polls are exact.
func every(d time.Duration) func(*poll.Options) {
	return func(o *poll.Options) { o.Interval, o.Jitter = d, -1 }
}
