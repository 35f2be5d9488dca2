package waiter

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// Limiter bounds the rate of the API calls of all waits that are given the same one
// in [Options]. SageMaker does not publish the rates at which it throttles; they are
// counted per account and Region.
//
// It is a token bucket: burst calls may be made at once, and then one whenever a
// token has come. Calls are served in the order in which they ask. It starts no
// goroutine and may be used by many. A nil Limiter, and the zero value, limit
// nothing.
type Limiter struct {
	turn  chan struct{} // held by the call that is served next
	every time.Duration // between two tokens
	burst float64

	mu     sync.Mutex
	tokens float64
	asOf   time.Time
}

// NewLimiter returns a limiter of so many calls per second, after a burst of at most
// burst calls. A rate of zero or less limits nothing; a burst below 1 means 1.
func NewLimiter(callsPerSecond float64, burst int) *Limiter {
	if !(callsPerSecond > 0) || math.IsInf(callsPerSecond, 1) {
		return &Limiter{}
	}
	full := math.Max(float64(burst), 1)
	return &Limiter{
		turn:  make(chan struct{}, 1),
		every: time.Duration(math.Min(math.Ceil(float64(time.Second)/callsPerSecond), math.MaxInt64/2)),
		burst: full, tokens: full, asOf: time.Now(),
	}
}

// limits tells whether it limits anything.
func (l *Limiter) limits() bool { return l != nil && l.turn != nil }

// Wait waits until a call may be made. It returns the error of ctx when that ends
// first, and then takes nothing from the others.
func (l *Limiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil || !l.limits() {
		return err
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	for {
		pause := l.take()
		if pause <= 0 {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// take takes a token, or returns how long it is until there is one.
func (l *Limiter) take() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tokens = math.Min(l.burst, l.tokens+float64(now.Sub(l.asOf))/float64(l.every))
	l.asOf = now
	// What rounding may leave of a token is not worth another pause.
	if missing := 1 - l.tokens; missing > 1e-6 {
		return max(time.Duration(math.Ceil(missing*float64(l.every))), 1)
	}
	l.tokens--
	return 0
}

// limitRetries makes every attempt but the first wait for its turn. It does nothing
// to a client that does not retry.
func (l *Limiter) limitRetries(stack *middleware.Stack) error {
	if _, retries := stack.Finalize.Get("Retry"); !retries {
		return nil
	}
	attempts := 0
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("hyperpodkit:Limiter",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			if attempts++; attempts > 1 {
				if err := l.Wait(ctx); err != nil {
					return middleware.FinalizeOutput{}, middleware.Metadata{}, err
				}
			}
			return next.HandleFinalize(ctx, in)
		}), "Retry", middleware.After)
}
