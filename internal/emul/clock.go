// Package emul holds what the two emulators share: their clock, their record of
// calls, the identity a request carries, ids that are hashed and not random, and
// the transport that wires a real SDK client to a handler without a socket.
package emul

import (
	"context"
	"time"
)

// Clock is the emulators' time: start + (time.Now() − start) × speed. It reads
// real time, so that a testing/synctest bubble governs it like everything else.
// The zero Clock is real time.
type Clock struct {
	start time.Time
	speed float64
}

// NewClock starts a clock now. A speed of zero or less means 1.
func NewClock(speed float64) Clock {
	if speed <= 0 {
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
		elapsed = time.Duration(float64(elapsed) * c.speed)
	}
	return c.start.Add(elapsed).UTC().Round(0)
}

// Sleep waits for so much emulated time, or until ctx ends, whose error it returns.
func (c Clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.speed > 0 {
		d = time.Duration(float64(d) / c.speed)
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
