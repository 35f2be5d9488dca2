package bench

import (
	"math/rand/v2"
	"time"

	"github.com/aws/smithy-go/waiter"
	"github.com/cenkalti/backoff/v5"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Look is what a wait knows after a poll that did not find the end.
type Look struct {
	// Polls counts the polls made, this one included.
	Polls int
	// Began and Ended are when this one began and came back, since the wait began.
	Began, Ended time.Duration
	// Counts is what it saw.
	Counts poll.Counts
}

// Pauser returns how long to pause before the next poll, and false when there is
// none. It serves one wait.
type Pauser func(Look) (time.Duration, bool)

// Waiting is a way to wait.
type Waiting struct {
	Name string
	New  func(rng *rand.Rand, timeout time.Duration) Pauser
}

// Ours is the cadence of package poll for operations of the typical duration, with
// its default jitter.
func Ours(typical time.Duration) Waiting {
	return Waiting{"hyperpodkit", func(rng *rand.Rand, timeout time.Duration) Pauser {
		return cadence(typical, timeout, func() float64 { return 1 - poll.DefaultJitter*rng.Float64() })
	}}
}

// cadence polls as poll.Wait does, once more at the deadline included.
func cadence(typical, timeout time.Duration, jitter func() float64) Pauser {
	c := poll.Cadence{Typical: typical}
	var trend poll.Trend
	return func(l Look) (time.Duration, bool) {
		trend = trend.Saw(l.Ended, l.Counts)
		pause := scale(c.Pause(l.Ended, trend), jitter())
		return max(min(pause, timeout-l.Ended), 0), l.Began < timeout
	}
}

// SDK is the loop that the AWS SDK for Go generates for its waiters, with the SDK's
// own function for the delay.
func SDK(least, most time.Duration) Waiting {
	name := "SDK's loop, " + span(least, most)
	return Waiting{name, func(_ *rand.Rand, timeout time.Duration) Pauser {
		remaining := timeout
		return func(l Look) (time.Duration, bool) {
			remaining -= l.Ended - l.Began
			if remaining < least || remaining <= 0 {
				return 0, false
			}
			delay, err := waiter.ComputeDelay(int64(l.Polls), least, most, remaining)
			remaining -= delay
			return delay, err == nil
		}
	}}
}

// Terraform is StateChangeConf of the Terraform plugin SDK with its defaults: pauses
// double from 200 milliseconds to 10 seconds.
func Terraform() Waiting {
	return Waiting{"Terraform StateChangeConf", func(_ *rand.Rand, timeout time.Duration) Pauser {
		pause := 100 * time.Millisecond
		return func(l Look) (time.Duration, bool) {
			pause = min(2*pause, 10*time.Second)
			return pause, l.Ended+pause < timeout
		}
	}}
}

// Backoff is ExponentialBackOff of cenkalti/backoff with its defaults. The jitter is
// drawn here, by the same rule, because the package's own cannot be repeated.
func Backoff() Waiting {
	return Waiting{"cenkalti/backoff", func(rng *rand.Rand, timeout time.Duration) Pauser {
		b := backoff.NewExponentialBackOff()
		b.RandomizationFactor = 0
		return func(l Look) (time.Duration, bool) {
			jitter := 1 - backoff.DefaultRandomizationFactor + 2*backoff.DefaultRandomizationFactor*rng.Float64()
			pause := scale(b.NextBackOff(), jitter)
			return pause, l.Ended+pause <= timeout
		}
	}}
}

// Fixed pauses for the same time always.
func Fixed(interval time.Duration) Waiting {
	return Waiting{"every " + interval.String(), func(_ *rand.Rand, timeout time.Duration) Pauser {
		return func(l Look) (time.Duration, bool) { return interval, l.Ended+interval <= timeout }
	}}
}

func span(least, most time.Duration) string { return least.String() + " to " + most.String() }
