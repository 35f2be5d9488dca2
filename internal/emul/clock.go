// Package emul holds what the two emulators share: their clock, their record of
// calls, the identity a request carries, ids that are hashed and not random, and
// the transport that wires a real SDK client to a handler without a socket.
package emul

import (
	"context"
	"math"
	"time"
)

// Clock is the emulators' time: start + (time.Now() − start) × speed. It reads
// real time, so that a testing/synctest bubble governs it like everything else.
// The zero Clock is real time. It stops some 290 years after its start, where Go's
// durations end.
type Clock struct {
	start time.Time
	speed float64
}

// NewClock starts a clock now. A speed of zero or less, or that is no number, means 1.
func NewClock(speed float64) Clock {
	if speed <= 0 || math.IsNaN(speed) {
		speed = 1
	}
	return Clock{start: time.Now(), speed: speed}
}

// Now returns the emulated time, in UTC and without a monotonic reading.
func (c Clock) Now() time.Time {
	if c.start.IsZero() {
		return time.Now().UTC().Round(0)
	}
	elapsed := time.Since(c.start)
	if c.speed != 1 {
		elapsed = scale(elapsed, c.speed)
	}
	return c.start.Add(elapsed).UTC().Round(0)
}

// scale multiplies a duration, to the largest one at most.
func scale(d time.Duration, by float64) time.Duration {
	scaled := float64(d) * by
	if scaled >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(scaled)
}

// Sleep waits for so much emulated time, or until ctx ends, whose error it returns.
func (c Clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.speed > 0 {
		d = scale(d, 1/c.speed)
	}
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
