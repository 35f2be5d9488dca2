package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	defaultGateInterval = 30 * time.Second
	defaultGatePatience = 10 * time.Minute
)

// resolve sets the defaults.
func (o GateOptions) resolve() GateOptions {
	if o.Interval <= 0 {
		o.Interval = defaultGateInterval
	}
	o.Passes = max(o.Passes, 1)
	if o.Patience == 0 {
		o.Patience = defaultGatePatience + o.passing()
	}
	return o
}

// passing is how long the passes take at most.
func (o GateOptions) passing() time.Duration { return time.Duration(o.Passes-1) * o.Interval }

// check refuses options by which no gate could pass. They are resolved.
func (o GateOptions) check() error {
	if o.Patience > 0 && o.Patience < o.passing() {
		return fmt.Errorf("GateOptions: %d passes, %v apart, take %v, and Patience is %v: no gate could pass; make it longer",
			o.Passes, o.Interval, o.passing(), o.Patience)
	}
	return nil
}

// gateError means that a target has not passed its gate. It unwraps to what the gate said
// last.
type gateError struct {
	// Refused says that the gate refused, rather than that its patience was over.
	Refused bool
	// Asked is how often the gate was asked, Waited for how long.
	Asked  int
	Waited time.Duration
	// Passed says that the gate passed when it was asked last, though not Passes times in
	// a row.
	Passed bool
	Passes int
	// Unseen says that the gate never gave an answer.
	Unseen bool
	// Err is what the gate said last when it did not pass.
	Err error
}

// Error tells what the gate said and how often it was asked, as a clause.
func (e *gateError) Error() string {
	times := fmt.Sprintf("%d times", e.Asked)
	if e.Asked == 1 {
		times = "once"
	}
	waited := e.Waited.Round(time.Second)
	switch {
	case e.Refused && e.Asked <= 1:
		return fmt.Sprintf("the gate refused: %v", e.Err)
	case e.Refused:
		return fmt.Sprintf("the gate refused, asked %s in %v: %v", times, waited, e.Err)
	case e.Unseen:
		return fmt.Sprintf("the gate gave no answer in %v, asked %s: %v", waited, times, e.Err)
	case e.Passed && e.Err == nil:
		return fmt.Sprintf("the gate did not pass %d times in a row in %v, asked %s", e.Passes, waited, times)
	case e.Passed:
		return fmt.Sprintf("the gate did not pass %d times in a row in %v, asked %s; when it last did not pass: %v", e.Passes, waited, times, e.Err)
	default:
		return fmt.Sprintf("the gate was not passed in %v, asked %s: %v", waited, times, e.Err)
	}
}

// Unwrap returns what the gate said last.
func (e *gateError) Unwrap() error { return e.Err }

// asking is one target before its gate.
type asking struct {
	gate   Gate
	visit  Visit
	opts   GateOptions
	until  time.Time // zero without an end
	answer error     // the last that was no pass
	passed bool      // the last time
	seen   bool      // an answer
}

// askGate asks a gate until it passes. A [*gateError] means that it has not; any other
// error is that of ctx, which has ended before that was known.
func askGate(ctx context.Context, gate Gate, v Visit, o GateOptions) error {
	o = o.resolve()
	if err := o.check(); err != nil {
		return &gateError{Refused: true, Err: err}
	}
	a := &asking{gate: gate, visit: v, opts: o}
	if o.Patience > 0 {
		a.until = time.Now().Add(o.Patience)
	}
	_, err := poll.Wait(ctx, "gate of cluster "+cmp.Or(v.ARN, v.Cluster), a.ask, func(p *poll.Options) {
		p.Interval, p.Timeout = o.Interval, o.Patience
		p.Settle.Polls = o.Passes
		p.PollTimeout = -1 // ask has a limit of its own
		p.Tolerate = unanswered
	})
	return a.ended(ctx, err)
}

// ask asks the gate once.
func (a *asking) ask(ctx context.Context) (poll.Observation[struct{}], error) {
	err := a.limited(ctx)
	if err != nil && (ctx.Err() != nil || unanswered(err)) {
		return poll.Observation[struct{}]{}, err
	}
	a.seen, a.passed = true, err == nil
	if err == nil {
		return poll.Observation[struct{}]{Verdict: poll.Done, Status: "passed"}, nil
	}
	a.answer = err
	seen := poll.Observation[struct{}]{Status: "not passed", Reason: err.Error(), Err: err}
	if _, refused := errors.AsType[*RefusedError](err); refused {
		seen.Verdict = poll.Failed
	}
	return seen, nil
}

// limited calls the gate with a context that ends with the patience. The asking that is
// made when it is over gets the time of any poll.
func (a *asking) limited(ctx context.Context) error {
	if a.until.IsZero() {
		return a.gate(ctx, a.visit)
	}
	limit := max(time.Until(a.until), poll.DefaultPollTimeout)
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := a.gate(limited, a.visit)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return &noAnswerError{after: limit, err: err}
	}
	return err
}

// ended makes the error of an asking out of that of the wait.
func (a *asking) ended(ctx context.Context, err error) error {
	e := &gateError{Passed: a.passed, Passes: a.opts.Passes, Unseen: !a.seen, Err: a.answer}
	if failed, ok := errors.AsType[*poll.FailedError](err); ok {
		e.Refused, e.Asked, e.Waited = true, failed.Attempts, failed.Waited
		return e
	}
	timeout, ok := errors.AsType[*poll.TimeoutError](err)
	if !ok || ctx.Err() != nil {
		return err
	}
	e.Asked, e.Waited = timeout.Attempts, timeout.Waited
	if e.Unseen {
		e.Err = timeout.Tolerated
	}
	return e
}

// noAnswerError means that a gate went on for longer than it may. It says no, so that
// passes before it do not count.
type noAnswerError struct {
	after time.Duration
	err   error
}

func (e *noAnswerError) Error() string {
	return fmt.Sprintf("no answer within %v: %v", e.after.Round(time.Second), e.err)
}

func (e *noAnswerError) Unwrap() error { return e.err }

// unanswered tells whether a gate's error says nothing of the target: an AWS service was
// throttling, failed or could not be reached. The same of anything else may be the very
// thing that the gate is to find out.
func unanswered(err error) bool {
	if _, over := errors.AsType[*noAnswerError](err); over {
		return false
	}
	if several, ok := errors.AsType[*allOfError](err); ok {
		return !slices.ContainsFunc(several.errs, func(err error) bool { return !unanswered(err) })
	}
	_, answer := errors.AsType[smithy.APIError](err)
	_, call := errors.AsType[*smithy.OperationError](err)
	return (answer || call) && awserr.IsTransient(err)
}
