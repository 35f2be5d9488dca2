package emul

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// Faults are what goes wrong with calls, and hooks around them. An operation of ""
// means every one. The zero value is none. It may be used from many goroutines.
type Faults struct {
	// Clock measures rates and delays. The zero value is real time.
	Clock Clock

	mu     sync.Mutex
	counts []*counted
	rates  []*rate
	delays []delay
	before []Before
	after  []After
}

// Before is called with a copy of the input before anything else happens to a call.
// An error that it returns is what the call answers.
type Before = func(ctx context.Context, operation string, input any) error

// After is called with a copy of the input and the error that the caller gets.
type After = func(ctx context.Context, operation string, input any, err error)

type effect int

const (
	fail effect = iota
	ignoreChange
	loseResponse
)

// counted is a fault of so many calls; a negative number never ends.
type counted struct {
	operation string
	effect    effect
	left      int
	err       error
}

// rate is a bucket that holds what may be called at once.
type rate struct {
	operation string
	perSecond float64
	tokens    float64
	filled    time.Time
	err       error
}

type delay struct {
	operation string
	by        time.Duration
}

// Fail makes the next calls answer err and change nothing. Negative times means all.
func (f *Faults) Fail(operation string, times int, err error) {
	f.count(&counted{operation: operation, effect: fail, left: times, err: err})
}

// LoseResponse makes the next calls do what they do, while the caller gets [ErrLost].
func (f *Faults) LoseResponse(operation string, times int) {
	f.count(&counted{operation: operation, effect: loseResponse, left: times})
}

// Ignore makes the next calls answer as ever and change nothing.
func (f *Faults) Ignore(operation string, times int) {
	f.count(&counted{operation: operation, effect: ignoreChange, left: times})
}

func (f *Faults) count(c *counted) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts = append(f.counts, c)
}

// Throttle makes calls above a rate answer err. A second's worth may come at once,
// and at least one call.
func (f *Faults) Throttle(operation string, perSecond float64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rates = append(f.rates, &rate{operation, perSecond, max(1, perSecond), f.Clock.Now(), err})
}

// Delay makes every call take so much longer.
func (f *Faults) Delay(operation string, by time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delays = append(f.delays, delay{operation, by})
}

// Before adds a hook, which is run with no lock held, after those added before.
func (f *Faults) Before(hook Before) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = append(f.before, hook)
}

// After adds a hook, which is run with no lock held, after those added before.
func (f *Faults) After(hook After) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.after = append(f.after, hook)
}

// Clear ends all faults and removes the hooks.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts, f.rates, f.delays, f.before, f.after = nil, nil, nil, nil, nil
}

// ErrLost returns what a caller gets whose connection broke before the answer came,
// in the form that the SDK's HTTP client gives it; the SDK retries it.
func ErrLost() error { return &smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF} }

// IsLost reports whether an error stands for a broken connection, which a door must
// not answer but break off.
func IsLost(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }

// Around makes a call with its faults: do, if it comes to that, is told to answer as
// ever but change nothing when ignore is set. No lock is held while do runs.
func Around[O any](ctx context.Context, f *Faults, operation string, input any, do func(ignore bool) (O, error)) (out O, err error) {
	f.mu.Lock()
	before, after := f.before, f.after
	f.mu.Unlock()
	defer func() {
		for _, hook := range after {
			hook(ctx, operation, deep.Copy(input), err)
		}
	}()
	for _, hook := range before {
		if err := hook(ctx, operation, deep.Copy(input)); err != nil {
			return out, err
		}
	}
	p := f.plan(operation)
	if err := f.Clock.Sleep(ctx, p.delay); err != nil {
		return out, err
	}
	if p.err != nil {
		return out, p.err
	}
	out, err = do(p.ignore)
	if p.lose {
		var none O
		return none, ErrLost()
	}
	return out, err
}

// plan is what the faults make of one call.
type plan struct {
	delay        time.Duration
	err          error
	ignore, lose bool
}

// plan uses up what a call uses up: one that is throttled no count.
func (f *Faults) plan(operation string) plan {
	f.mu.Lock()
	defer f.mu.Unlock()
	var p plan
	for _, d := range f.delays {
		if concerns(d.operation, operation) {
			p.delay += d.by
		}
	}
	now := f.Clock.Now()
	for _, r := range f.rates {
		if concerns(r.operation, operation) && !r.take(now) {
			p.err = r.err
			return p
		}
	}
	if c := f.take(fail, operation); c != nil {
		p.err = c.err
		return p
	}
	p.ignore = f.take(ignoreChange, operation) != nil
	p.lose = f.take(loseResponse, operation) != nil
	return p
}

// take uses up one call of the oldest fault of its kind.
func (f *Faults) take(e effect, operation string) *counted {
	for _, c := range f.counts {
		if c.effect == e && c.left != 0 && concerns(c.operation, operation) {
			if c.left > 0 {
				c.left--
			}
			return c
		}
	}
	return nil
}

func (r *rate) take(now time.Time) bool {
	r.tokens = min(max(1, r.perSecond), r.tokens+now.Sub(r.filled).Seconds()*r.perSecond)
	r.filled = now
	if r.tokens < 1 {
		return false
	}
	r.tokens--
	return true
}

func concerns(fault, operation string) bool { return fault == "" || fault == operation }
