// Package emul holds what the two emulators share: their clock, their record of
// calls, the identity a request carries, ids that are hashed and not random, and
// the transport that wires a real SDK client to a handler without a socket.
package emul

import "time"

// Clock is the emulators' time: start + (time.Now() − start) × speed. It reads
// real time, so that a testing/synctest bubble governs it like everything else.
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
	elapsed := time.Since(c.start)
	if c.speed != 1 {
		elapsed = time.Duration(float64(elapsed) * c.speed)
	}
	return c.start.Add(elapsed).UTC().Round(0)
}
