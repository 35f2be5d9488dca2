package poll

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

var (
	// ErrFailed is in the tree of every [*FailedError].
	ErrFailed = errors.New("failed")
	// ErrTimeout is in the tree of every [*TimeoutError].
	ErrTimeout = errors.New("timed out")
	// ErrStopped is in the tree of every [*StoppedError].
	ErrStopped = errors.New("wait stopped")
	// ErrReplaced is the detail of a failure: the name now belongs to another
	// resource than the one waited for.
	ErrReplaced = errors.New("replaced by another resource of the same name")
	// ErrGone is the detail of a failure: what was waited for does not exist, or
	// exists no longer.
	ErrGone = errors.New("does not exist")
)

// FailedError means that the resource can no longer reach the state waited for.
type FailedError struct {
	Progress
	// Err is the observer's detail. It may be nil.
	Err error
}

// Error tells the resource, its last status and the reason.
func (e *FailedError) Error() string {
	p := e.Progress
	if p.Reason == "" && e.Err != nil {
		p.Reason = e.Err.Error()
	}
	return fmt.Sprintf("%s: failed%s%s", p.Resource, p.seen(), p.effort())
}

// Unwrap returns [ErrFailed] and the observer's detail.
func (e *FailedError) Unwrap() []error { return present(ErrFailed, e.Err) }

// LogValue implements [slog.LogValuer].
func (e *FailedError) LogValue() slog.Value {
	return e.logValue(slog.String("outcome", "failed"), e.Err)
}

// TimeoutError means that the time was up, by [Options].Timeout or by the
// deadline of the context, while the resource was still on its way.
type TimeoutError struct {
	Progress
	// Cause is [context.DeadlineExceeded], or what [context.Cause] says of the
	// context whose deadline passed.
	Cause error
}

// Error tells the resource, its last status and how long was waited.
func (e *TimeoutError) Error() string {
	s := fmt.Sprintf("%s: timed out%s%s", e.Resource, e.seen(), e.effort())
	if e.Cause != nil && !errors.Is(e.Cause, context.DeadlineExceeded) {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns [ErrTimeout], [context.DeadlineExceeded] and the cause.
func (e *TimeoutError) Unwrap() []error {
	return present(ErrTimeout, context.DeadlineExceeded, e.Cause)
}

// LogValue implements [slog.LogValuer].
func (e *TimeoutError) LogValue() slog.Value {
	return e.logValue(slog.String("outcome", "timed out"), e.Cause)
}

// StoppedError means that the wait was given up before the resource's fate was
// known: by a cancellation, or by an error that was not to be ridden out.
type StoppedError struct {
	Progress
	// Err is the observer's error, or [context.Canceled].
	Err error
	// Cause is what [context.Cause] says after a cancellation, nil otherwise.
	Cause error
}

// Error tells the resource, its last status and what stopped the wait.
func (e *StoppedError) Error() string {
	why := e.Err
	if e.Cause != nil {
		why = e.Cause
	}
	return fmt.Sprintf("%s: wait stopped%s%s: %v", e.Resource, e.seen(), e.effort(), why)
}

// Unwrap returns [ErrStopped], the error that stopped the wait, and the cause.
func (e *StoppedError) Unwrap() []error { return present(ErrStopped, e.Err, e.Cause) }

// LogValue implements [slog.LogValuer].
func (e *StoppedError) LogValue() slog.Value {
	return e.logValue(slog.String("outcome", "stopped"), e.Err)
}

// present drops the nils: a tree of errors must not hold any.
func present(errs ...error) []error {
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}
